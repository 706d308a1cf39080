"""Means over samples with 95 % intervals that resample tasks, and differences of two that resample them together."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

RESAMPLES = 1000
Sums = tuple[float, int]
"""Of one task: the sum of a measure over its samples, and how many samples have it."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval, where one could be had."""

    value: float
    low: float | None = None
    high: float | None = None


def estimate(tasks: Sequence[Sums], seed: int = 0) -> Estimate | None:
    """The mean over all samples, and its interval; `None` where no sample has the measure.

    Samples of one task are not independent, so whole tasks are drawn, with replacement (a cluster bootstrap with
    percentiles; why by task: Miller, 2024, arXiv 2411.00640). Tasks without a value are not drawn.
    """
    measured = [sums for sums in tasks if sums[1]]
    if not measured:
        return None
    return _with_interval(_resampled(measured, seed))


def paired_difference(a: Sequence[Sums], b: Sequence[Sums], seed: int = 0) -> Estimate | None:
    """The mean of `b` minus that of `a`, and its interval; `None` where one of them has no value.

    Each draw takes the same tasks of both, so that what makes a task hard for both cancels: the interval is that of
    the paired difference (Miller, 2024, arXiv 2411.00640).

    Args:
        a: one entry for each task.
        b: the same tasks in the same order.
    """
    if len(a) != len(b):
        raise ValueError(f"the same tasks are needed on both sides, found {len(a)} and {len(b)}")
    pairs = zip(_resampled(a, seed), _resampled(b, seed), strict=True)
    differences = [None if x is None or y is None else y - x for x, y in pairs]
    return _with_interval(differences)


def _resampled(tasks: Sequence[Sums], seed: int) -> list[float | None]:
    """The mean on the tasks themselves, then on each draw of them; `None` where nothing drawn has a value."""
    sums, counts = [s for s, _ in tasks], [n for _, n in tasks]
    means = [_mean(sum(sums), sum(counts))]
    for draw in _draws(len(tasks), seed):
        means.append(_mean(sum(map(sums.__getitem__, draw)), sum(map(counts.__getitem__, draw))))
    return means


def _mean(total: float, count: int) -> float | None:
    return total / count if count else None


@lru_cache(maxsize=4)
def _draws(tasks: int, seed: int) -> list[list[int]]:
    """The same draws for all measures of so many tasks."""
    generator = random.Random(seed)
    places = list(range(tasks))
    return [generator.choices(places, k=tasks) for _ in range(RESAMPLES if tasks else 0)]


def _with_interval(means: Sequence[float | None]) -> Estimate | None:
    value = means[0]
    if value is None:
        return None
    ordered = sorted(mean for mean in means[1:] if mean is not None)
    if len(ordered) < 2:
        return Estimate(value)
    last = len(ordered) - 1
    return Estimate(value, ordered[round(0.025 * last)], ordered[round(0.975 * last)])
