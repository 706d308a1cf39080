"""How far two outcomes of a driver are the same."""

import json
import math
from collections.abc import Collection, Mapping
from typing import Any

_TOLERANCE = 1e-6
"""Relative, of floating-point numbers."""
_ZERO = 1e-9
"""What differs by less is the same number. Sums that should be 0 are off by up to 1e-10, for numbers as drivers make
them."""
_UNORDERED = frozenset({"set", "bag", "map", "dict"})
"""Containers whose elements stand in the order of their texts."""
PART = 0.5
"""What the right value is worth where the changes beside it are others."""


def same(one: str, other: str) -> bool:
    """Whether two texts of a driver mean the same value; the first is the reference's.

    Floating-point numbers may differ by a millionth of their size. The second may have more fields: a completion
    may add some to a class of the context.
    """
    if one == other:
        return True
    try:
        return _same(_in_order(json.loads(one)), _in_order(json.loads(other)))
    except ValueError:
        return False


def agreement(one: str, other: str) -> float:
    """1 for the same outcome; `PART` for the same value, or exception, where the changes beside it differ; else 0.

    The first is the reference's: what it changes and hands back is its value, and may be changed or left as it was.
    """
    if one == other:
        return 1.0
    mine, theirs = (_in_order(json.loads(text)) for text in (one, other))
    if not _same(without_changes(mine), without_changes(theirs)):
        return 0.0
    handed = mine.get("handed", ())
    if _same(_changes(mine, handed), _changes(theirs, handed)):
        return 1.0
    return PART if without_changes(mine) else 0.0


def without_changes(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """The value or exception of an outcome; empty where it has neither."""
    return {k: v for k, v in outcome.items() if k not in ("after", "handed")}


def _changes(outcome: Mapping[str, Any], handed: Collection[str]) -> dict[str, Any]:
    return {"after": {k: v for k, v in outcome.get("after", {}).items() if k not in handed}}


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and "view" in one:  # in no order that was asked for
        other = _listed(other)
        return isinstance(other, list) and _same(sorted(one["view"], key=_place), sorted(other, key=_place))
    other = _listed(other)
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=_ZERO)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if not isinstance(one, dict):
        return bool(one == other)
    if one.keys() != other.keys():
        return False
    return all(_same_fields(v, other[k]) if k == "fields" else _same(v, other[k]) for k, v in one.items())


def _same_fields(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(k in other and _same(v, other[k]) for k, v in one.items())


def _listed(value: Any) -> Any:
    return value["view"] if isinstance(value, dict) and "view" in value else value


def _in_order(value: Any) -> Any:
    """With the elements of sets and maps in an order that hardly depends on the last digits of numbers."""
    if isinstance(value, list):
        return [_in_order(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        k: {name: _in_order(each) for name, each in v.items()}
        if k == "fields"
        else sorted(map(_in_order, v), key=_place)
        if k in _UNORDERED
        else _in_order(v)
        for k, v in value.items()
    }


def _place(value: Any) -> tuple[str, list[float], list[float]]:
    """What is compared to sort elements: all but floating-point numbers, then these, rounded at first."""
    numbers: list[float] = []

    def rest(part: Any) -> Any:
        if isinstance(part, float):
            numbers.append(part)
            return 0.0
        if isinstance(part, dict):
            return {k: rest(v) for k, v in part.items()}
        return [rest(each) for each in part] if isinstance(part, list) else part

    return json.dumps(rest(value)), [float(f"{n:.9g}") for n in numbers], numbers
