"""How much of the processor's time a process has had: on a busy machine that is less than passes on the clock.

Read from Linux's /proc. Where there is none, nothing is known, and nobody counts as starved.
"""

import contextlib
import os
from collections import defaultdict
from pathlib import Path

_PROC = Path("/proc")
_WANTS = frozenset("RD")
"""States of a thread: it runs or waits for its turn, or it waits for a disk (it is swapped out). A stopped one is not
among them: a program can stop itself."""


def used_s(pid: int) -> float:
    """Seconds of the processor's time that a process and all below it have had."""
    return sum(_ticks(each) for each in family(pid)) / os.sysconf("SC_CLK_TCK")


def wants_to_run(pid: int) -> bool:
    """Whether a thread of a process, or of one below it, would go on if it had the processor."""
    return any(_state(thread) in _WANTS for each in family(pid) for thread in _listed(_PROC / str(each) / "task"))


def family(pid: int) -> list[int]:
    """A process and all below it."""
    children = defaultdict(list)
    for folder in _listed(_PROC):
        if folder.name.isdigit() and (fields := _fields(folder)):
            children[int(fields[1])].append(int(folder.name))
    found = [pid]
    for each in found:
        found += children[each]
    return found


def _ticks(pid: int) -> int:
    fields = _fields(_PROC / str(pid))
    return int(fields[11]) + int(fields[12]) if fields else 0


def _state(folder: Path) -> str:
    fields = _fields(folder)
    return fields[0] if fields else ""


def _fields(folder: Path) -> list[str]:
    """What `stat` says of a process or a thread, from its state on; nothing where it has ended."""
    with contextlib.suppress(OSError):
        return (folder / "stat").read_text("latin-1").rpartition(")")[2].split()
    return []


def _listed(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return list(folder.iterdir())
    return []
