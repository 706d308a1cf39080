"""Runs JavaScript programs with their tests, each in a process of its own."""

from __future__ import annotations

import functools
import re
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rlcf.errors import SandboxUnavailable
from rlcf.languages.base import Checker
from rlcf.languages.javascript.context import own_declarations, script
from rlcf.languages.javascript.facts import GRAMMAR
from rlcf.languages.javascript.node import find_node, node_command
from rlcf.languages.paired import PairedRunner
from rlcf.languages.syntax import Grammar, parser
from rlcf.records import Program

_DEFINED = re.compile(r"^\s*(?:export\s+)?(?:async\s+)?(?:function\*?|class|const|let|var)\s+([\w$]+)", re.MULTILINE)
_TOP_LEVEL = re.compile(r"^(?:[}\])]|\S.*)", re.MULTILINE)


class JavaScriptRunner(PairedRunner):
    """See `PairedRunner`."""

    tool = "Node"
    suffix = ".js"
    grammar: ClassVar[Grammar] = GRAMMAR
    memory_codes = frozenset({-signal.SIGABRT, 128 + signal.SIGABRT, -signal.SIGTRAP, 128 + signal.SIGTRAP})

    def __init__(self, checker: Checker, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        super().__init__(checker, workers, timeout_s, memory_mib, sandbox)
        self._node = find_node()
        parser(self.grammar)
        self._context_script = functools.lru_cache(maxsize=256)(self._make_context_script)

    def with_known_test(self, source: str) -> Program:
        return Program(source, test_start=_after_definitions(source))

    def scripts(self, texts: Sequence[str]) -> Sequence[str] | None:
        """The JavaScript of each text; `None` where they cannot be translated."""
        return texts

    def translated(self, own: str, test: str) -> tuple[str, str] | None:
        made = self.scripts([own, test])
        return None if made is None else (made[0], made[1])

    def commands(self, program: Program, own: Path, test: Path) -> tuple[list[str], list[str]]:
        context = program.source[: program.start]
        suffix = "" if program.end is None else program.source[program.end : program.test_start]
        test.with_name("context.js").write_text(self._context_script(context, suffix), encoding="utf-8")
        program_command, judge = (
            node_command(self._node, script, file, self._memory_mib, self._sandbox)
            for script, file in (("program.cjs", own), ("judge.cjs", test))
        )
        return program_command, [*judge, *dict.fromkeys(_DEFINED.findall(context))]

    def _make_context_script(self, context: str, suffix: str) -> str:
        """What the test has of its context: see `javascript/context.py`."""
        declarations = own_declarations(self.grammar, context, suffix)
        if not declarations:
            return script("", [])
        made = self.scripts(["\n".join(each.text for each in declarations)])
        if made is None:
            raise SandboxUnavailable(f"{self.tool}: the context of a task cannot be translated")
        return script(made[0], declarations)


def _after_definitions(source: str) -> int:
    """Where the lines after the last function or class at the left margin begin."""
    lines = list(_TOP_LEVEL.finditer(source))
    closing = [line.end() for line in lines if line[0].startswith("}")]
    return min(max(closing, default=0) + 1, len(source)) if closing else 0
