"""The folder that the compiler sees a project in: a copy of its sources, its settings, and the way to its packages."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from rlcf.config.languages import TypeScriptOptions
from rlcf.errors import DataError
from rlcf.languages.base import options_as
from rlcf.languages.lsp import TreeLspChild
from rlcf.languages.projects import SourceProject
from rlcf.languages.tree_folder import TreeFolder, copied, extracted
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.languages.typescript.layout import SCRIPTS, SUFFIXES, TSCONFIG, find_project, linked_packages
from rlcf.languages.typescript.workspace import existing, linked, sandboxed

_MEMORY_MIB = 4096
_MARK = "// Settings of a copy that rlcf has made of a project.\n"


class ProjectFolder(TreeFolder):
    """A temporary folder, whose `root` has a `tsconfig.json`; close it to remove it."""

    def __init__(self, options: TypeScriptOptions) -> None:
        """Raises `UserError` where an option names what is not there."""
        assert options.project is not None
        self.compiler = find_compiler(options.compiler)
        self._temporary = tempfile.TemporaryDirectory(prefix="rlcf-typescript-")
        folder = Path(self._temporary.name).resolve()
        try:
            project, packages = options.project, options.search_path
            found = find_project(project, options, ()) if project.is_dir() and not _is_copy(project) else None
            if found is not None:
                packages = options_as(TypeScriptOptions, found.options).search_path
            folders = [existing(each) for each in packages]
            root = linked(folder, folders)
            names = _extracted(project, root) if found is None else write_project(found, found.files, root)
        except BaseException:
            self.close()
            raise
        self._readable = [self.compiler.folder, folder, *folders, *linked_packages(folders)]
        super().__init__(root, (name for name in names if name.endswith((*SUFFIXES, *SCRIPTS))))

    def server(self, files: Sequence[str] | None = None) -> TreeLspChild:
        """A language server that sees this folder and the project's packages; `files` are those that it knows."""
        command = sandboxed(self.compiler, self._readable, "--lsp", "--stdio", memory_mib=_MEMORY_MIB)
        return TreeLspChild(command, {}, self.root, self.files if files is None else files, "typescript")

    def close(self) -> None:
        """Removes the folder; safe to call twice."""
        self._temporary.cleanup()


def write_project(project: SourceProject, files: Iterable[Path], target: Path) -> list[str]:
    """Copies sources of a project with its data and its settings, and gives the paths."""
    names = list(copied([*files, *project.data], project.root, target))
    (target / TSCONFIG).write_text(_MARK + project.settings, encoding="utf-8")
    return names


def _is_copy(folder: Path) -> bool:
    try:
        return (folder / TSCONFIG).read_text(encoding="utf-8").startswith(_MARK)
    except (OSError, ValueError):
        return False


def _extracted(project: Path, target: Path) -> list[str]:
    if project.is_dir():
        return list(copied((p for p in sorted(project.rglob("*")) if p.is_file()), project, target))
    names = extracted(project, target, lambda _: True)
    if TSCONFIG not in names:
        raise DataError(f"{project} is no archive of a project as rlcf tasks mine writes it: it has no {TSCONFIG}")
    return names
