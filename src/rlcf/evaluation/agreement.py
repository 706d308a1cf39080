"""Whether a score agrees with unit tests: of the programs that compile, are those that pass above the others?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rlcf.evaluation.metrics import Result, Sums
from rlcf.evaluation.statistics import Estimate, Floats, draws, estimate, with_interval
from rlcf.evaluation.summary import by_task

Scored = tuple[float, bool]
"""A program's score, and whether it passes its test."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one score. 0.5 is chance, 1 is agreement throughout."""

    samples: int
    """Programs that compile, were tested, and have the score."""
    passed: int
    pooled: Estimate | None
    """Area under the ROC curve, over the programs of all tasks."""
    within: Estimate | None
    """Share of pairs of a passing and a failing program of one task in which the passing one has more; a tie is ½."""


def agreements(rows: Sequence[Result]) -> dict[str, Agreement]:
    """The agreement of `reward`, `preference` and each component, by name; without those that no program has.

    Intervals are 95 %, and resample tasks.
    """
    tested = [row for row in rows if row.get("compiled") and row.get("passed") is not None]
    names = dict.fromkeys(name for row in tested for name in row.get("components") or ())
    scores: dict[str, Callable[[Result], float | None]] = {
        "reward": lambda row: row.get("reward"),
        "preference": lambda row: row.get("preference"),
        **{name: lambda row, name=name: (row.get("components") or {}).get(name) for name in names},  # type: ignore[misc]
    }
    found = {name: _agreement(tested, score) for name, score in scores.items()}
    return {name: one for name, one in found.items() if one.samples}


def _agreement(rows: Sequence[Result], score: Callable[[Result], float | None]) -> Agreement:
    groups = [
        [(value, bool(row["passed"])) for row in of_task if (value := score(row)) is not None]
        for of_task in by_task(rows).values()
    ]
    groups = [group for group in groups if group]
    scored = [pair for group in groups for pair in group]
    return Agreement(
        samples=len(scored),
        passed=sum(passed for _, passed in scored),
        pooled=pooled(groups),
        within=estimate([_pairs(group) for group in groups]),
    )


def pooled(groups: Sequence[Sequence[Scored]]) -> Estimate | None:
    """The area under the ROC curve, with whole tasks resampled; `None` where all programs pass, or none.

    Args:
        groups: the programs of each task.
    """
    rows = sorted((value, passed, task) for task, group in enumerate(groups) for value, passed in group)
    if len({passed for _, passed, _ in rows}) < 2:
        return None
    values, passes, tasks = (np.array(column) for column in zip(*rows, strict=True))
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]])
    drawn = [np.ones((1, len(groups)))]
    drawn += [np.stack([np.bincount(row, minlength=len(groups)) for row in block]) for block in draws(len(groups), 0)]
    with np.errstate(all="ignore"):  # a draw in which all programs pass, or none, has no area
        return with_interval(np.concatenate([_areas(block[:, tasks], passes, starts) for block in drawn]))


def _areas(weights: Floats, passes: npt.NDArray[np.bool_], starts: npt.NDArray[np.intp]) -> Floats:
    """(D, N) weights of programs in ascending order of score → (D,) areas; `starts`: where each new value begins."""
    right, wrong = (np.add.reduceat(weights * chosen, starts, axis=1) for chosen in (passes, ~passes))
    below = wrong.cumsum(axis=1) - wrong / 2  # half of a tie
    areas: Floats = (right * below).sum(axis=1) / (right.sum(axis=1) * wrong.sum(axis=1))
    return areas


def _pairs(group: Sequence[Scored]) -> Sums:
    """Of one task: pairs in the right order, and all pairs of a passing and a failing program."""
    passing, failing = ([value for value, passed in group if passed is wanted] for wanted in (True, False))
    right = sum((a > b) + (a == b) / 2 for a in passing for b in failing)
    return float(right), len(passing) * len(failing)
