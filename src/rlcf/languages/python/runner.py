"""Runs Python programs with their tests, each in a process of its own."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from pathlib import Path

from rlcf.languages.paired import PairedRunner, sandboxed
from rlcf.languages.python.preamble import preamble
from rlcf.records import LINE_END, Program

_HARNESS = Path(__file__).parent / "harness"
_OVERHEAD_MIB = 96
_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_CLASS = re.compile(r"\bclass\b")
_DEFINED = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)


class PythonRunner(PairedRunner):
    """See `PairedRunner`."""

    tool = "Python"
    suffix = ".py"

    def with_known_test(self, source: str) -> Program:
        return with_known_test(source)

    def commands(self, program: Program, own: Path, test: Path) -> tuple[list[str], list[str]]:
        context = program.source[: program.start]
        shadowing = [name for name in dict.fromkeys(_DEFINED.findall(context)) if hasattr(builtins, name)]
        before = test.with_name("preamble.py")
        before.write_bytes(preamble(program).encode("utf-8", "surrogatepass"))
        judge = python_command("judge.py", test, self._memory_mib, self._sandbox)
        judge += [str(before), "objects" if _may_have_objects(program) else "data", *shadowing]
        return python_command("program.py", own, self._memory_mib, self._sandbox), judge


def _may_have_objects(program: Program) -> bool:
    """Whether a test may expect objects of the program's classes: only where its task has some, or is not known."""
    context = program.source[: program.start]
    after = "" if program.end is None else program.source[program.end :]
    return not context.strip() or _CLASS.search(context + after) is not None


def python_command(script: str, file: Path, memory_mib: int, sandbox: bool) -> list[str]:
    """The command that runs a script of the harness on a file; it sees that file's folder and Python, nothing else."""
    command = [str(Path(sys.executable).resolve()), "-I", "-S", "-B", str(_HARNESS / script), str(file)]
    return sandboxed(command, [Path(sys.base_prefix), _HARNESS, file.parent], memory_mib + _OVERHEAD_MIB, sandbox)


def with_known_test(source: str) -> Program:
    """A program with its test: the statements after its last definition or import."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Program(source)
    last = max((i for i, node in enumerate(body) if isinstance(node, _DEFINES)), default=-1)
    starts = [0, *(match.end() for match in LINE_END.finditer(source))]
    line = body[last + 1].lineno if last + 1 < len(body) else 0
    own_line = line and (last < 0 or (body[last].end_lineno or line) < line)
    return Program(source, test_start=starts[line - 1] if own_line else len(source))
