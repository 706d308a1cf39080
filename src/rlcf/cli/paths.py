"""Lists of paths as a person gives them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import typer

from rlcf.cli.terminal import printable
from rlcf.errors import DataError
from rlcf.storage.jsonl import read_text

_OPTION = re.compile(r"--?(?:cp|class-?path|source-?path)(?:[\s=]+|$)")
_QUOTED = re.compile(rf"""(?<![^{os.pathsep}])(["'])((?:\\.|(?!\1).)*)\1(?={os.pathsep}|$)""")


def class_path(joined: str | None) -> list[str] | None:
    """As `split_paths`; `FOLDER/*` stands for the jars in a folder, as for `javac`.

    Raises:
        DataError: there is no jar in such a folder; and see `split_paths`.
    """
    parts = split_paths(joined)
    return None if parts is None else [entry for part in parts for entry in _entries(part)]


def split_paths(joined: str | None) -> list[str] | None:
    """The parts of a list of paths; `@FILE` stands for the list in a file, such as a build tool prints.

    In the file, paths may be in quotes, and the option may stand before them, as in an argument file of `javac`.

    Raises:
        DataError: the file cannot be read, or names no path.
    """
    if joined is None:
        return None
    lines = map(_listed, read_text(Path(joined[1:])).splitlines()) if joined.startswith("@") else [joined]
    parts = [part for line in lines for part in line.strip().split(os.pathsep) if part]
    if not parts and joined.startswith("@"):
        raise DataError(f"{joined[1:]} names no path: expected jars and folders, joined by {os.pathsep!r}")
    return parts


def _listed(line: str) -> str:
    """The list of paths in a line of a file."""
    line = _OPTION.sub("", line.strip(), count=1) if line.strip().startswith("-") else line.strip()
    return _QUOTED.sub(lambda quoted: re.sub(r"\\(.)", r"\1", quoted[2]), line)


def _entries(part: str) -> Iterator[str]:
    """The entries of a class path that a part of it stands for."""
    folder, name = os.path.split(part)
    if name != "*":
        if _jars(part):
            typer.echo(printable(f"note: {part} holds jars: write {os.path.join(part, '*')}"), err=True)  # noqa: PTH118
        yield part
    elif jars := _jars(folder):
        yield from jars
    else:
        raise DataError(f"no jar in {folder or 'this folder'}: {part} on the class path stands for those there")


def _jars(folder: str) -> list[str]:
    """The jars in a folder, sorted; none where it is no folder."""
    if not os.path.isdir(folder or os.curdir):  # noqa: PTH112 - also of a name that is too long
        return []
    return sorted(str(path) for path in Path(folder).iterdir() if path.suffix.lower() == ".jar" and path.is_file())
