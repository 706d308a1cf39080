"""What README.md, CONTRIBUTING.md and docs/ say about commands, keys, files and code is true."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import shlex
import subprocess
import sys
import tomllib
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from rlcf.cli.main import app
from rlcf.config import Recipe, make_recipe
from rlcf.config.algorithms import ALGORITHM_TABLES
from rlcf.config.languages import LANGUAGE_TABLES
from rlcf.config.recipe import JUDGE_TABLES
from rlcf.languages.base import Checker
from rlcf.languages.command import UNREAD
from rlcf.languages.pooled import CRASHED
from rlcf.records import Program, Task
from rlcf.tasks.loading import load_tasks, write_tasks
from tests.tiny import TASK, tiny_policy

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
OF_EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=NAMES)

_FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=ticks)\n", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?P<target>[^()\s]+)\)")
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_PATH = re.compile(r"(?:src|docs|recipes|tests|benchmarks|scripts)/[\w./*-]+")
_DOTTED = re.compile(r"rlcf\.(?!err\.)\w+(?:\.\w+)*")
_KEY = re.compile(r"(?P<table>[a-z]+)\.(?P<key>[a-z_]+)(?: = .*)?")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page."""

    place: str
    """Page and line, for messages and tracebacks."""
    info: tuple[str, ...]
    """The words after the fence: the language, then `excerpt` for a part of a file of this repository, `no-run` for
    code that needs what a test cannot have, or `file` and the name of a file that the reader writes."""
    text: str


@cache
def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _blocks(page: Path, *languages: str) -> list[Block]:
    found = []
    for match in _FENCE.finditer(_text(page)):
        info = tuple(match["info"].split())
        if info[:1] and info[0] in languages:
            line = _text(page).count("\n", 0, match.start()) + 2
            found.append(Block(f"{page.relative_to(ROOT)}:{line}", info, match["text"]))
    return found


def _prose(page: Path) -> str:
    return _FENCE.sub("\n", _text(page))


def _spans(page: Path) -> list[str]:
    return _SPAN.findall(re.sub(r"\n(?!\n)", " ", _prose(page)))


def test_there_is_something_of_each_kind_that_is_checked_here() -> None:
    for language in ("python", "toml", "json", "sh", "console"):
        assert [block for page in PAGES for block in _blocks(page, language)], language
    assert [block for page in PAGES for block in _blocks(page, "python") if block.info == ("python",)]
    assert {words[0] for page in PAGES for _, words in _commands(page)} >= {"rlcf", "make", "python"}
    spans = [span for page in PAGES for span in _spans(page)]
    for pattern in (_DOTTED, _KEY, _PATH):
        assert any(map(pattern.fullmatch, spans)), pattern.pattern
    assert any(_LINK.search(_prose(page)) for page in PAGES)


@OF_EACH_PAGE
def test_every_python_block_compiles_and_excerpts_are_those_of_a_file(page: Path) -> None:
    for block in _blocks(page, "python"):
        if "excerpt" in block.info:
            assert any(block.text in code for code in _code()), block.place
        else:
            compile(block.text, block.place, "exec")


@cache
def _code() -> list[str]:
    files = [path for folder in ("src", "tests", "recipes") for path in (ROOT / folder).rglob("*.py")]
    return [path.read_text(encoding="utf-8") for path in files]


@pytest.fixture(scope="module")
def folder_with_a_run(tmp_path_factory: pytest.TempPathFactory, jdk: None, builtin_encoder: str) -> Path:
    """A folder in which `runs/demo` is the finished run of a model of a few thousand weights."""
    folder = tmp_path_factory.mktemp("docs")
    tiny_policy().save(folder / "model")
    write_tasks(folder / "tasks.jsonl", [TASK, Task("2", TASK.prompt, canonical_solution="a;}}", entry_point="f")])
    (folder / "recipe.toml").write_text(
        f"""
        policy = {{ model = "{folder / "model"}", lora_rank = 4, dtype = "float32" }}
        tasks = {{ train = "tasks.jsonl", evaluate = "tasks.jsonl" }}
        generation = {{ max_new_tokens = 5 }}
        grounding = {{ workers = 1 }}
        judge = {{ name = "discriminator", encoder = "{builtin_encoder}", warmup_steps = 2, refresh_steps = 2 }}
        train = {{ updates = 1, tasks_per_update = 2, group_size = 2 }}
        evaluation = {{ samples = 1, execute = false }}
        """,
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "rlcf.cli.main", "train", "recipe.toml", "--out", "runs/demo"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.parametrize("page", [p for p in PAGES if _blocks(p, "python")], ids=lambda p: p.name)
def test_python_blocks_run_in_order(page: Path, folder_with_a_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder_with_a_run)
    module = types.ModuleType(f"docs_{page.stem}")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # dataclasses and enums look their module up
    for block in _blocks(page, "python"):
        if not {"excerpt", "no-run", "file"} & set(block.info):
            exec(compile(block.text, block.place, "exec"), module.__dict__)


@OF_EACH_PAGE
def test_toml_blocks_load_and_recipes_have_only_keys_that_exist(page: Path) -> None:
    for block in _blocks(page, "toml"):
        tables = tomllib.loads(block.text)
        assert tables, block.place
        if tables.keys() <= Recipe.model_fields.keys():
            make_recipe(tables, where=block.place)


@OF_EACH_PAGE
def test_json_blocks_parse(page: Path) -> None:
    for block in _blocks(page, "json"):
        for line in block.text.splitlines():
            assert isinstance(json.loads(line), dict), f"{block.place}: {line}"


def test_the_compiler_accepts_the_references_of_tasks_that_are_shown(tmp_path: Path, java_checker: Checker) -> None:
    shown = [line for page in PAGES for b in _blocks(page, "json") for line in b.text.splitlines() if "task_id" in line]
    (tmp_path / "tasks.jsonl").write_text("\n".join(shown), encoding="utf-8")
    tasks = load_tasks(str(tmp_path / "tasks.jsonl"))
    verdicts = java_checker.check([Program.of(t, t.canonical_solution or "").source for t in tasks])
    assert [(t.task_id, v.status) for t, v in zip(tasks, verdicts, strict=True) if not v.accepted] == []


def _commands(page: Path) -> Iterator[tuple[str, list[str]]]:
    """The command lines of a page, each with its place: of `sh` blocks, after `$` in `console`, indented in prose."""
    for block in _blocks(page, "sh", "console"):
        lines = re.sub(r"\\\n\s*", "", block.text).splitlines()
        if block.info[0] == "console":
            lines = [line[2:] for line in lines if line.startswith("$ ")]
        yield from ((block.place, shlex.split(line, comments=True)) for line in lines)
    for line in re.findall(r"^    ((?:\w+=\S+ )*(?:rlcf|python -m) .*)$", re.sub(r"\\\n\s*", "", _prose(page)), re.M):
        yield str(page.relative_to(ROOT)), shlex.split(line)
    for span in _spans(page):
        if re.match(r"(\w+=\S+ )*(make|python -m) ", span):
            yield str(page.relative_to(ROOT)), shlex.split(span)


@OF_EACH_PAGE
def test_commands_exist_and_have_the_options_that_are_shown(page: Path) -> None:
    for place, words in _commands(page):
        while words and re.fullmatch(r"\w+=\S*", words[0]):
            words = words[1:]
        if words:
            _check_command(place, [Path(words[0]).name if words[0].startswith(".venv/") else words[0], *words[1:]])


def _check_command(place: str, words: list[str]) -> None:
    program, *arguments = words
    if program == "rlcf":
        _parse_rlcf(place, arguments)
    elif program == "make":
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert set(arguments) <= set(targets), place
    elif program in ("accelerate", "torchrun") or words[:2] == ["python", "-m"]:
        if "--config_file" in arguments:
            assert (ROOT / arguments[arguments.index("--config_file") + 1]).is_file(), place
        module, *rest = arguments[arguments.index("-m") + 1 :] if "-m" in arguments else [""]
        if module == "rlcf.cli.main":
            _parse_rlcf(place, rest)
        elif module.partition(".")[0] in ("benchmarks", "tests"):
            importlib.import_module(module.partition(".")[0])
            source = _sources_of(module)
            assert [a for a in rest if a.startswith("--") and f'"{a}"' not in source] == [], place


def _sources_of(module: str) -> str:
    """The text of a module or a package, and of the benchmarks' own modules that it imports from."""
    path = ROOT / module.replace(".", "/")
    files = sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    shared = re.findall(r"^from (benchmarks\.\w+) import", source, re.MULTILINE)
    return source + "".join((ROOT / f"{each.replace('.', '/')}.py").read_text(encoding="utf-8") for each in set(shared))


def _parse_rlcf(place: str, words: list[str]) -> None:
    """Parses as the command line does, without running anything."""
    command: Any = typer.main.get_command(app)
    context: Any = None
    name: str = "rlcf"
    words = [w for w in words if w != "--help"]
    try:
        while hasattr(command, "resolve_command"):
            context = command.make_context(name, list(words), parent=context)
            name, command, words = command.resolve_command(context, [*context._protected_args, *context.args])
        command.make_context(name, list(words), parent=context)
    except Exception as error:
        pytest.fail(f"{place}: rlcf {shlex.join(words)}: {getattr(error, 'message', error)}")


@cache
def _options() -> dict[str, set[str]]:
    """The options of each command of rlcf, of `tasks mathqa` as of `tasks`."""
    root: Any = typer.main.get_command(app)
    found: dict[str, set[str]] = {}
    for name, command in root.commands.items():
        parts = [command, *getattr(command, "commands", {}).values()]
        found[name] = {o for c in parts for p in c.params for o in (*p.opts, *p.secondary_opts)} | {"--help"}
    return found


@OF_EACH_PAGE
def test_commands_in_prose_exist_and_have_the_options_that_are_named(page: Path) -> None:
    for span in _spans(page):
        words = span.split()
        if words[0] == "rlcf" and len(words) > 1 and re.match(r"[a-z]", words[1]):
            assert words[1] in _options(), span
            named = {w.partition("=")[0] for w in words[2:] if w.startswith("-")}
            assert named <= _options()[words[1]], span


@OF_EACH_PAGE
def test_options_in_prose_are_options_of_rlcf_a_benchmark_or_a_script(page: Path) -> None:
    known = set().union(*_options().values())
    programs = [*(ROOT / "benchmarks").rglob("*.py"), ROOT / "scripts/bundle", ROOT / "scripts/run-arms"]
    benchmarks = "".join(file.read_text(encoding="utf-8") for file in programs)
    foreign = {"--config_file", "--num_processes", "--release"}  # of accelerate, of javac
    named = {w.partition("=")[0] for span in _spans(page) for w in span.split()[:1] if re.match(r"--[a-z]", w)}
    assert {n for n in named - known - foreign if f'"{n}"' not in benchmarks} == set()


def _keys(table: str) -> set[str]:
    if table == "algorithm":
        return {"name"}.union(*(t.model_fields for t in ALGORITHM_TABLES.values()))
    if table == "language":
        return {"name"}.union(*(t.model_fields for t in LANGUAGE_TABLES.values()))
    if table == "judge":
        return {"name"}.union(*(t.model_fields for t in JUDGE_TABLES.values()))
    annotation = Recipe.model_fields[table].annotation
    for part in (annotation, *get_args(annotation)):
        if hasattr(part, "model_fields"):
            return set(part.model_fields)
    raise AssertionError(table)


@OF_EACH_PAGE
def test_recipe_keys_that_are_named_exist(page: Path) -> None:
    for span in _spans(page):
        match = _KEY.fullmatch(span.removeprefix("--set ").replace("=", " = ", 1) if span[:2] == "--" else span)
        if match and match["table"] in Recipe.model_fields and match["key"] not in ("py", "json", "jsonl", "toml"):
            assert match["key"] in _keys(match["table"]), span


@OF_EACH_PAGE
def test_paths_that_are_named_exist(page: Path) -> None:
    named = [m[0].rstrip(".") for span in _spans(page) if (m := _PATH.fullmatch(span))]
    assert [n for n in named if "NAME" not in n and not list(ROOT.glob(n))] == []


@OF_EACH_PAGE
def test_names_of_the_package_that_are_named_exist(page: Path) -> None:
    for span in _spans(page):
        if span not in (CRASHED, UNREAD) and (match := _DOTTED.match(span)):
            assert _is_there(match[0]), span


def _is_there(name: str) -> bool:
    """Whether a dotted name leads to a module of the package, or to what is in one."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


@OF_EACH_PAGE
def test_relative_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for target in _LINK.findall(_prose(page)):
        if "://" in target or target.startswith("mailto:"):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        if not path.exists() or (anchor and anchor not in _anchors(path)):
            broken.append(target)
    assert broken == []


@cache
def _anchors(page: Path) -> set[str]:
    """The headings as GitHub turns them into anchors."""
    headings = re.findall(r"^#+ (.*)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", h).lower()).replace(" ", "-") for h in headings}


def test_the_index_lists_every_page() -> None:
    listed = {t.partition("#")[0] for t in _LINK.findall(_text(ROOT / "docs/index.md"))}
    assert {p.name for p in (ROOT / "docs").glob("*.md")} - {"index.md"} <= listed


def test_the_quickstart_shows_every_command() -> None:
    text = _text(ROOT / "docs/quickstart.md")
    assert [name for name in _options() if name[0] != "-" and f"rlcf {name}" not in text] == []


def test_readme_names_every_package_in_its_layout() -> None:
    layout = re.search(r"```\nsrc/rlcf/\n(.*?)```", _text(ROOT / "README.md"), re.DOTALL)
    assert layout
    named = set(re.findall(r"^  (\w+)/", layout[1], re.MULTILINE))
    assert named == {p.parent.name for p in (ROOT / "src/rlcf").glob("*/__init__.py")}


def test_contributing_draws_the_layers_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = [re.sub(r"rlcf\.|[()]", "", layer) for layer in contracts["contracts"][0]["layers"]]
    assert "\n".join(layers) in _text(ROOT / "CONTRIBUTING.md")


@OF_EACH_PAGE
def test_pages_use_the_words_of_the_field(page: Path) -> None:
    ours_in_0_1 = "behind earnest blame trunk fitter judging remembered alike"
    assert [w for w in ours_in_0_1.split() if re.search(rf"\b{w}\b", _prose(page), re.IGNORECASE)] == []
