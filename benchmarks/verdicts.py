"""Verdicts a second: the warm checker beside one `javac` process for each program, and beside the JVM alone.

python -m benchmarks.verdicts [--json] [--rounds N] [--javac-programs N] [--data FOLDER]

All are measured in turns in one run, so that they see the same machine; quoted are medians, and medians of ratios. No
verdict is remembered: every program goes through the compiler every time.
"""

from __future__ import annotations

import argparse
import json
import statistics
import struct
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.programs import DATA, canonical_programs
from rlcf.languages.base import Checker
from rlcf.languages.java.build import COMPILER_EXPORTS, built, clean_environment
from rlcf.languages.java.compile_server import JVM_OPTIONS
from rlcf.languages.java.jdk import Jdk, find_jdk
from rlcf.languages.registry import load_language

_WARM_ROUNDS = 4


def main() -> None:
    """Prints a table, or with --json one object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--javac-programs", type=int, default=12, help="programs given to javac in each round")
    parser.add_argument("--data", type=Path, default=DATA, help="where mbjp.jsonl is (default: %(default)s)")
    options = parser.parse_args()
    result = measure(*canonical_programs(options.data), options.rounds, options.javac_programs)
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:<28} {value}")


def measure(origin: str, programs: list[str], rounds: int, javac_programs: int) -> dict[str, str | int | float]:
    """The rates and their ratios; see `docs/results.md`, *Verdicts*, for what each is."""
    jdk, java = find_jdk(), load_language("java")
    first = [_first_verdict_s() for _ in range(3)]
    with java.checker(workers=1) as one, java.checker(workers=2) as two, tempfile.TemporaryDirectory() as folder:
        loop = _Loop(jdk, Path(folder), programs)
        for checker in (one, two):
            for _ in range(_WARM_ROUNDS):
                checker.check(programs)
        rows = [
            {
                "one": _rate(one, programs),
                "two": _rate(two, programs),
                "javac": _javac_rate(jdk, programs[:: max(1, len(programs) // javac_programs)][:javac_programs]),
                "loop": loop.rate(),
            }
            for _ in range(rounds)
        ]

    def median(name: str) -> float:
        return round(statistics.median(row[name] for row in rows), 2)

    def ratio(name: str, to: str) -> float:
        return round(statistics.median(row[name] / row[to] for row in rows), 2)

    return {
        "programs": f"{len(programs)} {origin}",
        "first_verdict_s": round(statistics.median(first), 2),
        "javac_per_s": median("javac"),
        "jvm_loop_per_s": median("loop"),
        "1_worker_per_s": median("one"),
        "2_workers_per_s": median("two"),
        "2_workers_to_javac": ratio("two", "javac"),
        "2_workers_to_1": ratio("two", "one"),
        "1_worker_to_jvm_loop": ratio("one", "loop"),
    }


def _first_verdict_s() -> float:
    """Seconds from no process at all to the first verdict; the helpers are compiled already."""
    started = time.perf_counter()
    with load_language("java").checker(workers=1) as checker:
        checker.check(["class A { }"])
        return time.perf_counter() - started


def _rate(checker: Checker, programs: Sequence[str]) -> float:
    """Programs a second."""
    started = time.perf_counter()
    checker.check(programs)
    return len(programs) / (time.perf_counter() - started)


def _javac_rate(jdk: Jdk, programs: Sequence[str]) -> float:
    """Programs a second when each has a `javac` of its own, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Program.java"
        started = time.perf_counter()
        for source in programs:
            path.write_text(source, encoding="utf-8")
            subprocess.run([jdk.javac, "-proc:none", "-d", folder, path], capture_output=True, check=False)
        return len(programs) / (time.perf_counter() - started)


class _Loop:
    """`java/VerdictLoop.java` over the same programs."""

    def __init__(self, jdk: Jdk, folder: Path, programs: Sequence[str]) -> None:
        server = built(jdk, "server", "analysis")
        source = Path(__file__).parent / "java" / "VerdictLoop.java"
        subprocess.run([jdk.javac, *COMPILER_EXPORTS, "-cp", server, "-d", folder, source], check=True)
        frames = [text.encode("utf-16-be", "surrogatepass") for text in programs]
        self._programs = folder / "programs"
        self._programs.write_bytes(b"".join(struct.pack(">I", len(frame)) + frame for frame in frames))
        path = f"{server}:{folder}"
        self._command = [str(jdk.java), *JVM_OPTIONS, *COMPILER_EXPORTS, "-cp", path, "VerdictLoop"]

    def rate(self) -> float:
        """Programs a second of a JVM that has warmed up as the checkers have."""
        command = [*self._command, str(self._programs), str(_WARM_ROUNDS + 1)]
        done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=True)
        return float(done.stdout.splitlines()[-1].split()[0])


if __name__ == "__main__":
    main()
