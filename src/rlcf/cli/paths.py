"""Lists of paths as a person gives them."""

import os
from pathlib import Path

from rlcf.errors import DataError
from rlcf.storage.jsonl import read_text


def split_paths(joined: str | None) -> list[str] | None:
    """The parts of a class path; `@FILE` stands for the list in a file, such as a build tool prints."""
    if joined is None:
        return None
    lines = read_text(Path(joined[1:])).splitlines() if joined.startswith("@") else [joined]
    parts = [part for line in lines for part in line.strip().split(os.pathsep) if part]
    if not parts and joined.startswith("@"):
        raise DataError(f"{joined[1:]} names no path: expected jars and folders, joined by {os.pathsep!r}")
    return parts
