"""The sandboxed processes that Python programs and their tests run in."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from rlcf.workers.sandbox import find_sandbox

_HARNESS = Path(__file__).parent / "harness"
_OVERHEAD_MIB = 96


def program_command(script: str, file: Path, memory_mib: int, sandbox: bool) -> list[str]:
    """The command that runs a script of the harness on a file; it sees that file's folder and Python, nothing else."""
    command = [str(Path(sys.executable).resolve()), "-I", "-S", "-B", str(_HARNESS / script), str(file)]
    if not sandbox:
        return command
    return find_sandbox().command(command, [Path(sys.base_prefix), _HARNESS, file.parent], memory_mib + _OVERHEAD_MIB)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kills a process with its group, and gives its pipes back; safe to call twice."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.close()
