"""Lists of paths as a person gives them."""

import os
import re
from pathlib import Path

import typer

from rlcf.cli.terminal import printable
from rlcf.config.languages import jars_in
from rlcf.errors import DataError
from rlcf.storage.jsonl import read_text

_OPTION = re.compile(r"--?(?:cp|class-?path|source-?path)(?:[\s=]+|$)")
_QUOTED = re.compile(rf"""(?<![^{os.pathsep}])(["'])((?:\\.|(?!\1).)*)\1(?={os.pathsep}|$)""")


def class_path(joined: str | None) -> list[str] | None:
    """As `split_paths`, with a note on folders of jars: classes are looked for in them, and jars are not."""
    parts = split_paths(joined)
    for part in parts or ():
        if jars_in(Path(part)):
            typer.echo(printable(f"note: {part} holds jars: write {os.path.join(part, '*')}"), err=True)  # noqa: PTH118
    return parts


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
