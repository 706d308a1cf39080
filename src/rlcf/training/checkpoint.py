"""Checkpoints: all that a run needs to go on as if it had never stopped."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from rlcf.errors import ModelError
from rlcf.storage.atomic import whole_folder
from rlcf.storage.rundir import RunDir

_FORMAT = 4
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


@contextlib.contextmanager
def newest_checkpoint(run: RunDir) -> Iterator[dict[str, Any] | None]:
    """The state of the newest checkpoint, to restore in the block; `None` when there is none.

    Raises:
        ModelError: it cannot be read, another version of rlcf wrote it, or what the block restores from it is missing
            or does not fit; one line names it.
    """
    found = _checkpoints(run)
    if not found:
        yield None
        return
    state = _load(found[-1])
    try:
        yield state
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError) as error:
        raise ModelError(
            f"the checkpoint {found[-1]} does not fit the recipe, or is damaged: {_first_line(error)}; "
            "delete it to go on from the one before"
        ) from error


def _load(folder: Path) -> dict[str, Any]:
    try:
        # Our own file, with optimiser and generator states; the restricted reader of torch runs no code from it.
        state = torch.load(folder / _FILE, map_location="cpu", weights_only=True)
        written_by = state["format"]
    except Exception as error:
        raise ModelError(
            f"cannot read the checkpoint {folder}: {_first_line(error)}; delete it to go on from the one before"
        ) from error
    if written_by != _FORMAT:
        raise ModelError(
            f"the checkpoint {folder} has format {written_by!r}, and this version of rlcf reads {_FORMAT}: "
            "go on with the version that wrote it, or start anew with another --out"
        )
    restored: dict[str, Any] = state
    return restored


def _first_line(error: Exception) -> str:
    text = f"no {error}" if isinstance(error, KeyError) else str(error).strip()
    return (text.splitlines() or [type(error).__name__])[0]


def _checkpoints(run: RunDir) -> list[Path]:
    return [p for p in map(run.checkpoint, run.checkpoint_updates()) if (p / _FILE).is_file()]
