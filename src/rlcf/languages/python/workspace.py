"""The folder that ty works in: its settings, and the modules of the project that programs are parts of."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from rlcf.config.languages import PythonOptions
from rlcf.errors import DataError, UserError
from rlcf.languages.python.layout import MARKER, SUFFIXES, module_files

_LARGEST_ARCHIVE = 1 << 30
"""Bytes of all files in it."""
_EXCLUDED = ("!**/dist/", "!**/build/", "!**/_build/", "!**/venv/", "!**/node_modules/", "!**/buck-out/")
"""Folders that ty leaves out by itself."""


class Workspace:
    """A temporary folder; close it to remove it."""

    def __init__(self, options: PythonOptions) -> None:
        """Raises `UserError` where an option names what is not there."""
        self._folder = tempfile.TemporaryDirectory(prefix="rlcf-python-")
        folder = Path(self._folder.name).resolve()
        self.environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        self.root = folder
        """Where `ty.toml` is."""
        self._texts: dict[str, str | None] = {}
        self.files: tuple[str, ...] = ()
        """The project's modules, by their paths in it."""
        try:
            if options.project is not None:
                self.root = folder / "project"
                self.root.mkdir()
                self.files = tuple(_copied(options.project, self.root))
            (self.root / "ty.toml").write_text(settings(folder, self.root, options), encoding="utf-8")
        except BaseException:
            self.close()
            raise

    def text(self, file: str) -> str | None:
        """The text of a module of the project; `None` where there is none."""
        if file not in self._texts:
            path = self.root / file
            self._texts[file] = path.read_bytes().decode("utf-8", "replace") if file in self.files else None
        return self._texts[file]

    def close(self) -> None:
        self._folder.cleanup()


def _copied(project: Path, target: Path) -> Iterator[str]:
    """Copies the modules of a project, and gives their paths."""
    if project.is_dir():
        for path in module_files(project, project):
            name = path.relative_to(project).as_posix()
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / name)
            yield name
        return
    try:
        with zipfile.ZipFile(project) as archive:
            entries = [e for e in archive.infolist() if e.filename.endswith((*SUFFIXES, MARKER))]
            if sum(entry.file_size for entry in entries) > _LARGEST_ARCHIVE:
                raise DataError(f"{project} holds more than {_LARGEST_ARCHIVE >> 20} MiB: it is no project's code")
            for entry in entries:
                archive.extract(entry, target)
    except FileNotFoundError as error:
        raise UserError(f"no such file or folder: {project}") from error
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise DataError(f"{project} is no archive of a project as rlcf tasks mine writes it: {error}") from error
    yield from sorted(p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file())


def is_inside(file: str) -> bool:
    """Whether a path leads to a file in a folder, and not out of it."""
    path = PurePosixPath(file)
    return file != "" and "\0" not in file and not path.is_absolute() and ".." not in path.parts


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
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def write_modules(files: Iterable[Path], root: Path, target: Path) -> None:
    """Copies modules of a project, as they are, with the markers of packages that are typed."""
    for path in files:
        copy = target / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        if (path.parent / MARKER).is_file():
            shutil.copyfile(path.parent / MARKER, copy.parent / MARKER)
