"""Runs JavaScript programs with their tests, each in a process of its own."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from rlcf.languages.base import Checker
from rlcf.languages.javascript.node import find_node
from rlcf.languages.paired import PairedRunner, sandboxed
from rlcf.records import Program

_HARNESS = Path(__file__).parent / "harness"
_OVERHEAD_MIB = 4096
"""Node maps more memory than it uses."""
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
        judge = self.node_command("judge.cjs", test)
        return self.node_command("program.cjs", own), [*judge, *dict.fromkeys(_DEFINED.findall(context))]

    def node_command(self, script: str, file: Path) -> list[str]:
        """The command that runs a script of the harness on a file; it sees that folder and Node, nothing else."""
        heap = f"--max-old-space-size={self._memory_mib}"
        command = [str(self._node), heap, "--disable-proto=delete", str(_HARNESS / script), str(file)]
        readable = [self._node, _HARNESS, file.parent]
        return sandboxed(command, readable, self._memory_mib + _OVERHEAD_MIB, self._sandbox)


def _after_definitions(source: str) -> int:
    """Where the lines after the last function or class at the left margin begin."""
    lines = list(_TOP_LEVEL.finditer(source))
    closing = [line.end() for line in lines if line[0].startswith("}")]
    return min(max(closing, default=0) + 1, len(source)) if closing else 0
