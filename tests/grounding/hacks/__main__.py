"""Prints the rewards as a table in Markdown: `python -m tests.grounding.hacks [SEED …]`."""

from __future__ import annotations

import sys

from tests.grounding.hacks.measure import MODES, measure, trained


def main(seeds: list[int]) -> None:
    runs = [measure(trained("builtin:minilm", seed)) for seed in seeds]
    print(
        "| program | accepted | trivial | " + " | ".join(MODES) + " | hybrid, maximum | above the worse wrong program |"
    )
    print("|" + " --- |" * (len(MODES) + 5))
    for kind in runs[0]["hybrid"].scores:
        scores = [s for row in runs[0]["hybrid"].scores[kind].values() for s in row]
        accepted = sum(s.verdict is not None and s.verdict.accepted for s in scores)
        trivial = sum(s.trivial for s in scores)
        means = " | ".join(f"{sum(run[mode].mean(kind) for run in runs) / len(runs):.2f}" for mode in MODES)
        hybrids = [run["hybrid"] for run in runs]
        highest = max(r for h in hybrids for row in h.rewards(kind).values() for r in row)
        above = sum(
            max(row) > min(h.rewards("wrong solution").get(task, [9.0]))
            for h in hybrids
            for task, row in h.rewards(kind).items()
        )
        n = len(scores)
        print(f"| {kind} | {accepted}/{n} | {trivial}/{n} | {means} | {highest:.2f} | {above}/{6 * len(runs)} |")


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or [0, 1, 2])
