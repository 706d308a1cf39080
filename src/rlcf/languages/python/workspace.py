"""The folder that ty works in: its settings, and the modules of the project that programs are parts of."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from rlcf.config.languages import PythonOptions
from rlcf.errors import UserError
from rlcf.languages.python.layout import MARKER, SUFFIXES, module_files
from rlcf.languages.tree_folder import TreeFolder, copied, extracted
from rlcf.storage.atomic import as_toml

_EXCLUDED = ("!**/dist/", "!**/build/", "!**/_build/", "!**/venv/", "!**/node_modules/", "!**/buck-out/")
"""Folders that ty leaves out by itself."""


class Workspace(TreeFolder):
    """A temporary folder, whose `root` has `ty.toml`; close it to remove it."""

    def __init__(self, options: PythonOptions) -> None:
        """Raises `UserError` where an option names what is not there."""
        self._folder = tempfile.TemporaryDirectory(prefix="rlcf-python-")
        folder = Path(self._folder.name).resolve()
        self.environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        root, files = folder, list[str]()
        try:
            if options.project is not None:
                root = folder / "project"
                root.mkdir()
                files = _project_files(options.project, root)
            (root / "ty.toml").write_text(settings(folder, root, options), encoding="utf-8")
        except BaseException:
            self.close()
            raise
        super().__init__(root, files)

    def close(self) -> None:
        self._folder.cleanup()


def _project_files(project: Path, target: Path) -> list[str]:
    """Copies the modules of a project, and gives their paths."""
    if project.is_dir():
        return list(copied(module_files(project, project), project, target))
    return extracted(project, target, lambda name: name.endswith((*SUFFIXES, MARKER)))


def settings(folder: Path, root: Path, options: PythonOptions) -> str:
    """The text of `ty.toml`. Without an environment of the user's, only the standard library is known."""
    for path in (*options.search_path, *([options.environment] if options.environment else [])):
        if not path.is_dir():
            raise UserError(f"no such folder: {path}")
    environment = options.environment
    if environment is None:
        environment = folder / "empty"
        packages = environment / "lib" / f"python{options.version}" / "site-packages"
        packages.mkdir(parents=True)
        (environment / "pyvenv.cfg").write_text(f"home = {folder}\nversion = {options.version}\n", encoding="utf-8")
    told: dict[str, object] = {
        "python-version": options.version,
        "python": str(environment.absolute()),
        "extra-paths": [str(path.absolute()) for path in options.search_path],
    }
    if options.project is None:
        return _table("environment", told)
    told["root"] = [str(root / name) for name in (options.roots or ("",))]
    return _table("environment", told) + _table("src", {"respect-ignore-files": False, "exclude": _EXCLUDED})


def _table(name: str, values: Mapping[str, object]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {as_toml(value)}\n" for key, value in values.items())


def write_modules(files: Iterable[Path], root: Path, target: Path) -> None:
    """Copies modules of a project, as they are, with the markers of packages that are typed."""
    modules = list(files)
    for name in copied(modules, root, target):
        marker = (root / name).parent / MARKER
        if marker.is_file():
            shutil.copyfile(marker, (target / name).parent / MARKER)
