"""From a Python project to tasks whose references and stubs ty accepts in it."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from rlcf.config.languages import PythonOptions
from rlcf.errors import ConfigError, DataError
from rlcf.languages.detect import project_language
from rlcf.languages.python import find_ty
from rlcf.languages.python.survey import PythonSurveyor
from rlcf.languages.registry import load_language
from rlcf.records import Program, Task
from rlcf.tasks.loading import load_tasks
from rlcf.tasks.mining import surveyed
from rlcf.tasks.mining.mine import Mined, MiningOptions, mine
from rlcf.tasks.mining.writing import write_mined
from rlcf.tasks.projects import project_options
from tests.tasks.mining.small_python_project import make_project

pytestmark = pytest.mark.skipif(find_ty() is None, reason="ty is not installed")
PATH = "src/shop/"
ALL = {
    "shop.py#Shop.total(discount)",
    "shop.py#Shop.best()",
    "shop.py#Shop.greeter()",
    "shop.py#prices(shops)",
    "item.py#Item.double()",
    "item.py#larger(one,other)",
    "basket.py#clamp(value,low,high)",
    "basket.py#rest(item)",
    "basket.py#fetch(name)",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(surveyed, "cache_folder", lambda: tmp_path / "cache")
    return make_project(tmp_path / "service")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Mined, Path]:
    """The project, mined and written once: for tests that change neither."""
    folder = tmp_path_factory.mktemp("mined")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surveyed, "cache_folder", lambda: folder / "cache")
        found = mined(make_project(folder / "service"))
    write_mined(folder / "corpus", found, MiningOptions(language="python"), "# a recipe\n", "<p>a page</p>")
    return found, folder / "corpus"


def mined(project: Path, **options: object) -> Mined:
    told = MiningOptions(language="python", **options)  # type: ignore[arg-type]
    return mine(project, told, lambda text: len(text.split()), lambda _: None)


def written(project: Path, out: Path) -> list[Task]:
    write_mined(out, mined(project), MiningOptions(language="python"), "# a recipe\n", "<p>a page</p>")
    return load_tasks(out / "tasks.jsonl")


def names(tasks: Sequence[Task]) -> set[str]:
    return {task.task_id.removeprefix(PATH) for task in tasks}


def test_the_functions_worth_asking_for_become_tasks(corpus: tuple[Mined, Path]) -> None:
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
        "deprecated": 1,
        "holds what looks like a key": 1,
        "holds a comment that silences the checker": 1,
        "the checker does not look into it": 1,
        "has an error as it stands": 1,
        "inside a method or an expression": 1,
        "exact copy of another": 1,
        "its stub does not compile": 1,
    }
    assert found.found == len(found.tasks) + sum(found.dropped.values())


def test_files_with_wrong_syntax_are_named_and_other_errors_are_lived_with(corpus: tuple[Mined, Path]) -> None:
    found, _ = corpus
    assert list(found.left_out) == [f"{PATH}broken.py"]
    assert found.left_out[f"{PATH}broken.py"].startswith("does not compile: line 1: ")
    notes = [*found.project.notes, *found.advice]
    assert notes[0].startswith("packages are those of ")
    assert notes[1] == "Python 3.11, as pyproject.toml says"
    assert notes[2].startswith("errors that the project has as it is (1, most in src/shop/shop.py) reject no program")
    assert len(notes) == 3


def test_references_and_stubs_compile_in_the_project_and_wrong_bodies_do_not(corpus: tuple[Mined, Path]) -> None:
    tasks, language = load_tasks(corpus[1] / "tasks.jsonl"), load_language("python")
    indents = {
        task.task_id: (task.canonical_solution or "")[: -len((task.canonical_solution or "").lstrip())]
        for task in tasks
    }
    bodies = {
        "reference": lambda task: task.canonical_solution,
        "stub": language.stub,
        "unknown name": lambda task: f"{indents[task.task_id]}return nope",
        "silenced": lambda task: f"{indents[task.task_id]}return nope  # type: ignore",
        "syntax": lambda task: f"{indents[task.task_id]}return (",
        "nothing": lambda _: "",
    }
    with language.checker(workers=1, options=project_options(tasks)) as checker:
        for kind, body in bodies.items():
            verdicts = checker.check_programs([Program.of(task, body(task)) for task in tasks])
            accepted = kind in ("reference", "stub")
            assert [v.accepted for v in verdicts] == [accepted] * len(tasks), kind
            trivial = [v.trivial(task) for v, task in zip(verdicts, tasks, strict=True)]
            assert trivial == [kind == "stub"] * len(tasks), kind


def test_a_task_says_where_it_stands(corpus: tuple[Mined, Path]) -> None:
    tasks = {t.task_id.removeprefix(PATH): t for t in load_tasks(corpus[1] / "tasks.jsonl")}
    total = tasks["shop.py#Shop.total(discount)"]
    assert total.context.endswith('# in cents\n        """The price.\n\n        Of all items.\n        """\n')
    assert (total.canonical_solution or "").startswith("        # by hand\n        cents = 0\n")
    assert (total.canonical_solution or "").endswith("return cents - discount  # not below zero")
    assert total.suffix.startswith("\n        # it never is\n\n    def best(")
    assert (total.entry_point, total.path, total.licence) == ("total", f"{PATH}shop.py", "MIT")
    assert tasks["basket.py#clamp(value,low,high)"].licence == "Apache-2.0"
    line = tasks["shop.py#prices(shops)"]
    assert line.context.endswith("-> list[int]:")
    assert line.canonical_solution == " return [shop.total(0) for shop in shops if shop.name]"
    assert line.suffix == "\n"


def test_a_sample_ends_where_the_reference_does_and_a_line_break_is_not_needed(corpus: tuple[Mined, Path]) -> None:
    language, tasks = load_language("python"), load_tasks(corpus[1] / "tasks.jsonl")
    for task in tasks:
        body = task.canonical_solution or ""
        for more in ("\nx = 1\n", "\n\n\n# so\n@other\ndef g():\n"):
            assert language.program_end(task.context, body + more, task.suffix) == len(body), task.task_id
        assert language.program_end(task.context, body + "\n", task.suffix) is None


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (
            "header",
            "from __future__ import annotations\nimport sys\nfrom typing import (\n    Iterable,\n)\n"
            "from .item import Item, larger\nfrom deprecated import deprecated\n\nclass Shop:\n"
            "    # The sum of what all items cost, with the discount of the day taken off it.\n"
            '    def total(self, discount: int) -> int:  # in cents\n        """The price.\n',
        ),
        ("skeleton", "    def add(self, item: Item) -> None: ...\n    # The sum of"),
        ("tail", "with the discount of the day taken off it.\n    def total("),
    ],
)
def test_a_prompt_is_made_of_the_file(corpus: tuple[Mined, Path], project: Path, context: str, expected: str) -> None:
    tasks = {t.task_id.removeprefix(PATH): t for t in mined(project, context=context, context_tokens=120).tasks}
    assert expected in tasks["shop.py#Shop.total(discount)"].prompt


def test_the_same_project_gives_the_same_bytes(project: Path, tmp_path: Path) -> None:
    written(project, tmp_path / "one")
    written(project, tmp_path / "two")
    shutil.rmtree(tmp_path / "cache")
    written(project, tmp_path / "three")
    files = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert files == [
        "funnel.json",
        "modules.zip",
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


def test_mining_again_asks_only_about_what_has_changed(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / PATH / "broken.py").unlink()
    read: list[list[str]] = []
    stubs: list[int] = []
    before, replaced = PythonSurveyor._read, PythonSurveyor.survey_replaced
    monkeypatch.setattr(
        PythonSurveyor,
        "_read",
        lambda s, files, path: read.append(sorted(f.name for f in files)) or before(s, files, path),
    )
    monkeypatch.setattr(
        PythonSurveyor,
        "survey_replaced",
        lambda s, texts, bodies, path: stubs.append(len(bodies)) or replaced(s, texts, bodies, path),
    )
    first = written(project, tmp_path / "one")
    assert (len(read), stubs) == (1, [len(first) + 2])
    written(project, tmp_path / "one")
    assert (len(read), len(stubs)) == (1, 1)
    basket = project / PATH / "basket.py"
    basket.write_text(basket.read_text().replace("return item.cents - item.half", "return item.half + 1"))
    tasks = written(project, tmp_path / "one")
    assert (read[1:], stubs[1:]) == ([["basket.py"]], [5])  # its own three, and the two in item.py that others see
    assert any("item.half + 1" in (task.canonical_solution or "") for task in tasks)
    basket.write_text(basket.read_text().replace("rest(item: Item)", "rest(item: Item, n: int)"))
    written(project, tmp_path / "one")
    assert len(read[-1]) == 4  # others may see another signature


def test_a_stub_that_others_need_is_judged_again_where_any_file_has_changed(project: Path, tmp_path: Path) -> None:
    """The body of another function now needs an attribute that the stub does not set."""
    shutil.rmtree(project / PATH)
    (project / PATH).mkdir()
    (project / PATH / "store.py").write_text(
        "class Store:\n    def load(self, text: str) -> int:\n        self.data = text.split()\n"
        "        return len(self.data)\n"
    )
    uses = (
        "from shop.store import Store\n\n\ndef first(store: Store) -> int:\n    x = 1\n    y = {}\n    return x + y\n"
    )
    (project / PATH / "uses.py").write_text(uses.format("x + 2"))
    assert names(mined(project).tasks) == {"store.py#Store.load(text)", "uses.py#first(store)"}
    (project / PATH / "uses.py").write_text(uses.format("len(store.data)"))
    again = mined(project)
    shutil.rmtree(tmp_path / "cache")
    assert names(again.tasks) == names(mined(project).tasks) == {"uses.py#first(store)"}


def test_modules_that_use_what_is_excluded_are_checked_with_it(project: Path) -> None:
    found = mined(project, exclude=("item.py",))
    assert {name for name in ALL if not name.startswith("item.py")} <= names(found.tasks)
    assert not any(name.startswith("item.py") for name in names(found.tasks))
    assert found.advice == mined(project).advice


def test_the_folder_of_an_environment_may_have_any_name(project: Path) -> None:
    project = project.rename(project.parent / "caf\xe9 \U0001f600")
    found = mined(project)
    assert names(found.tasks) == ALL
    assert not any("missing" in line for line in found.advice)


def test_a_body_that_others_need_is_judged_with_them(corpus: tuple[Mined, Path]) -> None:
    """An attribute of another type is wrong in another file."""
    tasks = {t.task_id.removeprefix(PATH): t for t in load_tasks(corpus[1] / "tasks.jsonl")}
    double = tasks["item.py#Item.double()"]
    bodies = ["self.half = 'one'\n", "self.half = 1\n", "self.cent = 1\n", ""]
    programs = [
        Program.of(double, (f"        {more}" if more else "") + (double.canonical_solution or "")) for more in bodies
    ]
    with load_language("python").checker(workers=1, options=project_options([double])) as checker:
        verdicts = checker.check_programs(programs)
        assert [v.accepted for v in verdicts] == [False, True, True, True]
        (error,) = [d for d in verdicts[0].diagnostics if d.severity == "error"]
        assert error.message.startswith(f"{PATH}basket.py:12: ")
        assert (error.line, error.offset) == (0, None)
        assert [v.accepted for v in checker.check_programs(programs[::-1])] == [True, True, True, False]


def test_what_the_project_has_wrong_by_itself_is_a_note(corpus: tuple[Mined, Path]) -> None:
    tasks = {t.task_id.removeprefix(PATH): t for t in load_tasks(corpus[1] / "tasks.jsonl")}
    with load_language("python").checker(workers=1, options=project_options(tasks.values())) as c:
        for name, more in (("shop.py#Shop.total(discount)", "\n\n\n"), ("shop.py#prices(shops)", "")):
            task = tasks[name]
            (verdict,) = c.check_programs([Program.of(task, more + (task.canonical_solution or ""))])
            assert verdict.accepted
            notes = [d.code for d in verdict.diagnostics if d.severity == "note"]
            assert notes == ["missing-attribute"]


def test_a_path_that_leads_out_of_the_project_is_one_line(corpus: tuple[Mined, Path]) -> None:
    tasks = load_tasks(corpus[1] / "tasks.jsonl")
    with load_language("python").checker(workers=1, options=project_options(tasks)) as checker:
        for path in ("../secret.py", "/etc/passwd", "a/../../b.py"):
            with pytest.raises(DataError, match="leads out of its project"):
                checker.check_programs([Program("x = 1\n", path=path)])


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no Python sources in"),
        ({"readme.md": b"nothing"}, "no Python sources in"),
        ({"tests/test_a.py": b"x = 1\n"}, "no Python sources in"),
        ({"a.py": b"def f(:\n"}, "0 methods found; a.py does not compile: line 1: "),
        ({"a.py": b"s = '\xe9'\n"}, "no source file of .* can be read: the first is not UTF-8 text"),
        ({"a.py": b"x = 1\n"}, "no task can be made of .*: 0 methods found; none has a body"),
    ],
)
def test_what_is_no_project_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, bytes], message: str
) -> None:
    monkeypatch.setattr(surveyed, "cache_folder", lambda: tmp_path / "cache")
    folder = tmp_path / "project"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as error:
        mined(folder)
    assert "\n" not in str(error.value)


def test_odd_files_cost_only_themselves(project: Path) -> None:
    package = project / PATH
    (package / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\ndef f(n):\n    s = '\xe9'\n    return s * n\n")
    (package / "declared.py").write_text("# coding: cp1252\ndef f(n):\n    s = 'é'\n    return s * n\n")
    (package / "ascii.py").write_text("# coding: cp1252\ndef plain(n):\n    s = 'e' * n\n    return s.upper()\n")
    (package / "marked.py").write_bytes(b"\xef\xbb\xbfdef marked(n):\r\n    s = 'e' * n\r\n    return s.lower()\r\n")
    (package / "table.py").write_text(
        "def table(n):\n    x = [n]\n    return x\n\n\nDATA = [\n" + "    1234567890,\n" * 100_000 + "]\n"
    )
    (package / "loop").symlink_to(package)
    (package / "self.py").symlink_to(package / "self.py")
    (package / "stub.pyi").write_text("def f(n: int) -> int: ...\n")
    found = mined(project)
    assert names(found.tasks) == ALL | {"ascii.py#plain(n)", "marked.py#marked(n)"}
    assert found.left_out == {
        f"{PATH}broken.py": found.left_out[f"{PATH}broken.py"],
        f"{PATH}declared.py": "does not compile: line 1: says that it is cp1252: expected UTF-8, as ty reads it",
        f"{PATH}latin.py": "is not UTF-8 text (byte 45): convert it, for instance with iconv",
        f"{PATH}table.py": "has 1600052 characters, too many to make tasks of",
    }


def test_packages_that_are_missing_are_named(project: Path) -> None:
    shutil.rmtree(project / ".venv")
    shop = project / PATH / "shop.py"
    shop.write_text(shop.read_text() + "\nfrom ._version import version\n")
    found = mined(project)
    assert found.advice[0].startswith("packages that are missing: deprecated; install them into a virtual environment")
    assert found.advice[1] == "no source file is ._version; if the build makes it, build the project first"


def test_a_newer_version_of_the_language_is_told(project: Path) -> None:
    text = "def f(n: int) -> int:\n    match n:\n        case 1:\n            return 2\n    return n\n"
    (project / PATH / "newer.py").write_text(text)
    found = mined(project, options=PythonOptions(version="3.9"))
    assert "some code is for a newer Python; name its version with --python-version 3.10" in found.advice


def test_the_archive_that_is_damaged_is_one_line(corpus: tuple[Mined, Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(corpus[1], tmp_path / "corpus"))
    options = project_options(load_tasks(copy / "tasks.jsonl"))
    (copy / "modules.zip").write_bytes(b"no archive")
    with pytest.raises(DataError, match=r"modules\.zip is no archive of a project"):
        load_language("python").checker(workers=1, options=options)
    (copy / "modules.zip").unlink()
    with pytest.raises(Exception, match=r"no such file or folder: .*modules\.zip"):
        load_language("python").checker(workers=1, options=options)


def test_the_archive_has_the_modules_that_are_imported_and_no_others(corpus: tuple[Mined, Path]) -> None:
    from zipfile import ZipFile

    assert ZipFile(corpus[1] / "modules.zip").namelist() == [
        f"{PATH}{name}.py" for name in ("__init__", "basket", "broken", "item", "shop")
    ]
    rows = [json.loads(row) for row in gzip.decompress((corpus[1] / "sources.jsonl.gz").read_bytes()).splitlines()]
    assert [row["path"] for row in rows] == [f"{PATH}{name}.py" for name in ("basket", "item", "shop")]


def test_the_language_is_that_of_the_build_file_or_of_the_sources(tmp_path: Path) -> None:
    def folder(name: str, *files: str) -> Path:
        for file in files:
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).touch()
        return tmp_path / name

    assert project_language(folder("a", "pyproject.toml", "x/A.java")) == "python"
    assert project_language(folder("b", "pom.xml", "scripts/release.py")) == "java"
    assert project_language(folder("c", "x/y.py")) == "python"
    with pytest.raises(ConfigError, match="is a project in java and python: name one with --language"):
        project_language(folder("d", "x/y.py", "A.java"))
    with pytest.raises(ConfigError, match="is a project in java and python: name one with --language"):
        project_language(folder("e", "setup.py", "build.gradle"))
    with pytest.raises(DataError, match=r"no project in .*: expected sources whose names end in .java or .py"):
        project_language(folder("f", "readme.md"))
