"""Fitted as `least_squares`; the accepted programs of one task are ranked among each other.

However far below the reference f puts them all, their order remains.
"""

from collections.abc import Sequence

from rlcf.grounding.calibrations.base import Comparison
from rlcf.grounding.calibrations.least_squares import LeastSquares, curved_progress

_TIE = 1e-3
"""Values of f no further apart are equal: one and the same program may differ by rounding, and so by a rank."""


class GroupRank(LeastSquares):
    """The fraction earned is the rank by f among the task's accepted programs of the batch that are not trivial.

    A group whose programs all have one value, such as a group of one, has no order: there it is that of
    `least_squares`.
    """

    def fractions(self, comparisons: Sequence[Comparison]) -> list[float | None]:
        groups: dict[str, list[float]] = {}
        for c in comparisons:
            groups.setdefault(c.task_id, []).append(c.program)
        return [
            curved_progress(c) if _all_equal(groups[c.task_id]) else _rank(c.program, groups[c.task_id])
            for c in comparisons
        ]


def _all_equal(group: Sequence[float]) -> bool:
    return max(group) - min(group) <= _TIE


def _rank(value: float, group: Sequence[float]) -> float:
    """The rank of a group's member scaled to (0, 1): (rank − ½) / size, with the mean rank for equal values."""
    below = sum(other < value - _TIE for other in group)
    above = sum(other > value + _TIE for other in group)
    return (1 + (below - above) / len(group)) / 2
