"""Calls functions of TypeScript programs on generated inputs."""

from __future__ import annotations

from rlcf.languages.javascript.driver import JavaScriptDriver
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.languages.typescript.emit import emit
from rlcf.languages.typescript.facts import GRAMMAR


class TypeScriptDriver(JavaScriptDriver):
    """See `PlainDriver`."""

    grammar = GRAMMAR

    def __init__(self, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        super().__init__(workers, timeout_s, memory_mib, sandbox)
        self._compiler = find_compiler()

    def translated(self, source: str) -> str | None:
        made = emit(self._compiler, [source])
        return None if made is None else made[0]
