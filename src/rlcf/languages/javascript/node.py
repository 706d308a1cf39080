"""Node, which runs the programs."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

from rlcf.errors import CheckerUnavailable

REMEDY = "apt install nodejs"
_OLDEST = 18


def find_node() -> Path:
    """The program `node`. Raises `CheckerUnavailable` where there is none, or one that is too old."""
    found = shutil.which("node")
    if found is None:
        raise CheckerUnavailable(f"Node is not installed. To get it: {REMEDY}")
    node = Path(found).resolve()
    version = node_version(node)
    if version.partition(".")[0].isdigit() and int(version.partition(".")[0]) < _OLDEST:
        raise CheckerUnavailable(f"Node {version} in {node} is too old: expected {_OLDEST} or newer")
    return node


@cache
def node_version(node: Path) -> str:
    """Such as `20.20.2`."""
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return told.stdout.strip().removeprefix("v") or "unknown version"
