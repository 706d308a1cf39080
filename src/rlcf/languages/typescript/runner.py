"""Runs TypeScript programs with their tests as JavaScript, each in a process of its own."""

from __future__ import annotations

from rlcf.languages.base import Checker
from rlcf.languages.javascript.runner import JavaScriptRunner
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.languages.typescript.emit import emit


class TypeScriptRunner(JavaScriptRunner):
    """See `PairedRunner`. Program and test are translated apart."""

    def __init__(self, checker: Checker, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        super().__init__(checker, workers, timeout_s, memory_mib, sandbox)
        self._compiler = find_compiler()

    def translated(self, own: str, test: str) -> tuple[str, str] | None:
        made = emit(self._compiler, [own, test])
        return None if made is None else (made[0], made[1])
