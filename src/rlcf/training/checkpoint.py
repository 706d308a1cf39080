"""Checkpoints: all that a run needs to go on as if it had never stopped."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import torch

from rlcf.errors import ModelError, StorageError
from rlcf.storage.rundir import RunDir

_FORMAT = 2
_FILE = "state.pt"
_SPACE_BYTES = 64 << 20
"""With less room than this left, a failure that torch does not explain is laid to the full disk."""


def save_checkpoint(run: RunDir, update: int, state: dict[str, Any], keep: int) -> None:
    """Writes the checkpoint of `update` whole, then drops all but the newest `keep`.

    Raises:
        StorageError: the disk is full or the folder may not be written; older checkpoints stay.
    """
    target = run.checkpoint(update)
    temporary = target.with_name(f".{target.name}.part")
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        with (temporary / _FILE).open("wb") as file:
            torch.save({"format": _FORMAT, "update": update, **state}, file)
            file.flush()
            os.fsync(file.fileno())
        shutil.rmtree(target, ignore_errors=True)
        temporary.rename(target)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as a RuntimeError
        shutil.rmtree(temporary, ignore_errors=True)
        raise StorageError(f"cannot write the checkpoint {target}: {_why(error, target.parent)}") from error
    for old in _checkpoints(run)[:-keep]:
        shutil.rmtree(old, ignore_errors=True)


def _why(error: OSError | RuntimeError, folder: Path) -> str:
    """What the system says; of torch's words only that there is no room, if that is it."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    free = shutil.disk_usage(folder).free
    return f"the disk is full ({free >> 20} MiB left)" if free < _SPACE_BYTES else str(error)


def load_checkpoint(run: RunDir) -> dict[str, Any] | None:
    """The newest checkpoint, or `None` when there is none.

    Raises:
        ModelError: it cannot be read, or another version of rlcf wrote it.
    """
    found = _checkpoints(run)
    if not found:
        return None
    path = found[-1] / _FILE
    try:
        # Our own file: it holds optimiser and generator states, which torch's restricted reader knows.
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ModelError(f"cannot read the checkpoint {path}: {error}") from error
    if state.get("format") != _FORMAT:
        raise ModelError(
            f"{path} has checkpoint format {state.get('format')}; this version of rlcf reads {_FORMAT}: "
            "go on with the version that wrote it, or start anew with another --out"
        )
    return state


def _checkpoints(run: RunDir) -> list[Path]:
    return sorted(p for p in run.checkpoints.glob("update-*") if (p / _FILE).is_file())
