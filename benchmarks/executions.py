"""Programs compiled and run with their tests, a second: the runner beside `javac` and `java` started for each program.

python -m benchmarks.executions [--json] [--rounds N] [--count N] [--java-programs N] [--data FOLDER]

The rates are measured alternately in one run, on programs that are right; quoted are medians. Then `--count` programs
as a model might write them (references, other solutions, and broken variants of both) show how long MBJP with 100
samples for each of its 966 tasks takes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.programs import DATA, completions, programs_with_tests
from rlcf.languages.base import Runner
from rlcf.languages.java.jdk import Jdk, find_jdk
from rlcf.languages.registry import load_language
from rlcf.records import Execution, Program

_WARM_ROUNDS = 2
_WORKERS = 2
_AT_ONCE = 2_000
_TASKS, _SAMPLES = 966, 100


def main() -> None:
    """Prints a table, or with --json one object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=20_000, help="programs as a model might write them")
    parser.add_argument("--java-programs", type=int, default=12, help="programs given to javac and java in each round")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=DATA, help="where mbjp.jsonl is (default: %(default)s)")
    options = parser.parse_args()
    with load_language("java").runner(_WORKERS) as runner:
        result = {
            **_rates(runner, options.data, options.rounds, options.java_programs),
            **_many(runner, options.data, options.count, options.seed),
        }
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:<28} {value}")


def _rates(runner: Runner, data: Path, rounds: int, java_programs: int) -> dict[str, str | int | float]:
    """The references, by the runner and by two processes each."""
    origin, programs = programs_with_tests(data)
    few = programs[:: max(1, len(programs) // java_programs)][:java_programs]
    for _ in range(_WARM_ROUNDS):
        runner.run(programs)
    rows = []
    for _ in range(rounds):
        started = time.perf_counter()
        executions = runner.run(programs)
        ours = len(programs) / (time.perf_counter() - started)
        rows.append((ours, _java_rate(find_jdk(), few)))
    return {
        "programs": f"{len(programs)} {origin}",
        **_statuses(executions),
        "runner_per_s": round(statistics.median(ours for ours, _ in rows), 1),
        "javac_java_per_s": round(statistics.median(java for _, java in rows), 2),
        "runner_to_javac_java": round(statistics.median(ours / java for ours, java in rows), 1),
    }


def _many(runner: Runner, data: Path, count: int, seed: int) -> dict[str, str | int | float]:
    """Programs of all kinds, and what their rate means for all of MBJP."""
    every = completions(data, count, seed)
    statuses: Counter[str] = Counter()
    started = time.perf_counter()
    while part := list(itertools.islice(every, _AT_ONCE)):
        statuses.update(_statuses(runner.run(part)))
    per_s = count / (time.perf_counter() - started)
    return {
        "completions": f"{count:,} variants",
        **{f"of_them_{status}": number for status, number in statuses.items()},
        "lost": count - statuses.total(),
        "completions_per_s": round(per_s, 1),
        f"minutes_for_{_TASKS}_x_{_SAMPLES}": round(_TASKS * _SAMPLES / per_s / 60, 1),
    }


def _statuses(executions: Sequence[Execution]) -> dict[str, int]:
    return dict(Counter(execution.status for execution in executions).most_common())


def _java_rate(jdk: Jdk, programs: Sequence[Program]) -> float:
    """Programs a second when each has a `javac` and a `java` of its own, one after the other, without a sandbox."""
    started = time.perf_counter()
    for program in programs:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "Program.java"
            path.write_text(program.source, encoding="utf-8")
            done = subprocess.run([jdk.javac, "-proc:none", "-d", folder, path], capture_output=True, check=False)
            if done.returncode == 0:
                subprocess.run([jdk.java, "-ea", "-cp", folder, "Main"], capture_output=True, check=False)
    return len(programs) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
