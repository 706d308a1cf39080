"""A hundred thousand different programs through one checker: is one lost, does a worker grow?

python -m benchmarks.endurance [--count N] [--workers N] [--json]
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections import Counter
from pathlib import Path

from benchmarks.programs import DATA, canonical_programs, variants
from rlcf.languages.java.checker import CRASHED, JavaChecker

_AT_ONCE = 2_000


def main() -> None:
    """Prints a table, or with --json one object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=DATA, help="where mbjp.jsonl is (default: %(default)s)")
    options = parser.parse_args()
    result = measure(options.count, options.workers, options.seed, options.data)
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:<28} {value}")


def measure(count: int, workers: int, seed: int, data: Path) -> dict[str, str | int | float]:
    """Statuses, restarts and the largest resident memory that a worker had between batches."""
    origin, programs = canonical_programs(data)
    every = variants(programs, count, seed)
    statuses: Counter[str] = Counter()
    pids: set[int] = set()
    largest, crashed = 0.0, 0
    started = time.perf_counter()
    with JavaChecker(workers, timeout_s=30.0) as checker:
        while part := list(itertools.islice(every, _AT_ONCE)):
            verdicts = checker.check(part)
            statuses.update(verdict.status for verdict in verdicts)
            crashed += sum(v.diagnostics[0].code == CRASHED for v in verdicts if v.diagnostics)
            pids |= set(checker.pids())
            largest = max(largest, *(_peak_resident_mib(pid) for pid in checker.pids()))
    seconds = time.perf_counter() - started
    return {
        "programs": f"{count:,} variants of {origin}",
        **{status: statuses[status] for status in ("accepted", "rejected", "timeout")},
        "lost": count - statuses.total(),
        "compiler_crashes": crashed,
        "workers_started_anew": len(pids) - workers,
        "largest_worker_mib": round(largest),
        "per_s": round(count / seconds, 1),
    }


def _peak_resident_mib(pid: int) -> float:
    """The most memory a process has had so far."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
