"""From a TypeScript project to tasks whose references and stubs the compiler accepts in it."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

import pytest

from rlcf.errors import CheckerUnavailable, DataError, SandboxUnavailable
from rlcf.languages.detect import project_language
from rlcf.languages.registry import load_language
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.records import Program, Task
from rlcf.tasks.loading import load_tasks
from rlcf.tasks.mining import surveyed
from rlcf.tasks.mining.mine import Mined, MiningOptions, mine
from rlcf.tasks.mining.recipe import recipe_toml
from rlcf.tasks.mining.writing import write_mined
from rlcf.tasks.projects import project_options
from rlcf.workers.sandbox import find_sandbox
from tests.tasks.mining.small_typescript_project import make_project

PATH = "src/"
ALL = {
    "basket.ts#both(item)",
    "basket.ts#clamp(value,low,high)",
    "basket.ts#letters(name)",
    "item.ts#Item.twice()",
    "item.ts#larger(one,other)",
    "shop.ts#Shop.best()",
    "shop.ts#Shop.total(discount)",
    "shop.ts#Shop.static of(names)",
    "shop.ts#prices(shops)",
}


@pytest.fixture(autouse=True, scope="module")
def _tools() -> None:
    pytest.importorskip("tree_sitter_typescript")
    try:
        find_compiler()
        find_sandbox()
    except (CheckerUnavailable, SandboxUnavailable) as error:
        pytest.skip(str(error))


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
    write_mined(folder / "corpus", found, MiningOptions(language="typescript"), "# a recipe\n", "<p>a page</p>")
    return found, folder / "corpus"


def mined(project: Path, **options: object) -> Mined:
    told = MiningOptions(language="typescript", **options)  # type: ignore[arg-type]
    return mine(project, told, lambda text: len(text.split()), lambda _: None)


def names(tasks: Sequence[Task]) -> set[str]:
    return {task.task_id.removeprefix(PATH) for task in tasks}


def test_the_functions_worth_asking_for_become_tasks(corpus: tuple[Mined, Path]) -> None:
    found, _ = corpus
    assert names(found.tasks) == ALL
    assert found.dropped == {
        "constructor": 2,
        "inside a method or an expression": 1,
        "deprecated": 1,
        "holds a comment that silences the checker": 2,
        "getter": 1,
        "setter": 2,
        "one call that hands on what it is given": 3,
        "does nothing": 1,
        "only throws": 1,
        "returns a literal": 1,
        "holds what looks like a key": 1,
        "has an error as it stands": 1,
        "exact copy of another": 1,
    }
    assert found.found == len(found.tasks) + sum(found.dropped.values())


def test_files_that_cannot_be_used_are_named_and_other_errors_are_lived_with(corpus: tuple[Mined, Path]) -> None:
    found, _ = corpus
    assert found.left_out == {
        "src/absent.ts": "does not compile: line 1: Cannot find module 'far-away' or its corresponding type "
        "declarations.",
        "src/broken.ts": "does not compile: line 1: Parameter declaration expected.",
    }
    notes = [*found.project.notes, *found.advice]
    assert notes[0].startswith("packages are those of ")
    assert notes[1] == "packages that are missing: far-away; npm install far-away"
    assert notes[2].startswith("errors that the project has as it is (1, most in src/shop.ts) reject no program")
    assert len(notes) == 3


def test_references_and_stubs_compile_in_the_project_and_wrong_bodies_do_not(corpus: tuple[Mined, Path]) -> None:
    tasks, language = load_tasks(corpus[1] / "tasks.jsonl"), load_language("typescript")
    bodies = {
        "reference": lambda task: task.canonical_solution,
        "stub": language.stub,
        "unknown name": lambda _: "return nope; }",
        "silenced": lambda _: "// @ts-ignore\nreturn nope; }",
        "unchecked": lambda _: "// @ts-nocheck\nreturn nope; }",
        "syntax": lambda _: "return (; }",
        "unclosed": lambda _: "",
    }
    with language.checker(workers=1, options=project_options(tasks)) as checker:
        for kind, body in bodies.items():
            verdicts = checker.check_programs([Program.of(task, body(task) or "") for task in tasks])
            accepted = kind in ("reference", "stub")
            wrong = [t.task_id for v, t in zip(verdicts, tasks, strict=True) if v.accepted != accepted]
            assert not wrong, kind
            trivial = [v.trivial(task) for v, task in zip(verdicts, tasks, strict=True)]
            assert trivial == [kind == "stub"] * len(tasks), kind


def test_a_task_says_where_it_stands(corpus: tuple[Mined, Path]) -> None:
    tasks = {t.task_id.removeprefix(PATH): t for t in load_tasks(corpus[1] / "tasks.jsonl")}
    total = tasks["shop.ts#Shop.total(discount)"]
    assert total.context.endswith("public total(discount: number): number {")
    assert (total.canonical_solution or "").startswith(" // in cents\n    // by hand\n    let cents = 0;\n")
    assert (total.canonical_solution or "").endswith("return round(cents - discount); // not below zero\n  }")
    assert total.suffix.startswith("\n\n  best = ")
    assert (total.entry_point, total.path, total.licence) == ("total", f"{PATH}shop.ts", "MIT")
    assert tasks["item.ts#Item.twice()"].licence == "Apache-2.0"
    line = tasks["shop.ts#prices(shops)"]
    assert line.context.endswith("(shops: Shop[]): number[] => {")
    assert line.suffix == ";\n"


def test_a_sample_ends_where_the_reference_does(corpus: tuple[Mined, Path]) -> None:
    language, tasks = load_language("typescript"), load_tasks(corpus[1] / "tasks.jsonl")
    for task in tasks:
        body = task.canonical_solution or ""
        assert language.program_end(task.context, body + "\n\nfunction g() {}\n", task.suffix) == len(body)


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (
            "header",
            "import { type Item, larger } from './item.js';\nimport {\n  round,\n} from \"rounding\";\n"
            "import config from './config.json' with { type: 'json' };\n\n/** Has items. */\nexport class Shop {\n"
            "  /** The sum of what all items cost, with the discount of the day taken off it. */\n"
            "  public total(discount: number): number {",
        ),
        ("skeleton", "  add(item: Item): void;\n  /** The sum of"),
        ("tail", "with the discount of the day taken off it. */\n  public total("),
    ],
)
def test_a_prompt_is_made_of_the_file(project: Path, context: str, expected: str) -> None:
    tasks = {t.task_id.removeprefix(PATH): t for t in mined(project, context=context, context_tokens=90).tasks}
    shown = tasks["shop.ts#Shop.total(discount)"].prompt
    assert expected.replace("/** Has items. */\n", "") in shown, shown


def test_the_same_project_gives_the_same_bytes(project: Path, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        if name == "three":
            shutil.rmtree(tmp_path / "cache")
        write_mined(tmp_path / name, mined(project), MiningOptions(language="typescript"), "# a recipe\n", "<p></p>")
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name
        assert file.read_bytes() == (tmp_path / "three" / file.name).read_bytes(), file.name


def test_a_stub_that_others_need_is_judged_again_where_any_file_has_changed(project: Path, tmp_path: Path) -> None:
    """The body of another function now needs what the stub does not return."""
    shutil.rmtree(project / PATH)
    (project / PATH).mkdir()
    (project / PATH / "box.ts").write_text(
        "export class Box {\n  load(text: string) {\n    const parts = text.split(',');\n    return parts;\n  }\n}\n"
    )
    uses = (
        "import { Box } from './box.js';\n\n"
        "export function first(box: Box): number {\n  const x = %s;\n  return x;\n}\n"
    )
    (project / PATH / "uses.ts").write_text(uses % "1")
    assert names(mined(project).tasks) == {"box.ts#Box.load(text)", "uses.ts#first(box)"}
    (project / PATH / "uses.ts").write_text(uses % "box.load('a').length")
    again = mined(project)
    shutil.rmtree(tmp_path / "cache")
    assert names(again.tasks) == names(mined(project).tasks) == {"uses.ts#first(box)"}


def test_files_that_use_what_is_excluded_are_checked_with_it(project: Path) -> None:
    found = mined(project, exclude=("item.ts",))
    assert names(found.tasks) == {name for name in ALL if not name.startswith("item.ts")}
    assert found.advice == mined(project).advice


def test_other_settings_compile_the_project_again(project: Path) -> None:
    assert "basket.ts#both(item)" in names(mined(project).tasks)
    base = project / "config" / "base.json"
    base.write_text(base.read_text().replace('"strict": true', '"strict": true, "noUnusedLocals": true'))
    (project / PATH / "item.ts").write_text(
        (project / PATH / "item.ts").read_text().replace("const cents = 2", "const more = 1, cents = 2")
    )
    assert "item.ts#Item.twice()" not in names(mined(project).tasks)


def test_a_body_that_others_need_is_judged_with_them(corpus: tuple[Mined, Path]) -> None:
    """A function that does not say what it returns is wrong in another file."""
    tasks = {t.task_id.removeprefix(PATH): t for t in load_tasks(corpus[1] / "tasks.jsonl")}
    twice = tasks["item.ts#Item.twice()"]
    programs = [Program.of(twice, f" return {value}; }}") for value in ("'two'", "1", "this.cent", "this.cents")]
    with load_language("typescript").checker(workers=1, options=project_options([twice])) as checker:
        verdicts = checker.check_programs(programs)
        assert [v.accepted for v in verdicts] == [False, True, False, True]
        (error,) = [d for d in verdicts[0].diagnostics if d.severity == "error"]
        assert error.message.startswith(f"{PATH}basket.ts:9: ")
        assert (error.code, error.line, error.offset) == ("TS2322", 0, None)
        assert [v.accepted for v in checker.check_programs(programs[::-1])] == [True, False, True, False]


def test_what_the_project_has_wrong_by_itself_is_a_note(corpus: tuple[Mined, Path]) -> None:
    tasks = {t.task_id.removeprefix(PATH): t for t in load_tasks(corpus[1] / "tasks.jsonl")}
    task = tasks["shop.ts#Shop.total(discount)"]
    with load_language("typescript").checker(workers=1, options=project_options([task])) as checker:
        (verdict,) = checker.check_programs([Program.of(task, "\n\n\n" + (task.canonical_solution or ""))])
    assert verdict.accepted
    assert [d.code for d in verdict.diagnostics if d.severity == "note"] == ["TS2339"]


def test_programs_see_the_project_and_its_packages_and_no_other_file(
    corpus: tuple[Mined, Path], tmp_path: Path
) -> None:
    (tmp_path / "secret.ts").write_text("export const secret = 'hunter2';", encoding="utf-8")
    task = next(t for t in load_tasks(corpus[1] / "tasks.jsonl") if t.entry_point == "larger")
    real = corpus[0].project.root
    reached = [
        f"const s: typeof import('{tmp_path}/secret.js') = 1; return one; }}",
        f"const s: typeof import('{real}/src/item.js') = 1; return one; }}",
        "const s: typeof import('/etc/hostname.js') = 1; return one; }",
        "const s: typeof import('../../../../etc/passwd.js') = 1; return one; }",
    ]
    seen = ["const s: typeof import('./shop.js') | undefined = undefined; return s ? one : other; }"]
    with load_language("typescript").checker(workers=1, options=project_options([task])) as checker:
        verdicts = checker.check_programs([Program.of(task, body) for body in [*reached, *seen]])
        for path in ("../secret.ts", "/etc/passwd", "a/../../b.ts"):
            with pytest.raises(DataError, match="leads out of its project"):
                checker.check_programs([Program("let x = 1\n", path=path)])
    assert [v.accepted for v in verdicts] == [False] * len(reached) + [True]
    for verdict in verdicts[:-1]:
        assert [d.code for d in verdict.diagnostics if d.severity == "error"] == ["TS2307"]
        assert "hunter2" not in str(verdict)


def test_a_whole_file_may_be_new_or_another(corpus: tuple[Mined, Path]) -> None:
    tasks = load_tasks(corpus[1] / "tasks.jsonl")
    programs = [
        Program("import { one } from './item.js';\nexport const n: number = one();\n", path="src/new.ts"),
        Program("import { one } from './item.js';\nexport const n: string = one();\n", path="src/deep/new.ts"),
        Program("export const nothing = 1;\n", path="src/item.ts"),
        Program("export const n: number = VERSION;\n"),
    ]
    with load_language("typescript").checker(workers=1, options=project_options(tasks)) as checker:
        verdicts = checker.check_programs(programs)
        assert checker.check([programs[3].source])[0] == verdicts[3]
    codes = [[d.code for d in v.diagnostics if d.severity == "error"] for v in verdicts]
    assert codes[:2] == [[], ["TS2307"]]
    assert set(codes[2]) == {"TS2305", "TS2459"} or "TS2305" in codes[2]
    assert codes[3] == ["TS2322"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no TypeScript sources in"),
        ({"readme.md": b"nothing"}, "no TypeScript sources in"),
        ({"package.json": b"{}", "index.js": b"let x = 1\n"}, "no TypeScript sources in"),
        ({"tests/a.ts": b"let x = 1\n"}, "no TypeScript sources in"),
        ({"tsconfig.json": b'{"include": ["nowhere"]}', "a.ts": b"let x = 1\n"}, "no TypeScript sources in"),
        ({"tsconfig.json": b'{"files": [], "references": [{"path": "./nope"}]}'}, "no such file: .*nope"),
        ({"a.ts": b"function f(: {\n"}, "0 methods found; a.ts does not compile: line 1: "),
        ({"a.ts": b"let s = '\xe9'\n"}, "no source file of .* can be read: the first is not UTF-8 text"),
        ({"a.ts": b"let x = 1\n"}, "no task can be made of .*: 0 methods found; none has a body"),
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
    sources = project / PATH
    (sources / "latin.ts").write_bytes(b"export function f(n: number) {\n  const s = '\xe9';\n  return s + n;\n}\n")
    marked = (
        "\ufeffexport function marked(n: number): string {\r\n  const é = 'ü'.repeat(n);\r\n  return é.trim();\r\n}\r\n"
    )
    (sources / "marked.ts").write_bytes(marked.encode())
    (sources / "loop").symlink_to(sources)
    (sources / "self.ts").symlink_to(sources / "self.ts")
    (project / "circle").symlink_to(project)
    found = mined(project)
    assert names(found.tasks) == ALL | {"marked.ts#marked(n)"}
    assert found.left_out["src/latin.ts"] == "is not UTF-8 text (byte 44): convert it, for instance with iconv"
    assert len(found.left_out) == 3


def test_what_a_stub_leaves_unused_is_no_reason_against_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surveyed, "cache_folder", lambda: tmp_path / "cache")
    options = '{"compilerOptions": {"strict": true, "noUnusedLocals": true, "noUnusedParameters": true}}'
    (tmp_path / "tsconfig.json").write_text(options)
    (tmp_path / "base.ts").write_text("export const base = 3;\n")
    (tmp_path / "sums.ts").write_text(
        'import { base } from "./base";\n'
        "export function sum(a: number, b: number): number {\n  return a + b * base;\n}\n"
        "export function inferred(a: number, b: number) {\n  return a - b;\n}\n"
    )
    (tmp_path / "needed.ts").write_text(
        'import { inferred } from "./sums";\nexport const more: number = inferred(1, 2) + 1;\n'
    )
    (tmp_path / "page.ts").write_text("export default function (n: number): number {\n  return n * n + 1;\n}\n")
    found = mined(tmp_path)
    assert names(found.tasks) == {"sums.ts#sum(a,b)", "sums.ts#inferred(a,b)", "page.ts#default(n)"}


def test_a_package_that_is_there_is_used_and_one_without_types_is_named(project: Path) -> None:
    package = project / "node_modules" / "far-away"
    package.mkdir()
    (package / "package.json").write_text('{"name": "far-away", "version": "1.0.0", "main": "index.js"}')
    (package / "index.js").write_text("exports.far = (n) => n;\n")
    found = mined(project)
    assert found.advice[0] == "packages that are missing: @types/far-away; npm install @types/far-away"
    (package / "index.d.ts").write_text("export declare function far(n: number): number;\n")
    found = mined(project)
    assert names(found.tasks) == ALL | {"absent.ts#near(n)"}
    shutil.rmtree(package)
    assert names(mined(project).tasks) == ALL


def test_the_recipe_names_the_language(corpus: tuple[Mined, Path]) -> None:
    text = recipe_toml(corpus[1], corpus[0], "builtin:smollm2-135m", len)
    assert tomllib.loads(text)["language"] == {"name": "typescript"}


def test_the_archive_has_the_sources_and_what_the_compiler_reads_beside_them(corpus: tuple[Mined, Path]) -> None:
    assert sorted(ZipFile(corpus[1] / "modules.zip").namelist()) == [
        "package.json",
        "src/absent.ts",
        "src/basket.ts",
        "src/broken.ts",
        "src/config.json",
        "src/free.ts",
        "src/globals.d.ts",
        "src/item.ts",
        "src/shop.ts",
        "tsconfig.json",
    ]


def test_the_archive_that_is_damaged_is_one_line(corpus: tuple[Mined, Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(corpus[1], tmp_path / "corpus"))
    options = project_options(load_tasks(copy / "tasks.jsonl"))
    (copy / "modules.zip").write_bytes(b"no archive")
    with pytest.raises(DataError, match=r"modules\.zip is no archive of a project"):
        load_language("typescript").checker(workers=1, options=options)
    with ZipFile(copy / "modules.zip", "w") as archive:
        archive.writestr("a.ts", "let x = 1;\n")
    with pytest.raises(DataError, match=r"modules\.zip is no archive of a project"):
        load_language("typescript").checker(workers=1, options=options)


def test_the_language_is_told_by_the_settings_or_by_the_sources(tmp_path: Path) -> None:
    def folder(name: str, *files: str) -> Path:
        for file in files:
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).touch()
        return tmp_path / name

    assert project_language(folder("a", "tsconfig.json", "scripts/x.py")) == "typescript"
    assert project_language(folder("b", "package.json", "src/x.ts")) == "typescript"
    assert project_language(folder("c", "pyproject.toml", "package.json", "x.ts")) == "python"
    assert project_language(folder("d", "a.py", "node_modules/x/index.d.ts")) == "python"
