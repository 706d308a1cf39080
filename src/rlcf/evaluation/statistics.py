"""Means over samples with 95 % intervals that resample tasks, and differences of two that resample them together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rlcf.evaluation.metrics import Sums

RESAMPLES = 1000
Floats = npt.NDArray[np.float64]

_BLOCK = 1 << 20
"""Numbers drawn at a time: bounds the memory."""
_quiet = np.errstate(all="ignore")
"""A draw without any value divides by 0, and sums of absurd numbers overflow: neither gives a value."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval, where there is one."""

    value: float
    low: float | None = None
    high: float | None = None


@_quiet
def estimate(tasks: Sequence[Sums], seed: int = 0) -> Estimate | None:
    """The mean over all samples, and its interval; `None` where no sample has the metric.

    Samples of one task are not independent, so whole tasks are drawn, with replacement (a cluster bootstrap with
    percentiles; why by task: Miller, 2024, arXiv 2411.00640). Tasks without a value are not drawn.
    """
    return with_interval(_means([sums for sums in tasks if sums[1]], seed))


@_quiet
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
    return with_interval(_means(b, seed) - _means(a, seed))


def _means(tasks: Sequence[Sums], seed: int) -> Floats:
    """The mean on the tasks themselves, then on each draw of them; NaN where nothing drawn has a value."""
    sums = np.asarray(tasks, dtype=np.float64).reshape(-1, 2)
    totals = np.vstack([sums.sum(axis=0), *(sums[draws].sum(axis=1) for draws in draws(len(sums), seed))])
    means: Floats = totals[:, 0] / totals[:, 1]
    return means


def draws(tasks: int, seed: int) -> Iterator[npt.NDArray[Any]]:
    """Draws of as many places as there are tasks, a row each; the same for all metrics of the same number of tasks."""
    generator = np.random.default_rng(seed)
    rows = max(1, _BLOCK // max(1, tasks))
    for start in range(0, RESAMPLES if tasks else 0, rows):
        yield generator.integers(tasks, size=(min(rows, RESAMPLES - start), tasks))


def with_interval(means: Floats) -> Estimate | None:
    """The first value, with the interval of the others, which are those of the draws; `None` where it is not finite."""
    value = float(means[0])
    if not np.isfinite(value):
        return None
    ordered = np.sort(means[1:][np.isfinite(means[1:])])
    if len(ordered) < 2:
        return Estimate(value)
    low, high = (float(ordered[round(share * (len(ordered) - 1))]) for share in (0.025, 0.975))
    return Estimate(value, low, high)
