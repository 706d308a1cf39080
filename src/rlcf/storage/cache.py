"""Where rlcf keeps what it makes once and uses often: compiled helpers, converted models."""

import os
from pathlib import Path

from rlcf.errors import StorageError


def cache_folder() -> Path:
    """`$RLCF_CACHE`, else `$XDG_CACHE_HOME/rlcf`, else `~/.cache/rlcf`; created when missing.

    Raises:
        StorageError: it cannot be made.
    """
    xdg = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(os.environ.get("RLCF_CACHE") or f"{xdg}/rlcf").expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = f"{error.strerror}. Set RLCF_CACHE to a writable folder"
        raise StorageError(f"cannot make the cache folder {folder}: {why}") from error
    return folder
