"""Node, which runs the programs."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

from rlcf.errors import CheckerUnavailable
from rlcf.languages.paired import sandboxed

_HARNESS = Path(__file__).parent / "harness"
_OVERHEAD_MIB = 4096
"""Node maps more memory than it uses."""
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


def node_command(node: Path, script: str, file: Path, memory_mib: int, sandbox: bool) -> list[str]:
    """The command that runs a script of the harness on a file; it sees that folder and Node, nothing else."""
    heap = f"--max-old-space-size={memory_mib}"
    command = [str(node), heap, "--disable-proto=delete", "--no-warnings", str(_HARNESS / script), str(file)]
    return sandboxed(command, [node, _HARNESS, file.parent], memory_mib + _OVERHEAD_MIB, sandbox)
