"""Does the status of a program depend on the program alone? MBJP's samples and references are run in several ways.

python -m benchmarks.stability [--data FOLDER] [--json]

Each program is run with different numbers of workers and in another order, among hostile neighbours, in a virtual
machine of its own, as a plain text without the places of its test, and with a class that compares added to it, so that
the test's comparisons are secured. Ends with 1 where a status differs, and names the programs.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.programs import DATA, programs_with_tests, sample_programs
from rlcf.languages.java.runner import JavaRunner
from rlcf.records import Program

# Each breaks the machine it runs in, or tries to.
_HOSTILE = (
    "class Main { public static void main(String[] a) { System.exit(0); } }",
    "class Main { static void f() { f(); } public static void main(String[] a) { f(); } }",
    "class Main { public static void main(String[] a) { long[][] all = new long[1 << 20][]; "
    "for (int i = 0; ; i++) all[i] = new long[1 << 20]; } }",
    "class Main { public static void main(String[] a) { java.util.Locale.setDefault(java.util.Locale.GERMANY); "
    'System.setProperty("line.separator", "x"); } }',
)
_HOSTILE_EVERY = 60
_COMPARES = "\nclass Compares { public boolean equals(Object o) { return o == null; } }\n"
"""Added to a completion, it has the compiler put a guard around what the test compares."""


def main() -> None:
    """Prints a table, or with --json one object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", type=Path, default=DATA, help="where mbjp.jsonl is (default: %(default)s)")
    options = parser.parse_args()
    names, programs = sample_programs(options.data)
    _, references = programs_with_tests(options.data)
    names = [*names, *(f"reference {i}" for i in range(len(references)))]
    programs = [*programs, *references]
    runs = {
        "2 workers": _run(programs, 2, shuffle=None),
        "1 worker, shuffled": _run(programs, 1, shuffle=1),
        "3 workers, shuffled, among hostile": _run(programs, 3, shuffle=2, hostile=True),
        "2 workers, a machine each": _run(programs, 2, shuffle=None, share=False),
        "2 workers, as plain texts": _run([program.source for program in programs], 2, shuffle=None),
        "2 workers, comparisons secured": _run([_with_a_class(program) for program in programs], 2, shuffle=None),
    }
    first = next(iter(runs.values()))
    differ = {
        name: {run: statuses[i] for run, statuses in runs.items()}
        for i, name in enumerate(names)
        if any(statuses[i] != first[i] for statuses in runs.values())
    }
    result = {"programs": len(programs), "runs": list(runs), "statuses": dict(Counter(first)), "differ": differ}
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:<28} {value}")
    sys.exit(1 if differ else 0)


def _with_a_class(program: Program) -> Program:
    assert program.end is not None
    source, end = program.source, program.end + len(_COMPARES)
    return Program(source[: program.end] + _COMPARES + source[program.end :], program.start, end, end)


def _run(
    programs: Sequence[str | Program], workers: int, shuffle: int | None, hostile: bool = False, share: bool = True
) -> list[str]:
    """The statuses, in the order of `programs`."""
    order = list(range(len(programs)))
    if shuffle is not None:
        random.Random(shuffle).shuffle(order)
    batch: list[str | Program] = []
    places: list[int] = []
    for n, i in enumerate(order):
        if hostile and n % _HOSTILE_EVERY == 0:
            batch.append(_HOSTILE[n // _HOSTILE_EVERY % len(_HOSTILE)])
        places.append(len(batch))
        batch.append(programs[i])
    with JavaRunner(workers, share=share) as runner:
        executions = runner.run(batch)
    statuses = {i: executions[place].status for i, place in zip(order, places, strict=True)}
    return [statuses[i] for i in range(len(programs))]


if __name__ == "__main__":
    main()
