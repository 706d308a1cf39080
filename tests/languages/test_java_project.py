"""Java programs checked as a part of somebody's project: class path, source path, release."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from rlcf.config.languages import JavaOptions
from rlcf.errors import CheckerUnavailable, UserError
from rlcf.languages.java.checker import JavaChecker
from rlcf.languages.java.classes import java_of
from rlcf.languages.java.jdk import find_jdk

SHOP = "package com.acme; public class Shop { public int price() { return new Item().cost; } }"
ITEM = "package com.acme; public class Item { public int cost; }"
BROKEN = "package com.acme;\npublic class Broken { int x = nope; }"


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "src"
    (folder / "com" / "acme").mkdir(parents=True)
    for name, text in (("Shop", SHOP), ("Item", ITEM), ("Broken", BROKEN)):
        (folder / "com" / "acme" / f"{name}.java").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def classes(sources: Path, jdk_here: None) -> Path:
    """The project compiled, Shop and Item in a jar."""
    folder = sources.parent / "classes"
    jdk = find_jdk()
    files = [sources / "com" / "acme" / f"{name}.java" for name in ("Shop", "Item")]
    subprocess.run([jdk.javac, "-d", folder, *files], check=True, capture_output=True)
    jar = sources.parent / "shop.jar"
    subprocess.run([jdk.home / "bin" / "jar", "cf", jar, "-C", folder, "."], check=True, capture_output=True)
    return jar


def codes(options: JavaOptions, *programs: str) -> list[str]:
    """The code of each program's first error, or its status when there is none."""
    with JavaChecker(workers=1, timeout_s=30.0, options=options) as checker:
        verdicts = checker.check(programs)
    return [v.diagnostics[0].code if v.diagnostics else v.status for v in verdicts]


USES = (
    "package com.acme; class Use { int f(Shop s) { return s.price(); } }",
    "import com.acme.*; class Use { int f(Shop s) { return s.prize(); } }",
    "import com.acme.Shop; class Use { int f() { return new Shop().price(); } }",
)
AS_THEY_ARE = ["accepted", "compiler.err.cant.resolve.location.args", "accepted"]


def test_imports_resolve_on_the_source_path(sources: Path, jdk_here: None) -> None:
    assert codes(JavaOptions(source_path=(sources,)), *USES, *USES) == AS_THEY_ARE * 2


def test_imports_resolve_in_a_jar(classes: Path) -> None:
    assert codes(JavaOptions(class_path=(classes,)), *USES, *USES) == AS_THEY_ARE * 2


def test_without_the_project_nothing_resolves(jdk_here: None) -> None:
    assert "accepted" not in codes(JavaOptions(), *USES)


@pytest.mark.parametrize("where", ["sources", "classes"])
def test_a_program_replaces_the_file_that_stands_there_and_only_for_itself(
    where: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(where)
    options = JavaOptions(source_path=(path,)) if where == "sources" else JavaOptions(class_path=(path,))
    fresh = "package com.acme; public class Item { public String cost; int f(Item i) { return i.cost.length(); } }"
    other = "package com.acme; class Use { int f(Item i) { return i.cost; } }"
    assert codes(options, fresh, other, fresh, other) == ["accepted"] * 4


def test_facts_are_those_of_the_program_alone(sources: Path, jdk_here: None) -> None:
    options = JavaOptions(source_path=(sources,))
    with JavaChecker(workers=1, options=options) as checker:
        (verdict,) = checker.check(["import com.acme.Shop; class Use { int f(Shop s) { return s.price(); } }"])
    assert verdict.types == ("Use",)
    assert [method.name for method in verdict.methods or ()] == ["f"]


def test_an_error_in_another_file_rejects_the_program_and_names_the_file(
    sources: Path,
    jdk_here: None,
) -> None:
    with JavaChecker(workers=1, options=JavaOptions(source_path=(sources,))) as checker:
        using, replacing = checker.check(
            ["package com.acme; class Use { Broken b; }", "package com.acme; class Item { String cost; Shop shop; }"]
        )
    for verdict in (using, replacing):
        assert verdict.status == "rejected"
        [error] = verdict.diagnostics
        assert (error.line, error.column, error.offset) == (0, 0, None)
    assert "Broken.java:2: cannot find symbol" in using.diagnostics[0].message


@pytest.mark.parametrize(
    ("release", "found"),
    [
        (8, ["compiler.err.cant.resolve.location", "compiler.err.cant.resolve.location.args"]),
        (11, ["accepted", "accepted"]),
    ],
)
def test_a_release_decides_on_language_and_library(release: int, found: list[str], jdk_here: None) -> None:
    programs = ["class A { void f() { var x = 1; } }", 'class A { String f() { return "".strip(); } }']
    assert codes(JavaOptions(release=release), *programs) == found


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (JavaOptions(class_path=(Path("/nowhere/a.jar"),)), "no such file or folder on the class path: /nowhere/a.jar"),
        (JavaOptions(class_path=(Path(__file__),)), "neither a folder nor a jar"),
        (JavaOptions(source_path=(Path("/nowhere"),)), "no such file or folder on the source path: /nowhere"),
        (JavaOptions(source_path=(Path(__file__),)), "not a folder on the source path"),
        (JavaOptions(release=3), "release 3 is not known to the JDK"),
        (JavaOptions(limit_modules=("java.sqll",)), "no module 'java.sqll' in the JDK .*, as limit_modules names it"),
        (JavaOptions(limit_modules=("java.sql",), release=8), "limit_modules needs release 9 or newer, not 8"),
        (JavaOptions(release=1000), "release 1000 is not known to the JDK"),
    ],
)
def test_a_project_that_cannot_be_is_one_clear_line(options: JavaOptions, said: str, jdk_here: None) -> None:
    with pytest.raises(UserError, match=said) as error:
        JavaChecker(options=options)
    assert "\n" not in str(error.value)


def test_a_module_declaration_in_the_source_root_changes_no_verdict(tmp_path: Path, jdk_here: None) -> None:
    (tmp_path / "module-info.java").write_text("module shop { requires java.logging; }", encoding="utf-8")
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "Item.java").write_text("package p; public class Item { }", encoding="utf-8")
    programs = ["class A { p.Item item; }", "package p; class B { Item item; }", "class C { p.Nothing x; }"]
    found = ["accepted", "accepted", "compiler.err.cant.resolve.location"]
    for options in (JavaOptions(source_path=(tmp_path,)), JavaOptions(source_path=(tmp_path,), class_path=(tmp_path,))):
        assert codes(options, *programs, *programs) == found * 2
    assert codes(JavaOptions(source_path=(tmp_path,)), "module shop { exports p; }", *programs) == ["accepted", *found]


SQL = "class A { java.sql.Connection c; }"
LOGGING = "class A { java.util.logging.Logger logger; }"
HIDDEN = "compiler.err.package.not.visible"


@pytest.mark.parametrize("release", [None, 9, 11])
def test_programs_see_only_the_modules_of_the_platform_that_are_named(release: int | None, jdk_here: None) -> None:
    options = JavaOptions(limit_modules=("java.logging",), release=release)
    programs = (SQL, LOGGING, "package p; " + SQL, "module m { requires java.sql; }")
    assert codes(options, *programs, *programs) == [HIDDEN, "accepted", HIDDEN, "accepted"] * 2
    assert codes(JavaOptions(limit_modules=("java.sql",)), SQL, LOGGING) == ["accepted"] * 2  # which requires logging


def test_what_a_modular_jar_requires_is_seen_too(tmp_path: Path, jdk_here: None) -> None:
    (tmp_path / "module-info.java").write_text("module lib { requires transitive java.sql; }", encoding="utf-8")
    jdk = find_jdk()
    command = [jdk.javac, "-d", tmp_path / "classes", tmp_path / "module-info.java"]
    subprocess.run(command, check=True, capture_output=True)
    command = [jdk.home / "bin" / "jar", "cf", tmp_path / "lib.jar", "-C", tmp_path / "classes", "."]
    subprocess.run(command, check=True, capture_output=True)
    for path in (tmp_path / "lib.jar", tmp_path / "classes"):
        assert codes(JavaOptions(limit_modules=("java.base",), class_path=(path,)), SQL) == ["accepted"]
    assert codes(JavaOptions(limit_modules=("java.base",)), SQL) == [HIDDEN]


@pytest.mark.parametrize("where", ["jar", "folder"])
def test_classes_for_a_newer_java_are_refused_before_any_program_is(classes: Path, tmp_path: Path, where: str) -> None:
    """Each program that uses them would be rejected, and none of them is at fault."""
    with zipfile.ZipFile(classes) as jar:
        code = bytearray(jar.read("com/acme/Item.class"))
    code[6:8] = (44 + 99).to_bytes(2, "big")
    path = tmp_path / "newer"
    if where == "jar":
        with zipfile.ZipFile(path, "w") as newer:
            newer.writestr("META-INF/versions/99/com/acme/Item.class", bytes(code))
            newer.writestr("com/acme/Item.class", bytes(code))
    else:
        path.mkdir()
        (path / "Item.class").write_bytes(code)
    with pytest.raises(UserError, match=r"newer was compiled for Java 99, which the JDK .* cannot read: set JAVA_HOME"):
        JavaChecker(options=JavaOptions(class_path=(path,)))
    assert java_of(classes) == find_jdk().feature


@pytest.mark.parametrize("again", [False, True])
def test_a_class_path_that_goes_away_rejects_nothing(
    sources: Path, jdk_here: None, tmp_path: Path, again: bool
) -> None:
    folder, jdk = tmp_path / "classes", find_jdk()
    files = [sources / "com" / "acme" / f"{name}.java" for name in ("Shop", "Item")]
    compiled = [jdk.javac, "-d", folder, *files]
    subprocess.run(compiled, check=True, capture_output=True)
    with JavaChecker(workers=1, timeout_s=30.0, options=JavaOptions(class_path=(folder,))) as checker:
        assert [v.status for v in checker.check(USES)] == ["accepted", "rejected", "accepted"]
        folder.rename(tmp_path / "elsewhere")
        if again:
            subprocess.run(compiled, check=True, capture_output=True)
        with pytest.raises(CheckerUnavailable, match="classes was deleted or replaced"):
            checker.check(USES)
        assert [v.status for v in checker.check(["class A {}"])] == ["accepted"]
