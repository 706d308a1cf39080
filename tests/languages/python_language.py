"""Python, checked by its own `compile`: the smallest language, and the worked example of docs/adding-a-language.md.

It has a checker and nothing else: no runner, no facts about methods, no end mark, no stub. `compile` finds errors of
syntax, and not the names and types that a program gets wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rlcf.config.languages import LanguageOptions
from rlcf.errors import CheckerUnavailable
from rlcf.languages.base import CHECKING, Checker, Language, Requirement
from rlcf.records import LINE_END, Diagnostic, Severity, Verdict
from rlcf.workers.child import Child, ChildDied
from rlcf.workers.pool import Pool, PoolBroken, Unanswered

_COMMAND = [sys.executable, "-I", str(Path(__file__).with_name("python_compiler.py"))]


class Python(Language):
    """Python of the version that rlcf itself runs on; one module a program."""

    name = "python"
    suffixes = (".py", ".pyi")
    fence_labels = ("python", "py", "python3")

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        return PythonChecker(workers, timeout_s)

    def requirements(self) -> list[Requirement]:
        return [Requirement("python", sys.version.split()[0], "apt install python3", CHECKING)]


class PythonChecker(Checker):
    """Child processes that compile one program after the other."""

    def __init__(self, workers: int, timeout_s: float, command: Sequence[str] = _COMMAND) -> None:
        self._pool = Pool(lambda: Child(command), _ping, workers, timeout_s)

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        try:
            answers = self._pool.map([source.encode("utf-8", "surrogatepass") for source in sources])
        except PoolBroken as error:
            raise CheckerUnavailable(f"the Python compiler does not stay alive: {error}") from error
        return [_verdict(source, answer) for source, answer in zip(sources, answers, strict=True)]

    def pids(self) -> list[int]:
        """The process ids of the compilers that live now."""
        return self._pool.pids()

    def close(self) -> None:
        self._pool.close()


def _ping(child: Child, timeout_s: float) -> None:
    """Compiles a program that is right."""
    reply = json.loads(child.request(b"x = 1\n", timeout_s))
    if reply:
        raise ChildDied(f"refuses a program that is right: {reply}", None)


def _verdict(source: str, answer: bytes | Unanswered) -> Verdict:
    if isinstance(answer, Unanswered):  # this program, alone in a fresh process, and twice
        if answer.reason == "timeout":
            return Verdict("timeout")
        return Verdict("rejected", (Diagnostic("CompilerCrash", "error", answer.detail, 0, 0),))
    diagnostics = tuple(_diagnostic(source, *row) for row in json.loads(answer))
    rejected = any(d.severity == "error" for d in diagnostics)
    return Verdict("rejected" if rejected else "accepted", diagnostics)


def _diagnostic(source: str, code: str, severity: Severity, message: str, line: int, column: int) -> Diagnostic:
    starts = [0, *(end.end() for end in LINE_END.finditer(source))]
    if not 0 < line <= len(starts):
        return Diagnostic(code, severity, message, 0, 0)
    offset = min(starts[line - 1] + column - 1, len(source))
    return Diagnostic(code, severity, message, line, offset - starts[line - 1] + 1, offset)
