"""Runs JavaScript programs with their tests, each in a process of its own."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from rlcf.languages.base import Checker
from rlcf.languages.javascript.node import find_node, node_command
from rlcf.languages.paired import PairedRunner
from rlcf.records import Program

_DEFINED = re.compile(r"^\s*(?:export\s+)?(?:async\s+)?(?:function\*?|class|const|let|var)\s+([\w$]+)", re.MULTILINE)
_TOP_LEVEL = re.compile(r"^(?:[}\])]|\S.*)", re.MULTILINE)


class JavaScriptRunner(PairedRunner):
    """See `PairedRunner`."""

    tool = "Node"
    suffix = ".js"
    memory_codes = frozenset({-signal.SIGABRT, 128 + signal.SIGABRT, -signal.SIGTRAP, 128 + signal.SIGTRAP})

    def __init__(self, checker: Checker, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        super().__init__(checker, workers, timeout_s, memory_mib, sandbox)
        self._node = find_node()

    def with_known_test(self, source: str) -> Program:
        return Program(source, test_start=_after_definitions(source))

    def commands(self, program: Program, own: Path, test: Path) -> tuple[list[str], list[str]]:
        context = program.source[: program.start]
        program_command, judge = (
            node_command(self._node, script, file, self._memory_mib, self._sandbox)
            for script, file in (("program.cjs", own), ("judge.cjs", test))
        )
        return program_command, [*judge, *dict.fromkeys(_DEFINED.findall(context))]


def _after_definitions(source: str) -> int:
    """Where the lines after the last function or class at the left margin begin."""
    lines = list(_TOP_LEVEL.finditer(source))
    closing = [line.end() for line in lines if line[0].startswith("}")]
    return min(max(closing, default=0) + 1, len(source)) if closing else 0
