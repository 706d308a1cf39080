"""Where rlcf keeps what it makes once and uses often: compiled helpers, converted models."""

from __future__ import annotations

import os
from pathlib import Path

from rlcf.errors import StorageError


def cache_folder() -> Path:
    """`$RLCF_CACHE`, else `$XDG_CACHE_HOME/rlcf`, else `~/.cache/rlcf`; created when missing.

    Raises:
        StorageError: it cannot be made.
    """
    own, xdg = os.environ.get("RLCF_CACHE"), os.environ.get("XDG_CACHE_HOME")
    if own:
        folder = Path(own)
    elif xdg:
        folder = Path(xdg) / "rlcf"
    else:
        folder = Path.home() / ".cache" / "rlcf"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot make the cache folder {folder}: {error.strerror}. Set RLCF_CACHE to a writable folder"
        ) from error
    return folder
