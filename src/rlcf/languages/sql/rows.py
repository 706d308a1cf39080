"""When the rows that come are those that must come: their values, and their order."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Row = tuple[object, ...]

_TOLERANCE = 1e-9
"""By which two numbers may differ that are not both whole: of their size, or of 1."""


@dataclass(frozen=True, slots=True)
class Place:
    """Rows that come one after the other, in any order."""

    count: int
    rows: Sequence[Row]
    """Those that may come; there are more than `count` where a `LIMIT` leaves open which ones."""


def in_this_order(rows: Sequence[Row]) -> list[Place]:
    """Places of rows whose order is fixed."""
    return [Place(1, [row]) for row in rows]


def in_order_of_keys(ascending: Sequence[Row], descending: Sequence[Row], limited: Sequence[Row]) -> list[Place] | None:
    """Places of the rows of a query, where those with the same keys may come in any order.

    Args:
        ascending: all rows; those with the same keys in ascending order.
        descending: all rows; those with the same keys in descending order.
        limited: those of `ascending` that the query's `LIMIT` leaves.

    Returns:
        `None` where the rows are not those of one query.
    """
    starts = range(len(ascending) - len(limited) + 1)
    begin = next((at for at in starts if ascending[at : at + len(limited)] == limited), None)
    if begin is None or Counter(ascending) != Counter(descending):
        return None
    places, start = list[Place](), 0
    for end in _ends_of_groups(ascending, descending):
        count = min(end, begin + len(limited)) - max(start, begin)
        if count > 0:
            places.append(Place(count, ascending[start:end]))
        start = end
    return places


def _ends_of_groups(one: Sequence[Row], other: Sequence[Row]) -> Iterable[int]:
    """Up to where two orders of the same rows have the same rows."""
    balance = Counter[Row]()
    for at, (mine, theirs) in enumerate(zip(one, other, strict=True), 1):
        for row, step in ((mine, 1), (theirs, -1)):
            balance[row] += step
            if not balance[row]:
                del balance[row]
        if not balance:
            yield at


def are_same(one: Sequence[Row], other: Sequence[Row]) -> bool:
    """Whether these are the same rows, in any order."""
    return are_in_place(one, [Place(len(other), other)]) if other else not one


def are_in_place(rows: Sequence[Row], places: Sequence[Place]) -> bool:
    """Whether each place has rows that may come there."""
    if len(rows) != sum(place.count for place in places):
        return False
    allowed = [row for place in places for row in place.rows]
    plain = _plain([*rows, *allowed])
    mine, theirs = plain[: len(rows)], plain[len(rows) :]
    at = begin = 0
    for place in places:
        if not Counter(mine[at : at + place.count]) <= Counter(theirs[begin : begin + len(place.rows)]):
            return False
        at, begin = at + place.count, begin + len(place.rows)
    return True


def _plain(rows: Sequence[Row]) -> list[Row]:
    """The rows, with one number for all that count as the same: 2 and 2.0 do, '2' and 2 do not."""
    numbers = [_numbers(column) for column in zip(*rows, strict=True)]
    return [
        tuple(same.get(v, v) if isinstance(v, (int, float)) else v for v, same in zip(row, numbers, strict=True))
        for row in rows
    ]


def _numbers(column: Iterable[object]) -> dict[float, float]:
    """For each number the least one that counts as the same."""
    same = dict[float, float]()
    last, was_whole = math.nan, True
    for number, is_whole in sorted({(v, isinstance(v, int)) for v in column if isinstance(v, (int, float))}):
        is_close = not (is_whole and was_whole) and math.isclose(number, last, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
        same[number] = same[last] if is_close else number
        last, was_whole = number, is_whole
    return same
