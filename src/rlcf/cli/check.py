"""`rlcf check`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from rlcf.config.languages import JavaOptions
from rlcf.errors import DataError, UserError
from rlcf.records import LINE_END, Diagnostic, Program, Task, Verdict

_WIDEST = 160
"""Characters of a source line that are shown."""


@dataclass(frozen=True, slots=True)
class _Input:
    id: str
    program: Program
    language: str


def check(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT…", help="Source files, or completions (.jsonl).")],
    language: Annotated[str | None, typer.Option(help="By default told by the file's suffix or the task.")] = None,
    tasks: Annotated[str | None, typer.Option(help="Task file or built-in set that the completions belong to.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON Lines: id, status, diagnostics.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Compiler processes.")] = 2,
    timeout_s: Annotated[float, typer.Option(min=0.1, help="Seconds for one program.")] = 10.0,
    class_path: Annotated[str, typer.Option(help=f"Jars and folders of classes, joined by {os.pathsep!r}.")] = "",
    source_path: Annotated[str, typer.Option(help="Folders of the project's sources, joined likewise.")] = "",
    release: Annotated[int | None, typer.Option(help="Check for this version of the language, such as 11.")] = None,
) -> None:
    """Checks programs with the language's own compiler. Exit code: 0 all accepted, 1 some rejected.

    Example: rlcf check src/Main.java
    Example: rlcf check --tasks builtin:java samples.jsonl --json
    Example: rlcf check --source-path src/main/java --class-path lib/guava.jar Generated.java
    """
    programs = [p for path in inputs for p in _read(path, language, tasks)]
    java = JavaOptions(class_path=_paths(class_path), source_path=_paths(source_path), release=release)
    verdicts = _check(programs, workers, timeout_s, {"java": java})
    for program, verdict in zip(programs, verdicts, strict=True):
        sys.stdout.write(_as_json(program, verdict) if as_json else _as_text(program, verdict))
    raise typer.Exit(0 if all(v.accepted for v in verdicts) else 1)


def _read(path: Path, language: str | None, tasks: str | None) -> Iterable[_Input]:
    from rlcf.languages.registry import language_of_file, load_language

    if path.name.endswith((".jsonl", ".jsonl.gz")):
        yield from _read_completions(path, tasks)
        return
    name = language or language_of_file(path)
    if name is None:
        raise UserError(f"cannot tell the language of {path}: name it with --language")
    load_language(name)
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error
    yield _Input(str(path), Program(source), name)


def _read_completions(path: Path, tasks: str | None) -> Iterable[_Input]:
    from rlcf.tasks.loading import load_completions, load_tasks

    if tasks is None:
        raise UserError(f"{path} holds completions: name their tasks with --tasks FILE")
    known: dict[str, Task] = {t.task_id: t for t in load_tasks(tasks)}
    for completion in load_completions(path, list(known.values())):
        task = known[completion.task_id]
        yield _Input(task.task_id, Program.of(task, completion.completion), task.language)


def _paths(joined: str) -> tuple[Path, ...]:
    return tuple(Path(path) for path in joined.split(os.pathsep) if path)


def _check(inputs: list[_Input], workers: int, timeout_s: float, options: dict[str, JavaOptions]) -> list[Verdict]:
    """Verdicts in input order; each language's compiler is started once."""
    from rlcf.languages.registry import load_language

    verdicts: dict[int, Verdict] = {}
    for name in dict.fromkeys(i.language for i in inputs):
        rows = [n for n, i in enumerate(inputs) if i.language == name]
        with load_language(name).checker(workers, timeout_s, options.get(name)) as checker:
            verdicts |= zip(rows, checker.check([inputs[n].program.source for n in rows]), strict=True)
    return [verdicts[n] for n in range(len(inputs))]


def _as_json(given: _Input, verdict: Verdict) -> str:
    diagnostics = [asdict(d) | _written(given.program, d) for d in verdict.diagnostics]
    row = {"id": given.id, "status": verdict.status, "diagnostics": diagnostics}
    return json.dumps(row, ensure_ascii=True) + "\n"


def _written(program: Program, diagnostic: Diagnostic) -> dict[str, dict[str, int | None] | None]:
    """For a completion: where in it the diagnostic stands, `None` when in the prompt."""
    if not program.start:
        return {}
    inside = program.in_completion(diagnostic)
    if inside is None:
        return {"in_completion": None}
    return {"in_completion": {"line": inside.line, "column": inside.column, "offset": inside.offset}}


def _as_text(given: _Input, verdict: Verdict) -> str:
    lines = [f"{given.id}: {verdict.status}"]
    for diagnostic in verdict.diagnostics[:10]:
        lines += _show(diagnostic, given.program)
    if len(verdict.diagnostics) > 10:
        lines.append(f"  … and {len(verdict.diagnostics) - 10} more")
    return "\n".join(lines) + "\n"


def _show(diagnostic: Diagnostic, program: Program) -> list[str]:
    """The message, the source line it is about, and a caret beneath the place."""
    head = diagnostic.message.splitlines()[0] if diagnostic.message else ""
    inside = program.in_completion(diagnostic) if program.start else None
    where = f" (line {inside.line} of the completion)" if inside else ""
    shown = [f"  {diagnostic.line}:{diagnostic.column} {diagnostic.severity}: {head}{where}  [{diagnostic.code}]"]
    lines = LINE_END.split(program.source)
    if 0 < diagnostic.line <= len(lines):
        shown += [f"    {text}" for text in _under(lines[diagnostic.line - 1], max(0, diagnostic.column - 1))]
    return shown


def _under(line: str, column: int) -> list[str]:
    """The line and a caret beneath its character `column`; of a long line the part around it."""
    if len(line) > _WIDEST:
        start, end = max(0, column - _WIDEST // 2), column + _WIDEST // 2
        head, tail = "…" if start else "", "…" if end < len(line) else ""
        line, column = head + line[start:end] + tail, column - start + len(head)
    printable = "".join(c if c == "\t" or c.isprintable() else "\ufffd" for c in line)
    return [printable, "".join("\t" if c == "\t" else " " for c in printable[:column]) + "^"]
