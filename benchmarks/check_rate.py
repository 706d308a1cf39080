"""How many verdicts a second a version of rlcf gives, by its plain `check`. For `benchmarks.context`.

Reads a JSON object from standard input, `options` (of the language) and `sources`, and prints verdicts for each second
of the compiler's processor time. Uses only what versions since 0.2 have.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rlcf.config.languages import JavaOptions
from rlcf.languages.java.checker import JavaChecker


def main() -> None:
    """Checks the sources twice: the first time warms the compiler up."""
    asked = json.load(sys.stdin)
    options = JavaOptions.model_validate(asked["options"])
    with JavaChecker(workers=1, timeout_s=120.0, options=options) as checker:
        checker.check(asked["sources"][: len(asked["sources"]) // 4 + 1])
        pids = checker.pids()
        before = processor_s(pids)
        checker.check(asked["sources"])
        print(len(asked["sources"]) / (processor_s(pids) - before))


def processor_s(pids: Sequence[int]) -> float:
    """Seconds of processor time that the processes have had."""
    fields = [Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split() for pid in pids]
    return sum(int(f[11]) + int(f[12]) for f in fields) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
