"""What `benchmarks.step` makes of the steps it timed: medians, ratios and a table."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.step_ours import Step

_PHASES = ("generate", "check", "discriminate", "reward", "update", "total")
"""Ours has `check` and `discriminate` where TRL has `reward`: it knows its reward function as one."""


def summary(ours: Sequence[Step], theirs: Sequence[Step]) -> dict[str, Any]:
    """Medians of each trainer's steps, and medians of TRL's to ours within a round: above 1 where ours is faster.

    `tokens_computed` and `tokens_learned` are those of a step; milliseconds a token are the whole step's.
    """

    def ratio(value: Callable[[Step], float]) -> float:
        return round(statistics.median(value(t) / value(o) for o, t in zip(ours, theirs, strict=True)), 2)

    return {
        "ours": _medians(ours),
        "theirs": _medians(theirs),
        "ratio_step": ratio(lambda s: s.seconds["total"]),
        "ratio_generate": ratio(lambda s: s.seconds["generate"]),
        "ratio_update": ratio(lambda s: s.seconds["update"]),
        "ratio_a_token_computed": ratio(ms_a_token_computed),
        "ratio_a_token_learned": ratio(_ms_a_token_learned),
    }


def _medians(steps: Sequence[Step]) -> dict[str, float]:
    phases = [phase for phase in _PHASES if any(phase in s.seconds for s in steps)]
    return {
        **{f"{phase}_s": round(statistics.median(s.seconds.get(phase, 0.0) for s in steps), 2) for phase in phases},
        "tokens_computed": statistics.median(s.computed for s in steps),
        "tokens_learned": statistics.median(s.learned for s in steps),
        "ms_a_token_computed": round(statistics.median(map(ms_a_token_computed, steps)), 2),
        "ms_a_token_learned": round(statistics.median(map(_ms_a_token_learned, steps)), 2),
    }


def ms_a_token_computed(step: Step) -> float:
    """The whole step's milliseconds for each token that was computed while sampling."""
    return 1000 * step.seconds["total"] / step.computed


def _ms_a_token_learned(step: Step) -> float:
    return 1000 * step.seconds["total"] / step.learned if step.learned else math.nan


def trial_ms(trial: Sequence[str], steps: Sequence[Step]) -> dict[str, float]:
    """Milliseconds a token computed in the trial, by attention; nothing where there was no choice.

    Args:
        trial: the attention of TRL's first steps, each once to warm up and then once more.
    """
    compared = list(zip(trial, steps, strict=False))[len(set(trial)) :]
    return {f"trl_{name}_ms_a_token": round(ms_a_token_computed(step), 2) for name, step in compared}


def faster(trial: Sequence[str], steps: Sequence[Step]) -> str:
    """The attention that took less for a token in the trial; the only one where there was no choice."""
    measured = trial_ms(trial, steps)
    return min(trial, key=lambda name: measured.get(f"trl_{name}_ms_a_token", 0.0))


def show(result: dict[str, Any]) -> None:
    """Prints the table, with the two trainers beside each other."""
    ours, theirs = result["ours"], result["theirs"]
    for name, value in result.items():
        if name == "ours":
            print(f"\n{'median of a step':<28} {'rlcf':>10} {'TRL':>10}")
            for row in [f"{phase}_s" for phase in _PHASES] + [key for key in ours if not key.endswith("_s")]:
                print(f"{row:<28} {ours.get(row, '-'):>10} {theirs.get(row, '-'):>10}")
            print()
        elif name == "profile":
            print(f"\n{value}")
        elif name != "theirs":
            print(f"{name:<28} {value}")
