"""Checkpoints: all that a run needs to go on as if it had never stopped."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch

from rlcf.errors import ModelError
from rlcf.storage.atomic import whole_folder
from rlcf.storage.rundir import RunDir

_FORMAT = 2
_FILE = "state.pt"


def save_checkpoint(run: RunDir, update: int, state: dict[str, Any], keep: int) -> None:
    """Writes the checkpoint of `update` whole, then drops all but the newest `keep`.

    Raises:
        StorageError: the disk is full or the folder may not be written; older checkpoints stay.
    """
    with whole_folder(run.checkpoint(update)) as folder:
        torch.save({"format": _FORMAT, "update": update, **state}, folder / _FILE)
    for old in _checkpoints(run)[:-keep]:
        shutil.rmtree(old, ignore_errors=True)


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
