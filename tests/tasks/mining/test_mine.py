"""From a source tree to tasks whose references and stubs compile in it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rlcf.cli import tasks as cli
from rlcf.config import load_recipe
from rlcf.errors import ConfigError, DataError
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.java.survey import JavaSurveyor
from rlcf.languages.projects import SourceFile
from rlcf.languages.registry import load_language
from rlcf.records import Program, Task
from rlcf.tasks.loading import load_tasks, write_tasks
from rlcf.tasks.mining import surveyed
from rlcf.tasks.mining.candidates import Wanted
from rlcf.tasks.mining.mine import Mined, MiningOptions, mine
from rlcf.tasks.mining.recipe import recipe_toml
from rlcf.tasks.mining.writing import require_replaceable, write_mined
from rlcf.tasks.projects import load_project, project_options
from tests.tasks.mining.small_project import BASKET, make_project

pytestmark = pytest.mark.usefixtures("jdk")
PATH = "src/main/java/com/acme/"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(surveyed, "cache_folder", lambda: tmp_path / "cache")
    return make_project(tmp_path / "shop")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Mined, Path]:
    """The project, mined and written once: for tests that change neither."""
    folder = tmp_path_factory.mktemp("mined")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surveyed, "cache_folder", lambda: folder / "cache")
        found = mined(make_project(folder / "shop"))
    write_mined(folder / "corpus", found, MiningOptions(), "# a recipe\n", "<p>a page</p>")
    return found, folder / "corpus"


def mined(project: Path, options: MiningOptions | None = None) -> Mined:
    return mine(project, options or MiningOptions(), lambda text: len(text.split()), lambda _: None)


def written(project: Path, out: Path, options: MiningOptions | None = None) -> list[Task]:
    options = options or MiningOptions()
    write_mined(out, mined(project, options), options, "# a recipe\n", "<p>a page</p>")
    return load_tasks(out / "tasks.jsonl")


def names(tasks: Sequence[Task]) -> set[str]:
    return {task.task_id.removeprefix(PATH) for task in tasks}


ALL = {
    "Item.java#Item.larger<T extends Comparable<T>>(T,T)",
    "Item.java#Item.larger<T extends Item>(T,T)",
    "Shop.java#Shop.total(int)",
    "UsesBroken.java#UsesBroken.four(int)",
    "basket/Basket.java#Basket.describe(String)",
    "Item.java#Item.clamp(int,int,int)",
    "Shop.java#Shop.greeter()",
}


def test_the_methods_worth_asking_for_become_tasks(corpus: tuple[Mined, Path]) -> None:
    found, _ = corpus
    assert names(found.tasks) == ALL
    assert found.dropped == {
        "constructor": 2,
        "getter": 1,
        "setter": 1,
        "one call that hands on what it is given": 2,
        "returns a literal": 1,
        "does nothing": 1,
        "only throws": 1,
        "deprecated": 2,
        "holds what looks like a key": 1,
        "inside a method or an expression": 1,
        "exact copy of another": 1,
    }
    assert found.found == len(found.tasks) + sum(found.dropped.values())


def test_a_file_that_does_not_compile_is_named_and_the_others_go_on(corpus: tuple[Mined, Path]) -> None:
    found, _ = corpus
    assert list(found.left_out) == [f"{PATH}Broken.java"]
    assert "line 3: package org.missing does not exist" in found.left_out[f"{PATH}Broken.java"]


def test_references_and_stubs_compile_in_the_project_and_wrong_bodies_do_not(corpus: tuple[Mined, Path]) -> None:
    tasks, language = load_tasks(corpus[1] / "tasks.jsonl"), load_language("java")
    with language.checker(workers=1, options=project_options(tasks)) as checker:
        for text, accepted in (("reference", True), ("stub", True), ("return nope; }", False), ("", False)):
            completions = {"reference": lambda t: t.canonical_solution, "stub": language.stub}.get(
                text, lambda _, x=text: x
            )
            verdicts = checker.check_programs([Program.of(task, completions(task)) for task in tasks])
            assert [v.accepted for v in verdicts] == [accepted] * len(tasks), text


def test_a_task_says_where_it_stands(corpus: tuple[Mined, Path]) -> None:
    tasks = {t.task_id.removeprefix(PATH): t for t in load_tasks(corpus[1] / "tasks.jsonl")}
    total = tasks["Shop.java#Shop.total(int)"]
    assert total.context.endswith("public int total(int discount) {\n")
    assert total.prompt == total.context  # short enough
    assert total.suffix.lstrip().startswith("@Deprecated")
    assert (total.entry_point, total.path, total.licence) == ("total", f"{PATH}Shop.java", "MIT")
    assert tasks["Item.java#Item.clamp(int,int,int)"].licence == "Apache-2.0"
    assert project_options([total]).class_path == (corpus[1] / "classes.jar",)  # type: ignore[union-attr]


def test_what_is_written_again_is_read_back(corpus: tuple[Mined, Path], tmp_path: Path) -> None:
    tasks = load_tasks(corpus[1] / "tasks.jsonl")
    write_tasks(tmp_path / "elsewhere" / "tasks.jsonl", tasks)
    assert load_tasks(tmp_path / "elsewhere" / "tasks.jsonl") == tasks


def test_the_same_project_gives_the_same_bytes(project: Path, tmp_path: Path) -> None:
    written(project, tmp_path / "one")
    written(project, tmp_path / "two")
    shutil.rmtree(tmp_path / "cache")
    written(project, tmp_path / "three")
    files = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert files == [
        "classes.jar",
        "funnel.json",
        "project.toml",
        "recipe.toml",
        "report.html",
        "sources.jsonl.gz",
        "tasks.jsonl",
    ]
    for name in files:
        content = (tmp_path / "one" / name).read_bytes()
        assert content == (tmp_path / "two" / name).read_bytes(), name
        assert content == (tmp_path / "three" / name).read_bytes(), name


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The files of each run of the compiler over the project, not of the stubs."""
    runs: list[list[str]] = []
    survey = JavaSurveyor.survey

    def counted(
        self: JavaSurveyor, files: Sequence[Path], classes: Path | None = None, *more: object
    ) -> Mapping[Path, SourceFile]:
        if classes is not None:
            runs.append(sorted(file.name for file in files))
        return survey(self, files, classes, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(JavaSurveyor, "survey", counted)
    return runs


def test_mining_again_compiles_only_what_has_changed(project: Path, tmp_path: Path, compiled: list[list[str]]) -> None:
    for name in ("Broken", "UsesBroken"):
        (project / PATH / f"{name}.java").unlink()
    written(project, tmp_path / "one")
    compiled.clear()
    written(project, tmp_path / "one")
    assert compiled == []
    shop = project / PATH / "Shop.java"
    shop.write_text(shop.read_text().replace("return sum - discount;", "return sum - 2 * discount;"))
    tasks = written(project, tmp_path / "one")
    assert compiled == [["Shop.java"]]
    assert any("2 * discount" in (task.canonical_solution or "") for task in tasks)
    compiled.clear()
    shop.write_text(shop.read_text().replace("total(int discount)", "total(long discount)"))
    with pytest.raises(AssertionError):
        assert names(written(project, tmp_path / "one")) == names(tasks)
    assert compiled[-1] == ["Basket.java", "Item.java", "Shop.java"]  # others may see another signature
    fresh = (tmp_path / "one" / "classes.jar").read_bytes()
    written(project, tmp_path / "two")
    assert (tmp_path / "two" / "classes.jar").read_bytes() == fresh


NOT_EXCLUDED = {name for name in ALL if "Shop" not in name and "Broken" not in name}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (MiningOptions(wanted=Wanted(documented=True)), {"Shop.java#Shop.total(int)"}),
        (
            MiningOptions(wanted=Wanted(min_statements=4)),
            {"Shop.java#Shop.total(int)", "basket/Basket.java#Basket.describe(String)"},
        ),
        (MiningOptions(exclude=("*/Shop.java", "*/UsesBroken.java", "*/Broken.java")), NOT_EXCLUDED),
    ],
    ids=["documented", "long", "excluded"],
)
def test_options_choose_methods(project: Path, options: MiningOptions, expected: set[str]) -> None:
    assert names(mined(project, options).tasks) == expected


def test_files_that_use_what_is_excluded_compile(project: Path) -> None:
    found = mined(project, MiningOptions(exclude=("*/Item.java",)))
    assert "Shop.java#Shop.total(int)" in names(found.tasks)
    assert not any(name.startswith("Item.java") for name in names(found.tasks))
    assert list(found.left_out) == [f"{PATH}Broken.java"]
    assert not any("Item" in line for line in found.advice)


def test_of_two_classes_with_one_name_the_excluded_one_does_not_compile(project: Path) -> None:
    copy = project / "apart" / PATH / "Shop.java"
    copy.parent.mkdir(parents=True)
    shutil.copyfile(project / PATH / "Shop.java", copy)
    for exclude, left_out in (((), copy), ((f"{PATH}Shop.java",), project / PATH / "Shop.java")):
        found = mined(project, MiningOptions(exclude=exclude))
        assert sum("Shop.java#Shop.total(int)" in task.task_id for task in found.tasks) == 1
        assert set(found.left_out) == {f"{PATH}Broken.java", left_out.relative_to(project).as_posix()}


def test_copies_of_a_benchmark_are_left_out(project: Path) -> None:
    body = BASKET.split("describe(String s) {\n")[1].split("\n    }\n}")[0]
    known = Task("bench/1", "class A {", canonical_solution=body.replace("    ", " ") + "\n}")
    found = mined(project, MiningOptions(without={"bench.jsonl": (known, Task("bench/2", "class A {"))}))
    assert "basket/Basket.java#Basket.describe(String)" not in names(found.tasks)
    assert found.dropped["copy of a task that is left out on purpose"] == 1
    assert "bench.jsonl: 1 of 2 tasks have no reference, so nothing can be compared with them" in found.advice


def test_a_copy_of_a_short_reference_that_also_closes_its_class_is_left_out(project: Path) -> None:
    (project / PATH / "Short.java").write_text(
        "package com.acme; class Short { int low(int a, int b) { return a < b ? a : b; } }"
    )
    known = Task("bench/1", "class A {", canonical_solution="        return a < b ? a : b;\n    }\n}\n")
    assert "Short.java#Short.low(int,int)" in names(mined(project).tasks)
    found = mined(project, MiningOptions(without={"bench.jsonl": (known,)}))
    assert "Short.java#Short.low(int,int)" not in names(found.tasks)
    assert found.advice == mined(project).advice


def test_a_limit_keeps_the_same_tasks_each_time(project: Path) -> None:
    two = names(mined(project, MiningOptions(limit=2)).tasks)
    assert len(two) == 2
    assert two == names(mined(project, MiningOptions(limit=2)).tasks)
    assert two < names(mined(project, MiningOptions(limit=3)).tasks)


def test_prompts_that_cannot_be_short_enough_are_dropped(project: Path) -> None:
    found = mined(project, MiningOptions(context="file", context_tokens=60))
    assert found.dropped["its prompt has too many tokens"] > 0
    assert all(len(task.prompt.split()) <= 60 for task in found.tasks)


def test_what_is_no_project_is_one_line(tmp_path: Path, project: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "readme.md").write_text("nothing")
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "A.java").write_text("class A { Missing m; }")
    (tmp_path / "latin").mkdir()
    (tmp_path / "latin" / "A.java").write_bytes(b'class A { String s = "\xe9"; }')
    for folder, message in (
        (tmp_path / "nowhere", "no such folder"),
        (project / "pom.xml", "is a file: expected the folder of a project"),
        (tmp_path / "empty", "no Java sources in"),
        (
            tmp_path / "wrong",
            "no file of .* compiles: A.java, line 1: cannot find symbol .* name what it needs with --class-path",
        ),
        (tmp_path / "latin", "no source file of .* can be read: the first is not UTF-8 text"),
    ):
        with pytest.raises(DataError, match=message) as error:
            mined(folder)
        assert "\n" not in str(error.value)


def test_a_file_that_is_no_utf8_makes_no_task_and_is_known_to_the_others(tmp_path: Path) -> None:
    (tmp_path / "Old.java").write_bytes(
        b"class Old {\n    // caf\xe9\n    int n;\n    int twice() { int m = n * 2; return m; }\n}\n"
    )
    (tmp_path / "New.java").write_text(
        "class New {\n    int thrice(Old old) { int sum = old.n + old.twice(); return sum; }\n}\n"
    )
    found = mined(tmp_path)
    assert [task.task_id for task in found.tasks] == ["New.java#New.thrice(Old)"]
    assert found.left_out == {"Old.java": "is not UTF-8 text (byte 22): convert it, for instance with iconv"}
    assert found.advice == []


@pytest.fixture
def copy(corpus: tuple[Mined, Path], tmp_path: Path) -> Path:
    """What was written, to be damaged."""
    return Path(shutil.copytree(corpus[1], tmp_path / "corpus"))


def test_a_project_file_that_is_gone_is_one_line(copy: Path, tmp_path: Path) -> None:
    (copy / "project.toml").rename(tmp_path / "project.toml")
    with pytest.raises(DataError, match=r"no project file .*project\.toml: it belongs beside its tasks"):
        load_tasks(copy / "tasks.jsonl")


@pytest.mark.parametrize(("place", "value"), [("end", 10**9), ("start", -1), ("start", True), ("end", "7"), ("end", 0)])
def test_a_place_that_is_none_is_one_line(copy: Path, place: str, value: object) -> None:
    path = copy / "tasks.jsonl"
    row = json.loads(path.read_text().splitlines()[0])
    path.write_text(json.dumps(row | {place: value}) + "\n")
    with pytest.raises(DataError, match=r"tasks\.jsonl:1: 'start' and 'end' are no place in"):
        load_tasks(path)


def test_tasks_of_two_projects_are_not_mixed(corpus: tuple[Mined, Path]) -> None:
    (task, *_) = load_tasks(corpus[1] / "tasks.jsonl")
    with pytest.raises(DataError, match="expected tasks of one project"):
        project_options([task, replace(task, project=None)])


def test_a_folder_that_holds_anything_else_is_not_replaced(project: Path, copy: Path) -> None:
    """The user's own files would be lost, be it the project itself or a run beside the tasks."""
    (copy / "runs").mkdir()
    for folder in (project, copy, project / "pom.xml"):
        with pytest.raises(ConfigError, match=r"name another --out|name a folder with --out"):
            require_replaceable(folder)
    (copy / "runs").rmdir()
    require_replaceable(copy)
    require_replaceable(copy / "new")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "shop"', "name = [", "is no project file as rlcf tasks mine writes it: "),
        ('name = "shop"', "", "it has no 'name'"),
        ('name = "java"', 'name = "python"', "class_path: Extra inputs are not permitted"),
        ('["classes.jar"]', '"classes.jar"', "class_path"),
        ('"sources.jsonl.gz"', '"/etc/passwd"', "sources = '/etc/passwd' is no file beside it"),
        ('"sources.jsonl.gz"', '"../secret"', "sources = '../secret' is no file beside it"),
    ],
)
def test_a_project_file_that_is_damaged_is_one_line(copy: Path, old: str, new: str, message: str) -> None:
    path = copy / "project.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DataError, match="is no project file") as error:
        load_tasks(copy / "tasks.jsonl")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_classes_of_the_build_tool_stand_in_for_files_that_do_not_compile(project: Path, jdk: None) -> None:
    """As with a processor of annotations, which makes code that stands in no source."""
    source, classes = project / PATH, project / "target" / "classes"
    asks = "package com.acme; public class Asks { int twice(Made m) { int n = m.number(); return n + n; } }"
    (source / "Asks.java").write_text(asks)
    made = "package com.acme; public class Made { %s int three() { int n = number(); return 3 * n; } }"
    (source / "Made.java").write_text(made % "int number() { return 1; }")
    for broken in ("Broken.java", "UsesBroken.java"):
        (source / broken).unlink()
    before = names(mined(project).tasks)
    javac = [str(find_jdk().javac), "-d", str(classes), *map(str, source.glob("*.java"))]
    subprocess.run(javac, check=True, capture_output=True)
    (source / "Made.java").write_text(made % "")
    found = mined(project)
    assert before - names(found.tasks) == {"Made.java#Made.three()"}
    assert list(found.left_out) == [f"{PATH}Made.java"]
    tasks = written(project, project.parent / "corpus")
    shutil.rmtree(classes)
    assert_references_compile(tasks)  # the archive has the classes
    assert list(mined(project).left_out) == [f"{PATH}Asks.java", f"{PATH}Made.java"]  # mined anew: they had errors


def test_classes_without_a_source_stand_in_for_nothing(project: Path) -> None:
    """The build tool leaves the class of a source that was deleted."""
    source, classes = project / PATH, project / "target" / "classes"
    for broken in ("Broken.java", "UsesBroken.java"):
        (source / broken).unlink()
    (source / "Gone.java").write_text("package com.acme; public class Gone { int number() { return 1; } }")
    asks = "package com.acme; public class Asks { int twice(Gone g) { int n = g.number(); return n + n; } }"
    (source / "Asks.java").write_text(asks)
    javac = [str(find_jdk().javac), "-d", str(classes), *map(str, source.rglob("*.java"))]
    subprocess.run(javac, check=True, capture_output=True)
    assert "Asks.java#Asks.twice(Gone)" in names(mined(project).tasks)
    (source / "Gone.java").unlink()
    for _ in range(2):
        tasks = written(project, project.parent / "corpus")
        assert "Asks.java#Asks.twice(Gone)" not in names(tasks)
        assert list(mined(project).left_out) == [f"{PATH}Asks.java"]
        assert_references_compile(tasks)
        shutil.rmtree(classes, ignore_errors=True)


def assert_references_compile(tasks: Sequence[Task]) -> None:
    with load_language("java").checker(workers=1, options=project_options(tasks)) as checker:
        verdicts = checker.check_programs([Program.of(task, task.canonical_solution or "") for task in tasks])
    assert [task.task_id for task, verdict in zip(tasks, verdicts, strict=True) if not verdict.accepted] == []


def test_what_is_written_can_be_read_whatever_the_folder_is_called_and_be_moved(project: Path, tmp_path: Path) -> None:
    project = project.rename(tmp_path / 'caf\xe9 \U0001f600 "#\x7f')
    found, out = mined(project), tmp_path / "out \U0001f600\n"
    recipe = recipe_toml(out, found, "builtin:smollm2-135m", len)
    write_mined(out, found, MiningOptions(), recipe, "<p>a page</p>")
    moved = out.rename(tmp_path / "moved")
    assert names(load_tasks(load_recipe(moved / "recipe.toml").tasks.train)) == ALL
    assert load_project(moved / "project.toml").name == project.name


def test_training_is_proposed_where_something_is_held_out(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rlcf.models.token_counts.token_counter", lambda _: len)
    out = project.parent / "out"
    for heldout in (0.0, 0.5):
        cli.mine(project, out, context_tokens=10_000, heldout=heldout)
        told = capsys.readouterr()
        assert (f"rlcf train {out}/recipe.toml" in told.out) == (heldout > 0)
        assert ("nothing is held out" in told.err) == (heldout == 0)
        assert ("# none is held out: name other tasks here" in (out / "recipe.toml").read_text()) == (heldout == 0)
