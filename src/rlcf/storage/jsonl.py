"""JSON and JSON Lines read from disk, and rows appended. Whole files are written by `rlcf.storage.atomic`."""

import gzip
import json
import math
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from rlcf.errors import DataError, StorageError
from rlcf.storage.atomic import as_json

_LARGEST = 1 << 63


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a UTF-8 file.

    Raises:
        DataError: the file cannot be read or holds no JSON object; one line.
    """
    return _parse(str(path), _bytes(path))


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yields `(line number, object)` for each non-blank line of a UTF-8 file, which may be gzipped (`.gz`).

    Raises:
        DataError: the file cannot be read, or a line is no JSON object; names file and line.
    """
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _parse(f"{path}:{number}", line)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(f"{path} is no whole gzip file: {error}") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error


def _opened(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def read_jsonl_tail_safe(path: Path) -> list[dict[str, Any]]:
    """The objects of a file that `append_jsonl` wrote; none where there is no file, and no last line cut by a kill.

    Raises:
        DataError: the file cannot be read, or a line is no JSON object; names file and line.
    """
    # Cut as bytes: a kill may have split a character. What follows the last newline was never finished.
    complete = _bytes(path).split(b"\n")[:-1] if path.exists() else []
    return [_parse(f"{path}:{n}", line) for n, line in enumerate(complete, start=1) if line.strip()]


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, with the line ends that it has.

    Raises:
        DataError: the file cannot be read, or is no UTF-8.
    """
    try:
        return _bytes(path).decode()
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from error


def _parse(where: str, text: str | bytes) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=_number)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if error.lineno > 1 else ""
        raise DataError(f"{where}: not JSON: {error.msg} at {line}column {error.colno}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{where} is not UTF-8 text: {error.reason} at byte {error.start}") from error
    except ValueError as error:
        raise DataError(f"{where}: {error}") from error
    except RecursionError as error:
        raise DataError(f"{where}: not JSON that rlcf reads: brackets are nested too deeply") from error
    if not isinstance(value, dict):
        raise DataError(f"{where}: expected a JSON object, found {type(value).__name__}")
    return value


def _integer(digits: str) -> int:
    if len(digits) < 20 and abs(value := int(digits)) < _LARGEST:
        return value
    raise ValueError(f"the integer {digits[:20]}… has more than 64 bits")


def _number(digits: str) -> float:
    value = float(digits)
    if math.isfinite(value):
        return value
    raise ValueError(f"the number {digits[:20]} is not finite")


def append_jsonl(path: Path, *rows: Mapping[str, Any]) -> None:
    """Adds a line for each row, all in one write.

    Raises:
        StorageError: the disk is full or the file may not be written.
    """
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(as_json(row) + "\n" for row in rows))
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
