"""Runs TypeScript programs with their tests as JavaScript, each in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence

from rlcf.languages.base import Checker
from rlcf.languages.javascript.runner import JavaScriptRunner
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.languages.typescript.emit import emit
from rlcf.languages.typescript.facts import GRAMMAR


class TypeScriptRunner(JavaScriptRunner):
    """See `PairedRunner`. Program and test are translated apart."""

    grammar = GRAMMAR

    def __init__(self, checker: Checker, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        super().__init__(checker, workers, timeout_s, memory_mib, sandbox)
        self._compiler = find_compiler()

    def scripts(self, texts: Sequence[str]) -> Sequence[str] | None:
        return emit(self._compiler, texts)
