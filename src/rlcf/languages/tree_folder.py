"""A project's files, copied to the folder that a language server works in."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from rlcf.errors import DataError, UserError

_LARGEST_ARCHIVE = 1 << 30
"""Bytes of all files in it."""


class TreeFolder:
    """The folder, and the texts of the project's files in it."""

    def __init__(self, root: Path, files: Iterable[str] = ()) -> None:
        """`files` are the paths of the files that programs may stand in the place of."""
        self.root = root
        self.files = tuple(files)
        self.known: dict[str, frozenset[tuple[str, int | None]]] = {}
        """Code and offset of what is wrong with files as they are, where that was asked for."""
        self._names = frozenset(self.files)
        self._texts: dict[str, str | None] = {}

    def text(self, file: str) -> str | None:
        """The text of a file of the project; `None` where there is none."""
        if file not in self._texts:
            there = file in self._names
            self._texts[file] = (self.root / file).read_bytes().decode("utf-8", "replace") if there else None
        return self._texts[file]


def is_inside(file: str) -> bool:
    """Whether a path leads to a file in a folder, and not out of it."""
    path = PurePosixPath(file)
    return file != "" and "\0" not in file and not path.is_absolute() and ".." not in path.parts


def copied(files: Iterable[Path], root: Path, target: Path) -> Iterator[str]:
    """Copies files of a project, and gives their paths in it."""
    for path in files:
        name = path.relative_to(root).as_posix()
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)
        yield name


def extracted(archive_file: Path, target: Path, is_wanted: Callable[[str], bool]) -> list[str]:
    """Writes what `rlcf tasks mine` has kept of a project, and gives the paths of the files.

    Raises:
        UserError: there is no such file.
        DataError: it is no archive, or it is far too large.
    """
    try:
        with zipfile.ZipFile(archive_file) as archive:
            entries = [entry for entry in archive.infolist() if is_wanted(entry.filename)]
            if sum(entry.file_size for entry in entries) > _LARGEST_ARCHIVE:
                raise DataError(f"{archive_file} holds more than {_LARGEST_ARCHIVE >> 20} MiB: it is no project's code")
            for entry in entries:
                archive.extract(entry, target)
    except FileNotFoundError as error:
        raise UserError(f"no such file or folder: {archive_file}") from error
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise DataError(f"{archive_file} is no archive of a project as rlcf tasks mine writes it: {error}") from error
    return sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
