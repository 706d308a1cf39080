"""Python, checked by its own `compile`: a language that has a checker and nothing else.

It has no runner, no facts about methods, no end mark, no stub. `compile` finds errors of syntax, and not the names and
types that a program gets wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rlcf.config.languages import LanguageOptions
from rlcf.languages.base import CHECKING, Checker, Language, Requirement
from rlcf.languages.pooled import PooledChecker
from rlcf.languages.serving import read_rows
from rlcf.records import Diagnostic
from rlcf.workers.child import Child

_COMMAND = [sys.executable, str(Path(__file__).with_name("python_compiler.py"))]


class Python(Language):
    """Python of the version that rlcf itself runs on; one module a program."""

    name = "python"
    suffixes = (".py", ".pyi")
    fence_labels = ("python", "py", "python3")

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        return PythonChecker(workers, timeout_s)

    def requirements(self) -> list[Requirement]:
        return [Requirement("python", sys.version.split()[0], "apt install python3", CHECKING)]


class PythonChecker(PooledChecker):
    """Child processes that compile one program after the other."""

    tool = "python's compiler"
    right = "x = 1\n"

    def __init__(self, workers: int, timeout_s: float, command: Sequence[str] = _COMMAND) -> None:
        super().__init__(lambda: Child(command), workers, timeout_s)

    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        return read_rows(source, answer, "character")
