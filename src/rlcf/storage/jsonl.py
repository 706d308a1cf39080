"""JSON Lines and whole files on disk: what is written is complete or absent, never half."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from rlcf.errors import DataError, StorageError


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yields `(line number, object)` for each non-blank line of a UTF-8 file, which may be gzipped (`.gz`).

    Raises:
        DataError: the file cannot be read, or a line is no JSON object; names file and line.
    """
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _parse(path, number, line)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{path} is no whole gzip file: {error}") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error


def _opened(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def read_jsonl_tail_safe(path: Path) -> list[dict[str, Any]]:
    """The objects of a file that `append_jsonl` wrote; a last line cut short by a kill is left out."""
    if not path.exists():
        return []
    # Cut as bytes: a kill may have split a character. What stands behind the last newline was never finished.
    complete = path.read_bytes().split(b"\n")[:-1]
    return [_parse(path, n, line) for n, line in enumerate(complete, start=1) if line.strip()]


def _parse(path: Path, number: int, line: str | bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}:{number}: not JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(value, dict):
        raise DataError(f"{path}:{number}: expected a JSON object, found {type(value).__name__}")
    return value


def make_folder(path: Path) -> None:
    """Makes a folder to write into: better before the work than after it.

    Raises:
        StorageError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot make the folder {path}: {error.strerror}") from error


def write_text(path: Path, text: str) -> None:
    """Writes a whole file under a temporary name, then renames it into place.

    Raises:
        StorageError: the disk is full or the folder may not be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """`write_text` of one indented JSON value."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """`write_text` of one JSON object a line."""
    write_text(path, "".join(map(_line, rows)))


def _line(row: Mapping[str, Any]) -> str:
    line = json.dumps(row, ensure_ascii=False) + "\n"
    try:
        line.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, as a model may write it: only its escape is UTF-8
        return json.dumps(row) + "\n"
    return line


def append_jsonl(path: Path, *rows: Mapping[str, Any]) -> None:
    """Adds a line for each row, all in one write.

    Raises:
        StorageError: the disk is full or the file may not be written.
    """
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(map(_line, rows)))
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
