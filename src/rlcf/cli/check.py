"""`rlcf check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from rlcf.errors import DataError, UserError
from rlcf.records import Diagnostic, Program, Task, Verdict


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
) -> None:
    """Checks programs with the language's own compiler. Exit code: 0 all accepted, 1 some rejected.

    Example: rlcf check src/Main.java
    Example: rlcf check --tasks builtin:java samples.jsonl --json
    """
    programs = [p for path in inputs for p in _read(path, language, tasks)]
    verdicts = _check(programs, workers, timeout_s)
    for program, verdict in zip(programs, verdicts, strict=True):
        sys.stdout.write(_as_json(program, verdict) if as_json else _as_text(program, verdict))
    raise typer.Exit(0 if all(v.accepted for v in verdicts) else 1)


def _read(path: Path, language: str | None, tasks: str | None) -> Iterable[_Input]:
    from rlcf.languages.registry import language_of_file, load_language

    if path.suffix == ".jsonl":
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
    from rlcf.corpus.tasks import load_completions, load_tasks

    if tasks is None:
        raise UserError(f"{path} holds completions: name their tasks with --tasks FILE")
    known: dict[str, Task] = {t.task_id: t for t in load_tasks(tasks)}
    for completion in load_completions(path, list(known.values())):
        task = known[completion.task_id]
        yield _Input(task.task_id, Program.of(task, completion.completion), task.language)


def _check(inputs: list[_Input], workers: int, timeout_s: float) -> list[Verdict]:
    """Verdicts in input order; each language's compiler is started once."""
    from rlcf.languages.registry import load_language

    verdicts: dict[int, Verdict] = {}
    for name in dict.fromkeys(i.language for i in inputs):
        rows = [n for n, i in enumerate(inputs) if i.language == name]
        with load_language(name).checker(workers, timeout_s) as checker:
            verdicts |= zip(rows, checker.check([inputs[n].program.source for n in rows]), strict=True)
    return [verdicts[n] for n in range(len(inputs))]


def _as_json(given: _Input, verdict: Verdict) -> str:
    row = {"id": given.id, "status": verdict.status, "diagnostics": [asdict(d) for d in verdict.diagnostics]}
    return json.dumps(row, ensure_ascii=True) + "\n"


def _as_text(given: _Input, verdict: Verdict) -> str:
    lines = [f"{given.id}: {verdict.status}"]
    for diagnostic in verdict.diagnostics[:10]:
        lines += _show(diagnostic, given.program.source)
    if len(verdict.diagnostics) > 10:
        lines.append(f"  … and {len(verdict.diagnostics) - 10} more")
    return "\n".join(lines) + "\n"


def _show(diagnostic: Diagnostic, source: str) -> list[str]:
    """The message, the source line it is about, and a caret beneath the place."""
    head = diagnostic.message.splitlines()[0] if diagnostic.message else ""
    shown = [f"  {diagnostic.line}:{diagnostic.column} {diagnostic.severity}: {head}  [{diagnostic.code}]"]
    lines = source.split("\n")
    if 0 < diagnostic.line <= len(lines) and len(lines[diagnostic.line - 1]) < 400:
        line = lines[diagnostic.line - 1].rstrip("\r")
        before = "".join("\t" if c == "\t" else " " for c in line[: max(0, diagnostic.column - 1)])
        shown += [f"    {line}", f"    {before}^"]
    return shown
