"""`rlcf check --project`: source trees, what git says has changed, mined projects, SARIF, the CI example."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rlcf.languages.java.jdk import find_jdk
from tests.cli.test_check import rlcf

pytestmark = pytest.mark.usefixtures("jdk")

SOURCES = "src/main/java"
ITEM = "package shop;\npublic class Item {\n    public int price() { return 1; }\n}\n"
CART = "package shop;\npublic class Cart {\n    public int sum(Item item) { return item.price(); }\n}\n"
CI_EXAMPLE = Path(__file__).parents[2] / "docs" / "ci" / "github-actions.yml"
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def write(folder: Path, **files: str) -> None:
    """Classes of the package `shop` in Maven's layout."""
    place = folder / SOURCES / "shop"
    place.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (place / f"{name}.java").write_text(text, encoding="utf-8", newline="")


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project of two classes, in a folder of its own."""
    folder = tmp_path / "shop"
    write(folder, Item=ITEM, Cart=CART)
    return folder


@pytest.fixture
def repository(shop: Path) -> Path:
    """The same, as the folder `service` of a repository with one commit."""
    root = shop.parent / "repository"
    root.mkdir()
    shop.rename(root / "service")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "one")
    return root


def heads(output: str) -> list[str]:
    return [line for line in output.splitlines() if not line.startswith(" ")]


def name(of: str) -> str:
    return f"{SOURCES}/shop/{of}.java"


def test_without_an_input_all_of_the_project_is_checked(shop: Path) -> None:
    write(shop, Bad="package shop;\r\nclass Bad {\r\n\tString é = nope;\r\n}\r\n")
    result = rlcf("check", "--project", ".", cwd=shop)
    assert heads(result.stdout) == [
        f"{name('Bad')}: rejected",
        f"{name('Cart')}: accepted",
        f"{name('Item')}: accepted",
    ]
    assert result.stdout.splitlines()[1].startswith("  3:13 error: cannot find symbol")
    assert result.returncode == 1
    (row, *_) = [
        json.loads(line) for line in rlcf("check", "--project", "shop", "--json", cwd=shop.parent).stdout.splitlines()
    ]
    assert row["id"] == f"shop/{name('Bad')}"
    assert (row["diagnostics"][0]["column"], row["diagnostics"][0]["offset"]) == (13, 40)


def test_an_error_that_a_file_causes_elsewhere_is_reported_too(shop: Path) -> None:
    write(shop, Item=ITEM.replace("price()", "price(int n)"), Other="package shop; class Other { }")
    result = rlcf("check", "--project", ".", name("Item"), cwd=shop)
    assert heads(result.stdout) == [
        f"{name('Item')}: accepted",
        f"{name('Cart')}: rejected (elsewhere in the project)",
    ]
    assert result.returncode == 1


def test_a_syntax_error_and_a_file_that_is_not_utf_8_do_not_hide_what_is_wrong_elsewhere(shop: Path) -> None:
    write(shop, Broken="package shop; class Broken { int f( { } }", Cart=CART.replace("price", "prize"))
    (shop / SOURCES / "shop" / "Latin.java").write_bytes(
        'package shop; class Latin { String s = "é"; }'.encode("latin-1")
    )
    result = rlcf("check", "--project", ".", "--json", cwd=shop)
    rows = {Path(row["id"]).stem: row for row in map(json.loads, result.stdout.splitlines())}
    assert {k: v["status"] for k, v in rows.items()} == {
        "Broken": "rejected", "Cart": "rejected", "Item": "accepted", "Latin": "rejected",
    }  # fmt: skip
    assert rows["Latin"]["diagnostics"][0]["code"] == "compiler.err.illegal.char.for.encoding"


def test_a_file_outside_the_sources_is_checked_against_them_by_itself(shop: Path, tmp_path: Path) -> None:
    tests = shop / "src/test/java/shop"
    tests.mkdir(parents=True)
    (tests / "CartTest.java").write_text(
        "package shop; class CartTest { int n = new Cart().sum(new Item()); }", "utf-8"
    )
    (tmp_path / "New.java").write_text(ITEM.replace("price()", "price(int n)"), encoding="utf-8")
    result = rlcf("check", "--project", "shop", "shop/src/test", "New.java", cwd=tmp_path)
    assert heads(result.stdout) == ["shop/src/test/java/shop/CartTest.java: accepted", "New.java: accepted"]
    result = rlcf("check", "--project", "shop", "shop/src", cwd=tmp_path)
    assert [line.rpartition("/")[2] for line in heads(result.stdout)] == ["Cart.java: accepted", "Item.java: accepted"]


def test_compiled_code_without_a_source_is_used_unless_its_source_is_gone(shop: Path) -> None:
    classes = shop / "target" / "classes"
    write(shop, Old="package shop; public class Old { }")
    (shop / "Kotlin.java").write_text("package shop; public class Kotlin { }", encoding="utf-8")
    files = [shop / "Kotlin.java", *sorted((shop / SOURCES / "shop").iterdir())]
    subprocess.run([find_jdk().javac, "-d", classes, *files], check=True, capture_output=True)
    (shop / "Kotlin.java").unlink()
    compiled = classes / "shop" / "Kotlin.class"  # as another language's compiler would leave it
    compiled.write_bytes(compiled.read_bytes().replace(b"\x00\x0bKotlin.java", b"\x00\x0bKotlin.scal"))
    write(shop, Cart=CART.replace("}\n}", "}\n    Kotlin k;\n}"))
    assert rlcf("check", "--project", ".", cwd=shop).returncode == 0
    write(shop, Cart=CART.replace("}\n}", "}\n    Kotlin k; Old old;\n}"))
    (shop / SOURCES / "shop" / "Old.java").unlink()
    result = rlcf("check", "--project", ".", "--json", cwd=shop)
    [row] = [row for row in map(json.loads, result.stdout.splitlines()) if row["diagnostics"]]
    assert [d["message"].splitlines()[1].split() for d in row["diagnostics"]] == [["symbol:", "class", "Old"]]


@pytest.mark.parametrize(
    ("requires", "codes"), [("java.logging", ["compiler.err.package.not.visible"]), ("java.sql", [])]
)
def test_a_project_sees_the_modules_of_the_platform_that_its_declaration_requires(
    requires: str, codes: list[str], shop: Path
) -> None:
    declaration = f"/* requires java.sql; */ module shop {{\n  requires static transitive {requires};\n}}"
    (shop / SOURCES / "module-info.java").write_text(declaration, encoding="utf-8")
    write(shop, Sql="package shop; class Sql { java.sql.Connection c; }")
    (shop / "New.java").write_text("class New { java.sql.Connection c; shop.Item i; }", encoding="utf-8")
    result = rlcf("check", "--project", ".", "--json", name("Sql"), "New.java", cwd=shop)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [[d["code"] for d in row["diagnostics"]] for row in rows] == [codes, codes]
    old = rlcf("check", "--project", ".", "--release", "8", name("Sql"), cwd=shop)
    assert old.returncode == 0  # Java 8 has no modules


@needs_git
def test_changed_files_are_those_that_differ_from_a_revision_in_index_and_worktree(repository: Path) -> None:
    service = repository / "service"
    nothing = rlcf("check", "--project", "service", "--changed", cwd=repository)
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert nothing.stderr == "note: no source file of service in java has changed since HEAD\n"
    write(service, New="package shop; class New { Item item; }")
    (service / SOURCES / "shop" / "Cart.java").rename(service / SOURCES / "shop" / "Basket.java")
    write(service, Basket=CART.replace("Cart", "Basket"))
    git(repository, "add", "service/" + name("Basket"))
    (repository / ".gitignore").write_text("*Ignored.java", encoding="utf-8")
    write(service, Ignored="package shop; class Ignored { }")
    tests = service / "src/test/java"
    tests.mkdir(parents=True)
    (tests / "T.java").write_text("class T { org.junit.Test t; }", encoding="utf-8")
    result = rlcf("check", "--project", "service", "--changed", cwd=repository)
    assert heads(result.stdout) == [f"service/{name(n)}: accepted" for n in ("Basket", "New")]
    assert result.returncode == 0
    assert "changed, but no part of what is compiled, and not checked: service/src/test/java/T.java" in result.stderr
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "two")
    write(service, Item=ITEM + "// changed\n")
    since = rlcf("check", "--project", "service", "--changed", "--since", "HEAD~1", cwd=repository)
    assert [line.rpartition("/")[2] for line in heads(since.stdout)] == [
        "Basket.java: accepted", "Item.java: accepted", "New.java: accepted",
    ]  # fmt: skip


@needs_git
def test_a_deleted_file_is_a_change_too(repository: Path) -> None:
    (repository / "service" / name("Item")).unlink()
    result = rlcf("check", "--project", "service", "--changed", cwd=repository)
    assert heads(result.stdout) == [f"service/{name('Cart')}: rejected (elsewhere in the project)"]
    assert (result.returncode, result.stderr) == (
        1,
        f"note: deleted, so the project is compiled without: service/{name('Item')}\n",
    )


def test_a_mined_project_is_checked_with_what_its_project_file_says(shop: Path, tmp_path: Path) -> None:
    mined = tmp_path / "mined"
    mined.mkdir()
    files = sorted((shop / SOURCES / "shop").iterdir())
    subprocess.run([find_jdk().javac, "-d", mined / "classes", *files], check=True, capture_output=True)
    (mined / "project.toml").write_text(
        'name = "shop"\nsources = "sources.jsonl.gz"\n[language]\nname = "java"\nclass_path = ["classes"]\n', "utf-8"
    )
    rows = [{"path": "Cart.java", "text": CART}, {"path": "Bad.java", "text": CART.replace("price", "prize")}]
    with gzip.open(mined / "sources.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    for where in ("mined", "mined/project.toml"):
        result = rlcf("check", "--project", where, cwd=tmp_path)
        assert heads(result.stdout) == ["Cart.java: accepted", "Bad.java: rejected"]
    assert rlcf("check", "--project", "mined", f"shop/{name('Cart')}", cwd=tmp_path).returncode == 0
    assert (
        rlcf("check", "--project", "mined", "--class-path", "shop", f"shop/{name('Cart')}", cwd=tmp_path).returncode
        == 1
    )
    no_tree = rlcf("check", "--project", "mined", "--changed", cwd=tmp_path)
    assert no_tree.returncode == 2
    assert "is no source tree: --changed needs the folder that git knows" in no_tree.stderr
    (mined / "project.toml").unlink()
    moved = rlcf("check", "--project", "mined", cwd=tmp_path)
    assert moved.returncode == 2
    assert "no project file" in moved.stderr
    assert len(moved.stderr.splitlines()) == 1


def test_another_tools_project_toml_does_not_make_a_folder_a_mined_project(shop: Path) -> None:
    (shop / "project.toml").write_text('[_]\nschema-version = "0.2"\n', encoding="utf-8")  # buildpacks
    assert rlcf("check", "--project", ".", cwd=shop).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--project", "nowhere"], "no such project: nowhere: expected a folder, or a project.toml of rlcf tasks mine"),
        (["--project", "loop"], "no such project: loop"),
        (["--project", "empty"], "no project in empty: expected sources whose names end in .java"),
        (["--project", "text.toml"], "text.toml is no project file as rlcf tasks mine writes it"),
        (["--project", "shop", "--class-path", "shop:no.jar"], "no such file or folder on the class path: no.jar"),
        (["--project", "shop", "--class-path", "@no.txt"], "cannot read no.txt"),
        (["--project", "shop", "--source-path", "shop"], "--source-path has no place beside --project"),
        (["--project", "shop", "nowhere.java"], "cannot read nowhere.java: No such file or directory"),
        (["--project", "shop", "loop"], "cannot tell the language of loop"),
        (["--project", "shop", "--changed", "shop"], "--changed takes the files that git names: leave shop out"),
        (["--project", "shop", "--since", "HEAD"], "--since HEAD says since when something has --changed"),
        (["--changed"], "--changed needs the folder that git knows"),
        ([], "nothing to check"),
        (["--json", "--format", "sarif", "shop"], "--json is short for --format json"),
    ],
)
def test_a_mistake_about_a_project_is_one_line(arguments: list[str], message: str, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.toml").write_text("no toml", encoding="utf-8")
    result = rlcf("check", *arguments, cwd=tmp_path)
    assert message in result.stderr
    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (2, "", 1)


def test_links_in_a_circle_inside_a_project_do_no_harm(shop: Path) -> None:
    (shop / SOURCES / "again").symlink_to(shop, target_is_directory=True)
    (shop / SOURCES / "Loop.java").symlink_to("Loop.java")
    result = rlcf("check", "--project", ".", cwd=shop)
    assert heads(result.stdout) == [f"{name('Cart')}: accepted", f"{name('Item')}: accepted"]


@needs_git
@pytest.mark.parametrize(
    ("since", "message"),
    [
        ("origin/main", "git knows no revision 'origin/main' in "),
        ("--output=x", "git knows no revision '--output=x' in "),
    ],
)
def test_a_revision_that_git_does_not_know_is_one_line(since: str, message: str, repository: Path) -> None:
    result = rlcf("check", "--project", "service", "--changed", f"--since={since}", cwd=repository)
    assert message in result.stderr
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)


@needs_git
@pytest.mark.parametrize("is_submodule", [True, False])
def test_what_a_repository_inside_holds_counts_as_changed(is_submodule: bool, repository: Path) -> None:
    inside = repository / "service" / "sub mod"
    write(inside, Sub="package sub; class Sub { }")
    git(inside, "init", "-q")
    git(inside, "add", ".")
    git(inside, "commit", "-q", "-m", "one")
    if is_submodule:
        git(repository, "-c", "advice.addEmbeddedRepo=false", "add", ".")
        git(repository, "commit", "-q", "-m", "two")
        assert not rlcf("check", "--project", "service", "--changed", cwd=repository).stdout
    write(inside, Sub="package sub; class Sub { int n = nope; }")
    result = rlcf("check", "--project", "service", "--changed", cwd=repository)
    assert heads(result.stdout) == [f"service/sub mod/{name('Sub')}: rejected"]
    assert result.returncode == 1


def test_without_git_or_a_repository_changed_is_one_line(shop: Path) -> None:
    inside = {"GIT_CEILING_DIRECTORIES": str(shop.parent)}
    result = rlcf("check", "--project", ".", "--changed", cwd=shop, environment=inside)
    if shutil.which("git"):
        assert "git cannot tell what has changed in" in result.stderr
        assert "not a git repository" in result.stderr
        assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    no_git = {"PATH": "/nowhere", "JAVA_HOME": str(find_jdk().home)}
    result = rlcf("check", "--project", ".", "--changed", cwd=shop, environment=no_git)
    assert result.stderr == "rlcf: git is not installed: install it, or name the files instead of --changed\n"
    assert result.returncode == 3


def run_of(document: str) -> dict[str, Any]:
    """The run of a SARIF document, after what the standard requires of it has been checked."""
    log = json.loads(document)
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "rlcf"
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        for location in result["locations"]:
            if physical := location.get("physicalLocation"):
                assert not physical["artifactLocation"]["uri"].startswith(("/", "."))
                assert physical["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
                assert min(physical.get("region", {"startLine": 1}).values()) >= 1
    marks = [json.dumps([r["ruleId"], r["locations"][0].get("physicalLocation", {}).get("artifactLocation"),
                         r["partialFingerprints"]]) for r in run["results"]]  # fmt: skip
    assert len(set(marks)) == len(marks)
    return run  # type: ignore[no-any-return]


@needs_git
def test_sarif_names_places_from_the_root_of_the_repository_in_characters(repository: Path) -> None:
    service = repository / "service"
    write(
        service,
        **{
            "Ö 1": 'package shop;\nclass A {\n\tString s = "𝒳" + x; int b = x;\n\tString s2 = "𝒳" + x; int b2 = x;\n}\n'
        },
    )
    result = rlcf("check", "--project", ".", "--format", "sarif", cwd=service)
    assert result.returncode == 1
    run = run_of(result.stdout)
    first = run["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {
        "uri": "service/src/main/java/shop/%C3%96%201.java", "uriBaseId": "%SRCROOT%",
    }  # fmt: skip
    assert place["region"] == {"startLine": 3, "startColumn": 19}
    assert first["ruleId"] == "compiler.err.cant.resolve.location"
    assert len(run["results"]) == 4
    write(service, **{"Ö 1": '// another line\npackage shop;\nclass A {\n\tString s = "𝒳" + x; int b = 1;\n}\n'})
    moved = run_of(rlcf("check", "--project", ".", "--format", "sarif", cwd=service).stdout)
    assert moved["results"][0]["partialFingerprints"] != first["partialFingerprints"]  # the line's text has changed


def test_sarif_has_completions_escapes_and_accepted_programs(tmp_path: Path) -> None:
    (tmp_path / "A.java").write_text("class A { }", encoding="utf-8")
    evil = "\x1b]0;owned\x07\u202e"
    (tmp_path / "B.java").write_text(f"class B {{ int x = y{evil}; }}", encoding="utf-8")
    (tmp_path / "t.jsonl").write_text(json.dumps({"task_id": evil, "prompt": "class A {"}), encoding="utf-8")
    (tmp_path / "s.jsonl").write_text(json.dumps({"task_id": evil, "completion": "int"}), encoding="utf-8")
    accepted = rlcf("check", "--format", "sarif", "A.java", cwd=tmp_path)
    assert (accepted.returncode, run_of(accepted.stdout)["results"]) == (0, [])
    result = rlcf("check", "--format", "sarif", "--tasks", "t.jsonl", "B.java", "s.jsonl", cwd=tmp_path)
    assert not {"\x1b", "\x07", "\u202e"} & set(result.stdout)
    run = run_of(result.stdout)
    assert run["results"][-1]["locations"] == [{"logicalLocations": [{"fullyQualifiedName": evil}]}]


@needs_git
def test_the_ci_example_runs_as_written(repository: Path, tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")
    job = yaml.safe_load(CI_EXAMPLE.read_text(encoding="utf-8"))["jobs"]["check"]
    [command] = [step["run"] for step in job["steps"] if step.get("run", "").startswith("rlcf ")]
    upload = next(step for step in job["steps"] if "upload-sarif" in step.get("uses", ""))
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "rlcf").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m rlcf.cli.main "$@"\n', encoding="utf-8")
    (tools / "rlcf").chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    service = repository / "service"
    for text, code, results in ((ITEM, 0, 0), (ITEM.replace("price", "prize"), 1, 1)):
        write(service, Item=text)
        done = subprocess.run(["bash", "-e", "-c", command], cwd=service, env=environment, check=False)
        assert done.returncode == code
        run = run_of((service / upload["with"]["sarif_file"]).read_text(encoding="utf-8"))
        assert len(run["results"]) == results
