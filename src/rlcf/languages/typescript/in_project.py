"""Verdicts on TypeScript programs that stand in a file of a project. See `TreeChecker`."""

from __future__ import annotations

from rlcf.config.languages import TypeScriptOptions
from rlcf.languages.functions import facts_of
from rlcf.languages.syntax import MissingGrammar, block_end
from rlcf.languages.tree_checker import Items, TreeChecker
from rlcf.languages.typescript.checker import diagnostics, without_suppressions
from rlcf.languages.typescript.facts import GRAMMAR
from rlcf.languages.typescript.outline import TypeScriptOutline, reaches_out
from rlcf.languages.typescript.tree import ProjectFolder
from rlcf.records import Diagnostic, MethodFacts, Program


class ProjectChecker(TreeChecker):
    """Each worker is a server of its own, which sees the project and its packages."""

    tool = "TypeScript's compiler"
    right = "export let x = [1];\n"
    alone = "rlcf-program.ts"

    def __init__(self, workers: int, timeout_s: float, options: TypeScriptOptions) -> None:
        """See `Language.checker`."""
        self._options = options
        self._tree = ProjectFolder(options)
        self.folder = self._tree
        self._declared: dict[str, set[int]] = {}
        super().__init__(self._tree.server, workers, timeout_s)

    def told(self, source: str, items: Items) -> tuple[Diagnostic, ...]:
        return diagnostics(source, items, self._options.strictness == "syntax")

    def without_suppressions(self, text: str) -> str:
        return text if self._options.suppressions else without_suppressions(text)

    def body_reaches_others(self, program: Program, reference: str) -> bool:
        path = program.path or ""
        opening = len(program.source[: program.start].rstrip()) - 1
        if opening not in self._declared_in(path):
            return True
        bodies = (reference, program.completion)
        return any(map(reaches_out, bodies)) or not fills_one_block(program.completion)

    def _declared_in(self, path: str) -> set[int]:
        """Where the bodies open of a file's functions that say what they return."""
        if path not in self._declared:
            try:
                self._declared[path] = TypeScriptOutline(self.folder.text(path) or "").declared
            except MissingGrammar:
                self._declared[path] = set()
        return self._declared[path]

    def own_facts(self, program: Program) -> tuple[MethodFacts, ...] | None:
        within = (program.start, program.start + len(program.completion)) if program.start else None
        return facts_of(program.source, GRAMMAR, within)

    def close(self) -> None:
        super().close()
        self._tree.close()


def fills_one_block(body: str) -> bool:
    """Whether a body ends where its text does, so that nothing is declared after it."""
    end = block_end(GRAMMAR, "function f() {", body)
    return end is not None and not body[end:].strip()
