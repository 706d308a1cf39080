"""How fast a warm checker is beside one process for each program, what memory a worker takes, and how soon it starts.

Rates are measured in turns in one run, so that both see the same machine, and quoted as medians. The ratio by the
clock is what a user sees; the ratio by CPU time hardly depends on what else the machine does.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from benchmarks.languages.yardsticks import TIMEOUT_S, Yardstick
from rlcf.languages.base import Checker, Language

_TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """Seconds a program."""

    clock_s: float
    cpu_s: float


def speed(
    checker: Checker, programs: Sequence[str], yardstick: Yardstick, cold: int, rounds: int, seed: int, workers: int
) -> dict[str, float]:
    """Programs a second, warm and one process each, and their ratios.

    Args:
        cold: programs that get a process of their own, in all rounds together; `workers` at a time.
    """
    checker.check(programs)  # warms up
    rng, rows = random.Random(seed), []
    for _ in range(rounds):
        few = rng.sample(list(programs), min(max(cold // rounds, 1), len(programs)))
        rows.append(
            (_cost(lambda: checker.check(programs), len(programs), checker), _cold_cost(few, yardstick, workers))
        )
    return {
        "warm_per_s": 1 / statistics.median(warm.clock_s for warm, _ in rows),
        "cold_per_s": 1 / statistics.median(cold.clock_s for _, cold in rows),
        "ratio": statistics.median(cold.clock_s / warm.clock_s for warm, cold in rows),
        "warm_per_cpu_s": 1 / statistics.median(warm.cpu_s for warm, _ in rows),
        "cold_per_cpu_s": 1 / statistics.median(cold.cpu_s for _, cold in rows),
        "cpu_ratio": statistics.median(cold.cpu_s / warm.cpu_s for warm, cold in rows),
    }


def first_verdict_s(language: Language, source: str, times: int = 3) -> float:
    """Seconds from no process at all to the first verdict; what is built once is built."""

    def once() -> float:
        started = time.perf_counter()
        with language.checker(workers=1, timeout_s=TIMEOUT_S) as checker:
            checker.check([source])
            return time.perf_counter() - started

    once()
    return statistics.median(once() for _ in range(times))


def worker_mib(checker: Checker) -> float | None:
    """The most memory that a worker had so far, with its child processes; `None` where no worker stays."""
    pids = _pids(checker)
    return max(sum(_peak_mib(one) for one in _tree(pid)) for pid in pids) if pids else None


def _cold_cost(programs: Sequence[str], yardstick: Yardstick, jobs: int) -> Cost:
    with ThreadPoolExecutor(jobs) as threads:
        return _cost(lambda: list(threads.map(yardstick.ask, programs)), len(programs), None)


def _cost(work: Callable[[], object], count: int, checker: Checker | None) -> Cost:
    clock, cpu = time.perf_counter(), _cpu_s(checker)
    work()
    return Cost((time.perf_counter() - clock) / count, max(_cpu_s(checker) - cpu, 1e-9) / count)


def _cpu_s(checker: Checker | None) -> float:
    """CPU seconds so far of this process, of its children that have ended, and of a checker's workers."""
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in own) + workers_cpu_s(checker)


def workers_cpu_s(checker: Checker | None) -> float:
    """CPU seconds so far of a checker's workers that live now, with their child processes."""
    return sum(_times(one) for pid in _pids(checker) for one in _tree(pid))


def _pids(checker: Checker | None) -> list[int]:
    return list(checker.pids()) if hasattr(checker, "pids") else []


def _tree(pid: int) -> list[int]:
    """A process and its descendants."""
    found = [pid]
    for one in found:
        for thread in Path(f"/proc/{one}/task").glob("*/children"):
            found += [int(child) for child in _read(thread).split()]
    return found


def _times(pid: int) -> float:
    """CPU seconds of a process and of its children that have ended."""
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS


def _peak_mib(pid: int) -> float:
    lines = _read(Path(f"/proc/{pid}/status")).splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
