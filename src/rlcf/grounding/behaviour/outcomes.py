"""How far two outcomes of a driver are the same."""

import json
import math
from collections.abc import Mapping
from typing import Any

_TOLERANCE = 1e-6
"""Relative, of floating-point numbers."""
_ZERO = 1e-9
"""What differs by less is the same number."""
PART = 0.5
"""What the right value is worth where the changes beside it are others."""


def same(one: str, other: str) -> bool:
    """Whether two texts of a driver mean the same value.

    Floating-point numbers may differ by a millionth of their size. Objects are compared by the fields that both have: a
    completion may add fields of its own to a class of the context.
    """
    if one == other:
        return True
    try:
        return _same(json.loads(one), json.loads(other))
    except ValueError:
        return False


def agreement(one: str, other: str) -> float:
    """1 for the same outcome; `PART` for the same value, or exception, where the changes beside it differ; else 0."""
    if same(one, other):
        return 1.0
    mine, theirs = (without_changes(json.loads(text)) for text in (one, other))
    return PART if mine and _same(mine, theirs) else 0.0


def without_changes(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """The value or exception of an outcome; empty where it has neither."""
    return {k: v for k, v in outcome.items() if k != "after"}


def _same(one: Any, other: Any) -> bool:
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
    return all(_same(value, other[name]) for name, value in one.items() if name in other)
