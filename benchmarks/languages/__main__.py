"""A language's checker beside the same checker started for each program.

python -m benchmarks.languages LANGUAGE… [--count N] [--cold N] [--rounds N] [--workers N] [--seed N] [--data FOLDER]
    [--json]

Equality: `--count` programs, and the examples of the contract suite with their hostile texts, in sequence, reversed
and shuffled; compared are the status, and code and place of the first error. Speed: the same programs without the
examples, and `--cold` of them in a process each, in turns. Then the references that are rejected, each with its first
diagnostic. Ends with 1 where there is a difference.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.languages.test_contract import EXAMPLES

from benchmarks.languages.cases import EXAMPLE, HOSTILE, Case, make_cases, references
from benchmarks.languages.equality import ask_cold, compare
from benchmarks.languages.speed import first_verdict_s, speed, worker_mib
from benchmarks.languages.yardsticks import TIMEOUT_S, yardsticks_of
from rlcf.errors import RlcfError
from rlcf.languages.base import Checker
from rlcf.languages.registry import language_names, load_language


def main() -> int:
    """Prints a table for each language, or with --json an object a line; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="+", choices=language_names(), metavar="LANGUAGE")
    parser.add_argument("--count", type=int, default=1_000, help="programs to compare (default: %(default)s)")
    parser.add_argument("--cold", type=int, default=200, help="programs timed in a process each (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of timing; 0: no timing")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="where the published tasks are")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    differences = 0
    for name in options.languages:
        try:
            result = measure(name, options)
        except RlcfError as error:
            _say(f"error: {error}")
            return error.exit_code
        differences += len(result["differences"])
        print(json.dumps(result, ensure_ascii=False) if options.json else "\n".join(_table(result)), flush=True)
    return 1 if differences else 0


def measure(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """All figures of a language, by the names that the table shows."""
    language, examples, yardsticks = load_language(name), EXAMPLES[name][1], yardsticks_of(name)
    cases = make_cases(name, options.data, examples, options.count, options.seed)
    whole = references(name, options.data)
    result: dict[str, Any] = {
        "language": name,
        "programs": dict(Counter(case.kind for case in cases)),
        "first_verdict_s": round(first_verdict_s(language, examples.accepted[-1]), 2),
    }
    cold = ask_cold(cases, yardsticks.equality, options.workers, _say)
    result |= {"cold": yardsticks.equality.name, "statuses": dict(Counter(answer.status for answer in cold))}
    with language.checker(options.workers, timeout_s=TIMEOUT_S) as checker:
        result["differences"] = [str(found) for found in compare(checker, cases, cold, options.seed)]
        memory = worker_mib(checker)
        result |= {"worker_mib": None if memory is None else round(memory)}
        if options.rounds:
            timed = [case.source for case in cases if case.kind not in (EXAMPLE, HOSTILE)]
            rates = speed(checker, timed, yardsticks.speed, options.cold, options.rounds, options.seed, options.workers)
            result |= {"timed": yardsticks.speed.name, **{key: round(rate, 1) for key, rate in rates.items()}}
        result |= _accepted(checker, cases, whole)
    return result


def _accepted(checker: Checker, cases: Sequence[Case], whole: Sequence[Case]) -> dict[str, Any]:
    """Which share of each kind is accepted, and the references that are not."""
    kinds: dict[str, list[bool]] = {}
    for case, verdict in zip(cases, checker.check([case.source for case in cases]), strict=True):
        if case.kind not in (EXAMPLE, HOSTILE) and case.kind != "reference":
            kinds.setdefault(case.kind, []).append(verdict.accepted)
    verdicts = checker.check([case.source for case in whole])
    kinds["reference"] = [verdict.accepted for verdict in verdicts]
    rejected = {
        case.name: next(
            (f"{d.code}: {d.message.splitlines()[0]}" for d in v.diagnostics if d.severity == "error"), v.status
        )
        for case, v in zip(whole, verdicts, strict=True)
        if not v.accepted
    }
    shares = {f"{kind}s accepted": f"{sum(ones):,} of {len(ones):,}" for kind, ones in sorted(kinds.items())}
    return {**shares, "references rejected": rejected}


def _table(result: dict[str, Any]) -> list[str]:
    lines = []
    for name, value in result.items():
        if isinstance(value, list):
            lines += [f"{name:<28} {len(value)}", *(f"    {line}" for line in value)]
        elif name == "references rejected":
            lines += [f"{name:<28} {len(value)}", *(f"    {key}: {told}" for key, told in value.items())]
        else:
            lines.append(f"{name:<28} {_shown(value)}")
    return lines


def _shown(value: Any) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in value.items()) if isinstance(value, dict) else f"{value}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
