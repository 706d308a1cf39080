"""Verdicts on Python programs that stand in a file of a project. See `TreeChecker`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from rlcf.languages.functions import facts_of
from rlcf.languages.lsp import TreeLspChild
from rlcf.languages.python.checker import THREADS, PythonChecker, diagnostics
from rlcf.languages.python.effects import does_nothing, reaches_out
from rlcf.languages.python.ends import open_function_start
from rlcf.languages.python.facts import GRAMMAR
from rlcf.languages.python.suppressions import without_suppressions
from rlcf.languages.tree_checker import Items, TreeChecker
from rlcf.records import Diagnostic, MethodFacts, Program
from rlcf.workers.child import Child

_ALONE = "rlcf_program.py"
_BLOCK = "if True:\n"


class ProjectChecker(TreeChecker, PythonChecker):
    """As `PythonChecker`, in a project."""

    def _starter(self, command: Sequence[str]) -> Callable[[], Child]:
        workspace = self._workspace
        self.folder = workspace
        self.alone = os.path.join(*(self._options.roots[:1] or ("",)), _ALONE)  # noqa: PTH118 - of a text
        environment, settings = workspace.environment | THREADS, {"diagnosticMode": "workspace"}
        return lambda: TreeLspChild(command, environment, workspace.root, workspace.files, "python", settings)

    def told(self, source: str, items: Items) -> tuple[Diagnostic, ...]:
        return diagnostics(source, items, self._options)

    def without_suppressions(self, text: str) -> str:
        return text if self._options.suppressions else without_suppressions(text)

    def body_reaches_others(self, program: Program, reference: str) -> bool:
        if reaches_out(reference) or reaches_out(program.completion):
            return True
        is_declared = "Protocol" in program.source or "abstract" in program.source
        return is_declared and does_nothing(program.completion) != does_nothing(reference)

    def own_facts(self, program: Program) -> tuple[MethodFacts, ...] | None:
        """See `TreeChecker`. Long files need not be parsed for each body."""
        first = open_function_start(program.source[: program.start]) if program.start else None
        if first is None:
            return facts_of(program.source, GRAMMAR)
        around = _BLOCK if program.source[first] in " \t" else ""
        facts = facts_of(around + program.source[first : program.start] + program.completion, GRAMMAR)
        return facts and tuple(replace(f, offset=f.offset + first - len(around)) for f in facts)
