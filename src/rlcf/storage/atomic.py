"""The one writer of whole files and folders: what it writes is complete or absent, never half.

Content goes to a temporary name beside its place (`.NAME.PID-THREAD.part`), is flushed to the disk, and is renamed into
place. A process that is killed leaves a temporary name at most; that of a folder goes when it is written again.
"""

import contextlib
import fcntl
import gzip
import json
import math
import os
import re
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rlcf.errors import RlcfError, StorageError

LEFTOVERS = ".*.[0-9]*-[0-9]*.part"
"""The pattern of temporary names: what is called so was left by a killed process, or is being written."""
_SPACE_BYTES = 64 << 20
"""With less room than this left, an error that a library does not explain is reported as a full disk."""


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """The temporary path to write to; what is there when the block ends replaces `path`.

    A device or a pipe is written to directly, and a link stays one.

    Raises:
        StorageError: the file cannot be written; names the reason. The old file stays.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        yield path
        return
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    with _temporary(path) as temporary:
        yield temporary
        _flush(temporary)
        _into_place(temporary, path)


@contextlib.contextmanager
def whole_folder(path: Path, *, replace: bool = True) -> Iterator[Path]:
    """A temporary folder to write into; it becomes `path` when the block ends.

    What killed processes have left of `path` is removed first. If one of them had just moved the old folder away, that
    comes back.

    Args:
        replace: a folder that is at `path` by then gives way; otherwise it stays, for another process made the same.

    Raises:
        StorageError: the folder cannot be written; names the reason. The old folder stays.
    """
    with _temporary(path) as temporary:
        _clear(path)
        new = temporary.with_suffix(".new")
        new.mkdir(exist_ok=True)
        with _held(new):
            new.rename(temporary)  # so it is held as long as others see it
            yield temporary
            for file in temporary.rglob("*"):
                _flush(file)
            old = temporary.with_name(f".old{temporary.name}")
            try:
                if replace and path.exists():
                    path.rename(old)
                _into_place(temporary, path)
            except OSError:
                if old.exists() and not path.exists():
                    old.rename(path)
                if replace or not path.is_dir():
                    raise
            shutil.rmtree(old, ignore_errors=True)


def _clear(path: Path) -> None:
    """Removes what killed processes have left of the folder `path`; the old folder comes back where there is none."""
    named = re.compile(rf"(\.old)?(\.{re.escape(path.name)}\.\d+-\d+\.part)")
    found = [match for name in sorted(os.listdir(path.parent)) if (match := named.fullmatch(name))]  # noqa: PTH208
    for match in sorted(found, key=lambda match: match[1] is None):  # old folders first
        left = path.with_name(match[0])
        if _is_held(path.with_name(match[2])):
            continue
        if match[1] and not path.exists():
            with contextlib.suppress(FileNotFoundError):  # another process has done so
                left.rename(path)
        shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Holds a lock of a folder, which ends with the process, however that ends."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _is_held(folder: Path) -> bool:
    """Whether a process holds a folder, or may hold it. None holds what is not there."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A free name beside `path`, whose folder is made; nothing is left there after the block."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    except Exception as error:  # torch and safetensors report a full disk in classes of their own
        free = shutil.disk_usage(path.parent).free
        if free >= _SPACE_BYTES or isinstance(error, RlcfError):
            raise
        raise StorageError(f"cannot write {path}: the disk is full ({free >> 20} MiB left)") from error
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(temporary) if temporary.is_dir() else temporary.unlink(missing_ok=True)


def _into_place(temporary: Path, path: Path) -> None:
    temporary.replace(path)
    with contextlib.suppress(OSError):  # some file systems cannot flush a folder
        _flush(path.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_leftovers(folder: Path) -> None:
    """Removes the temporary names that killed processes left anywhere in `folder`. Nobody may be writing there."""
    for path in list(folder.rglob(LEFTOVERS)):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a whole file; see `whole_file`."""
    with whole_file(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Writes a whole UTF-8 file; gzipped, and always to the same bytes, where its name ends in `.gz`."""
    content = text.encode()
    write_bytes(path, gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def write_json(path: Path, value: Any) -> None:
    """`write_text` of one indented JSON value."""
    write_text(path, as_json(value, indent=2) + "\n")


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """`write_text` of one JSON object a line."""
    write_text(path, "".join(as_json(row) + "\n" for row in rows))


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON that every reader takes: numbers that are not finite are `null`, lone surrogates are escaped."""
    try:
        text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    except ValueError:
        value = _finite(value)
        text = json.dumps(value, indent=indent, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, as a model may write it: only its escape is UTF-8
        return json.dumps(value, indent=indent)
    return text


def as_toml(value: Any) -> str:
    """A text, a number, a truth value, or a list of them, as TOML has it: JSON without the escapes that TOML lacks."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
