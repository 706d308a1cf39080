"""Verdicts a second: the warm checker beside one `javac` process for each program, on the built-in references.

python -m benchmarks.verdicts [--json] [--javac-programs N] [--workers N]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from rlcf.corpus.builtin import load_builtin
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.registry import load_language
from rlcf.records import Program


def main() -> None:
    """Measures both in turns, so that both see the same machine."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--javac-programs", type=int, default=12, help="programs given to javac in each round")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    sources = [Program.of(t, t.canonical_solution or "").source for t in load_builtin("builtin:java")]
    with load_language("java").checker(workers=options.workers) as checker:
        started = time.perf_counter()
        checker.check(sources[:1])
        first = time.perf_counter() - started
        for _ in range(3):
            checker.check(sources)  # warm
        warm, cold = [], []
        for _ in range(options.rounds):
            started = time.perf_counter()
            checker.check(sources * 4)
            warm.append(4 * len(sources) / (time.perf_counter() - started))
            cold.append(_javac_rate(sources[: options.javac_programs]))
    result = {
        "programs": len(sources),
        "workers": options.workers,
        "first_verdict_s": round(first, 3),
        "checker_per_s": round(statistics.median(warm), 1),
        "javac_per_s": round(statistics.median(cold), 3),
        "ratio": round(statistics.median(w / c for w, c in zip(warm, cold, strict=True)), 1),
    }
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:<16} {value}")


def _javac_rate(sources: list[str]) -> float:
    """Programs a second when each has a `javac` of its own, one after the other."""
    javac = find_jdk().home / "bin" / "javac"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Program.java"
        started = time.perf_counter()
        for source in sources:
            path.write_text(source, encoding="utf-8")
            subprocess.run([javac, "-proc:none", "-d", folder, path], capture_output=True, check=True)
        return len(sources) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
