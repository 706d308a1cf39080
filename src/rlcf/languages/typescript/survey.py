"""TypeScript projects as a whole: what the compiler says of each file, and which other bodies it accepts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rlcf.config.languages import TypeScriptOptions
from rlcf.languages.base import options_as
from rlcf.languages.lsp import TreeLspChild
from rlcf.languages.projects import Replacement, SourceError, SourceProject
from rlcf.languages.tree_survey import TreeSurveyor
from rlcf.languages.typescript.advice import MODULES
from rlcf.languages.typescript.checker import diagnostics, is_syntax
from rlcf.languages.typescript.in_project import ProjectChecker
from rlcf.languages.typescript.outline import TypeScriptOutline, reaches_out
from rlcf.languages.typescript.tree import ProjectFolder, write_project

_WITH_TASKS = (".ts", ".mts", ".cts")
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")


class TypeScriptSurveyor(TreeSurveyor):
    """See `Surveyor`."""

    tool = "TypeScript's compiler"
    extra = "rlcf[languages]"
    unused = frozenset(f"TS{code}" for code in (6133, 6138, 6192, 6196, 6198, 6199, 6205))

    def __init__(self, project: SourceProject) -> None:
        super().__init__(project.root)
        self._project = project
        self._options = options_as(TypeScriptOptions, project.options).model_copy(update={"tsconfig": None})
        self._declared: dict[str, set[int]] = {}

    def write(self, files: Iterable[Path], target: Path) -> None:
        write_project(self._project, files, target)

    @contextmanager
    def server(self, folder: Path, names: Sequence[str]) -> Iterator[TreeLspChild]:
        tree = ProjectFolder(self._options.model_copy(update={"project": folder}))
        try:
            child = tree.server(names)
            try:
                yield child
            finally:
                child.close()
        finally:
            tree.close()

    def checker(self, folder: Path, workers: int, timeout_s: float) -> ProjectChecker:
        return ProjectChecker(workers, timeout_s, self._options.model_copy(update={"project": folder}))

    def errors(self, path: Path, text: str, items: Sequence[Mapping[str, Any]]) -> Iterator[SourceError]:  # noqa: ARG002
        for each in diagnostics(text, items):
            if each.severity == "error":
                fatal = is_syntax(int(each.code[2:])) or each.code in MODULES
                yield SourceError(each.code, each.message, each.line, each.offset, fatal)

    def outline(self, path: Path, text: str) -> TypeScriptOutline | None:
        is_source = path.name.endswith(_WITH_TASKS) and not path.name.endswith(_DECLARATIONS)
        return TypeScriptOutline(text) if is_source else None

    def is_hidden(self, text: str, body: Replacement) -> bool:
        if text not in self._declared:
            self._declared = {text: TypeScriptOutline(text).declared}
        opening = len(text[: body.start].rstrip()) - 1
        return (
            opening in self._declared[text]
            and not reaches_out(text[body.start : body.end])
            and not reaches_out(body.text)
        )
