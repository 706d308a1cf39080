"""Files of settings as they stand: JSON that may have comments, and that may extend other files."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')


def folder_of(tsconfig: Path, option: str) -> Path:
    """The folder of the settings that have an option: a file, or one that it extends. The file's own if none has."""
    with_option = (file for file in files_of(tsconfig) if option in _options(file))
    return next((file.parent for file in with_option), tsconfig.parent)


def files_of(tsconfig: Path) -> Iterator[Path]:
    """A file of settings and those that it extends, what counts more first; packages are left out."""
    return _chain(tsconfig, set())


def _chain(file: Path, seen: set[Path]) -> Iterator[Path]:
    if file in seen or not file.is_file():
        return
    seen.add(file)
    yield file
    told = _read(file).get("extends", [])
    for name in reversed(told if isinstance(told, list) else [told]):
        if isinstance(name, str) and name.startswith("."):
            path = absolute(file.parent, name)
            yield from _chain(path if path.is_file() else path.with_name(f"{path.name}.json"), seen)


def _options(file: Path) -> dict[str, Any]:
    told = _read(file).get("compilerOptions")
    return told if isinstance(told, dict) else {}


def _read(file: Path) -> dict[str, Any]:
    """A file of JSON that may have comments, and commas too many; empty where it is none."""
    try:
        text = _COMMENT.sub(lambda found: found[1] or "", file.read_text(encoding="utf-8-sig"))
        table = json.loads(_COMMA.sub(lambda found: found[1] or "", text))
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}


def absolute(folder: Path, name: str) -> Path:
    """A path that starts in a folder, without following links."""
    return Path(os.path.normpath(folder / name))
