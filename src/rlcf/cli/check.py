"""`rlcf check`."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len

from rlcf.cli.terminal import printable
from rlcf.config import make_recipe
from rlcf.config.languages import LanguageOptions
from rlcf.errors import ConfigError, DataError, UserError
from rlcf.languages.registry import language_names, language_of_file, load_language
from rlcf.records import LINE_END, Program, Verdict
from rlcf.storage.jsonl import read_text

_MAX_WIDTH, _MAX_DIAGNOSTICS = 160, 10
"""How much is shown: characters of a source line, diagnostics of a program."""


@dataclass(frozen=True, slots=True)
class _Input:
    id: str
    program: Program
    language: str
    options: LanguageOptions | None = None
    """What the project of its task needs; `None` where it has none."""


def check(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="INPUT…", readable=False, help="Source files, folders, or completions (.jsonl)."),
    ],
    language: Annotated[str | None, typer.Option(help="By default told by the file's suffix or the task.")] = None,
    tasks: Annotated[str | None, typer.Option(help="Task file or built-in set that the completions belong to.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines: id, status, diagnostics.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=1024, help="Compiler processes.")] = 2,
    timeout_s: Annotated[float, typer.Option(min=0.1, max=86400, help="Seconds for one program.")] = 10.0,
    class_path: Annotated[str | None, typer.Option(help=f"Java: jars and folders, joined by {os.pathsep!r}.")] = None,
    source_path: Annotated[str | None, typer.Option(help="Java: folders of sources, joined likewise.")] = None,
    release: Annotated[int | None, typer.Option(help="Java: check for this version, such as 11.")] = None,
) -> None:
    """Checks programs with the language's own compiler. Exit code: 0 all accepted, 1 some not.

    Example: rlcf check src/Main.java
    Example: rlcf check --source-path src/main/java --class-path lib/guava.jar src/main/java
    Example: rlcf check --tasks builtin:java samples.jsonl --json
    """
    if language is not None:
        load_language(language)
    programs = [p for path in inputs for p in _read(path, language, tasks)]
    given = {"class_path": _paths(class_path), "source_path": _paths(source_path), "release": release}
    verdicts = _check(programs, workers, timeout_s, {k: v for k, v in given.items() if v is not None})
    for program, verdict in zip(programs, verdicts, strict=True):
        sys.stdout.write(_as_json(program, verdict) if as_json else _as_text(program, verdict))
    raise typer.Exit(0 if all(v.accepted for v in verdicts) else 1)


def _paths(joined: str | None) -> list[str] | None:
    return None if joined is None else [path for path in joined.split(os.pathsep) if path]


def _read(path: Path, language: str | None, tasks: str | None) -> Iterator[_Input]:
    try:
        if path.is_dir():
            for file in _files(path, language):
                yield _read_source(file, language)
        elif path.name.endswith((".jsonl", ".jsonl.gz")):
            yield from _read_completions(path, language, tasks)
        else:
            yield _read_source(path, language)
    except OSError as error:
        raise DataError(f"cannot read {error.filename or path}: {error.strerror}") from error


def _files(folder: Path, language: str | None) -> list[Path]:
    """The source files under a folder, sorted; links to folders are not followed."""

    def fail(error: OSError) -> None:
        raise error

    names = [language] if language else language_names()
    suffixes = tuple(suffix for name in names for suffix in load_language(name).suffixes)
    files = (Path(inside, name) for inside, _, here in os.walk(folder, onerror=fail) for name in here)
    found = sorted(f for f in files if f.name.endswith(suffixes) and (f.is_file() or f.is_symlink()))
    if not found:
        raise DataError(f"no source file in the folder {folder}: expected names that end in {' or '.join(suffixes)}")
    return found


def _read_source(path: Path, language: str | None) -> _Input:
    name = language or language_of_file(path)
    if name is None:
        raise UserError(f"cannot tell the language of {path}: name it with --language")
    return _Input(str(path), Program(read_text(path)), name)


def _read_completions(path: Path, language: str | None, tasks: str | None) -> Iterator[_Input]:
    from rlcf.tasks.loading import load_completions, load_tasks
    from rlcf.tasks.projects import project_options

    if tasks is None:
        raise UserError(f"{path} holds completions: name their tasks with --tasks FILE")
    known = {t.task_id: t for t in load_tasks(tasks)}
    options = project_options(known.values())
    for completion in load_completions(path, list(known.values())):
        task = known[completion.task_id]
        yield _Input(task.task_id, Program.of(task, completion.completion), language or task.language, options)


def _check(inputs: list[_Input], workers: int, timeout_s: float, given: Mapping[str, Any]) -> list[Verdict]:
    """Verdicts in input order; each language's compiler is started once."""
    languages = {name: load_language(name) for name in dict.fromkeys(i.language for i in inputs)}
    for key in given:
        if not any(key in language.options_type.model_fields for language in languages.values()):
            raise ConfigError(f"--{key.replace('_', '-')} is no option of {' or '.join(languages)}: leave it out")
    verdicts: dict[int, Verdict] = {}
    for name, language in languages.items():
        chosen = [n for n, i in enumerate(inputs) if i.language == name]
        known = {key: value for key, value in given.items() if key in language.options_type.model_fields}
        told = make_recipe({"language": {"name": name, **known}}, where="command line").language
        for options in {inputs[n].options: None for n in chosen}:
            some = [n for n in chosen if inputs[n].options == options]
            with language.checker(workers, timeout_s, told if known or options is None else options) as checker:
                verdicts |= zip(some, checker.check_programs([inputs[n].program for n in some]), strict=True)
    return [verdicts[n] for n in range(len(inputs))]


def _as_json(given: _Input, verdict: Verdict) -> str:
    """One line; a completion's diagnostics say where in it they are, `None` when outside."""
    rows = [asdict(d) for d in verdict.diagnostics]
    if given.program.end is not None:
        for row, diagnostic in zip(rows, verdict.diagnostics, strict=True):
            d = given.program.in_completion(diagnostic)
            row["in_completion"] = d and {"line": d.line, "column": d.column, "offset": d.offset}
    return json.dumps({"id": given.id, "status": verdict.status, "diagnostics": rows}) + "\n"


def _as_text(given: _Input, verdict: Verdict) -> str:
    """The status, and of each diagnostic the message, the source line and a caret below the place."""
    shown = [f"{printable(given.id)}: {verdict.status}"]
    lines = LINE_END.split(given.program.source)
    for d in verdict.diagnostics[:_MAX_DIAGNOSTICS]:
        inside = given.program.in_completion(d) if given.program.end is not None else None
        where = f" (line {inside.line} of the completion)" if inside else ""
        message = printable(LINE_END.split(d.message)[0])
        shown.append(f"  {d.line}:{d.column} {d.severity}: {message}{where}  [{printable(d.code)}]")
        if 0 < d.line <= len(lines):
            shown += [f"    {text}" for text in _under(lines[d.line - 1], max(0, d.column - 1))]
    if len(verdict.diagnostics) > _MAX_DIAGNOSTICS:
        shown.append(f"  … and {len(verdict.diagnostics) - _MAX_DIAGNOSTICS} more")
    return "\n".join(shown) + "\n"


def _under(line: str, column: int) -> list[str]:
    """The line and a caret below its character `column`; of a long line the part around it."""
    if len(line) > _MAX_WIDTH:
        start, end = max(0, column - _MAX_WIDTH // 2), column + _MAX_WIDTH // 2
        head, tail = "…" if start else "", "…" if end < len(line) else ""
        line, column = head + line[start:end] + tail, column - start + len(head)
    shown = "".join(c if c == "\t" or c.isprintable() else "\ufffd" for c in line)  # one for one: the caret stays right
    return [shown, "".join("\t" if c == "\t" else " " * cell_len(c) for c in shown[:column]) + "^"]
