"""The verdicts of Go's checker beside those of `go build`: status by status, and the time that a program takes.

python -m benchmarks.languages.go_build [--count N] [--seed N] [--data FOLDER]

A package `main` without a function `main` gets an empty one, which only the linker asks for. Texts that are no UTF-8
are left out. The example that embeds its own file differs: the checker lets programs embed nothing.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from tests.languages.examples.go import GO

from benchmarks.languages.cases import make_cases
from benchmarks.languages.yardsticks import TIMEOUT_S, yardsticks_of
from rlcf.languages.registry import load_language

_NEEDS_MAIN = re.compile(r"\s*package main\b(?!.*^func main\(\))", re.MULTILINE | re.DOTALL)


def main() -> int:
    """Prints the differences, their number, and CPU seconds of `go build` for each program that it builds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="where the published tasks are")
    options = parser.parse_args()
    made = make_cases("go", options.data, GO, options.count, options.seed)
    cases = [
        case for case in made if case.source.isascii() or case.source.encode("utf-8", "ignore").decode() == case.source
    ]
    with load_language("go").checker(workers=1, timeout_s=TIMEOUT_S) as checker:
        verdicts = checker.check([case.source for case in cases])
    go_build = yardsticks_of("go").speed
    differences, seconds = 0, []
    for case, verdict in zip(cases, verdicts, strict=True):
        before = os.times()
        built = go_build.ask(case.source + ("\nfunc main() {}\n" if _NEEDS_MAIN.match(case.source) else ""))
        after = os.times()
        if built.status == "accepted":
            seconds.append(after.children_user + after.children_system - before.children_user - before.children_system)
        if built.status != verdict.status:
            differences += 1
            print(f"{case.name}: {verdict.status}, go build: {built.status}", flush=True)
    mean = sum(seconds) / max(len(seconds), 1)
    print(
        f"{differences} differences in {len(cases)} programs; {len(seconds)} are built, in {mean:.3f} CPU seconds each"
    )
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
