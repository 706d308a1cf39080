"""Where rlcf keeps what it makes once and uses often: compiled helpers, converted models."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """`$RLCF_CACHE`, else `$XDG_CACHE_HOME/rlcf`, else `~/.cache/rlcf`; created when missing."""
    own, xdg = os.environ.get("RLCF_CACHE"), os.environ.get("XDG_CACHE_HOME")
    if own:
        folder = Path(own)
    elif xdg:
        folder = Path(xdg) / "rlcf"
    else:
        folder = Path.home() / ".cache" / "rlcf"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
