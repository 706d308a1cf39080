"""Prints what each program earns as a table in Markdown: `python -m tests.grounding.hacks [SEED …]`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import mean

from tests.grounding.hacks.measure import MODES, Measured, measure, measure_default, trained

_HEAD = [
    "program",
    "accepted",
    "trivial",
    "compiler",
    "discriminator",
    "compiler + discriminator",
    "judge",
    "behaviour",
]
_HEAD += ["**default**", "default, maximum", "above the worse wrong program"]


def main(seeds: list[int]) -> None:
    runs = [measure(trained("builtin:minilm", seed)) for seed in seeds]
    default = measure_default("builtin:smollm2-135m")
    print("| " + " | ".join(_HEAD) + " |")
    print("|" + " --- |" * len(_HEAD))
    for kind, by_task in default.scores.items():
        scores = [s for row in by_task.values() for s in row]
        rewards = [s.reward for s in scores if s.reward is not None]
        cells = [
            kind,
            f"{sum(s.verdict is not None and s.verdict.accepted for s in scores)}/{len(scores)}",
            f"{sum(s.trivial for s in scores)}/{len(scores)}",
            *(_mean([run[mode].mean(kind) for run in runs]) for mode in MODES),
            *(_mean([s.components.get(name) for s in scores]) for name in ("judge", "behaviour")),
            f"**{_mean(rewards)}**",
            _mean([max(rewards)]),
            _above(default, kind),
        ]
        print("| " + " | ".join(cells) + " |")


def _above(measured: Measured, kind: str) -> str:
    """On how many tasks it earns more than the worse of the two wrong solutions."""
    wrong = measured.rewards("wrong solution")
    rows = {task: row for task, row in measured.rewards(kind).items() if task in wrong}
    return f"{sum(max(row) > min(wrong[task]) for task, row in rows.items())}/{len(wrong)}"


def _mean(values: Sequence[float | None]) -> str:
    found = [value for value in values if value is not None]
    return f"{mean(found):.2f}".replace("-", "−") if found else "–"


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or [0, 1, 2])
