"""The files of a source tree. No links are followed, so a link in a circle is no danger."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from rlcf.errors import DataError


def project_folder(folder: Path) -> Path:
    """The absolute path of a project's folder; raises `DataError` where there is none."""
    if not os.path.exists(folder):  # noqa: PTH110 - also of a name that is too long, and of links in a circle
        raise DataError(f"no such folder: {folder}")
    if not folder.is_dir():
        raise DataError(f"{folder} is a file: expected the folder of a project")
    return folder.resolve()


def files_in(
    folder: Path,
    suffixes: tuple[str, ...],
    exclude: Sequence[str],
    root: Path,
    leave_out: Callable[[Path], bool] = lambda _: False,
) -> Iterator[Path]:
    """The source files in a folder, sorted; hidden folders, and what matches `exclude`, are left out.

    Args:
        exclude: patterns of names, and of paths from `root`.
        leave_out: whether a folder is left out.
    """
    for inside, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not leave_out(Path(inside, name)))
        for name in sorted(names):
            path = Path(inside, name)
            if name.endswith(suffixes) and not path.is_symlink() and not matches(path.relative_to(root), exclude):
                yield path


def matches(path: Path, patterns: Sequence[str]) -> bool:
    """Whether a path, or the name at its end, is what one of the patterns describes."""
    return any(fnmatch(str(path), pattern) or fnmatch(path.name, pattern) for pattern in patterns)
