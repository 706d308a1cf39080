"""Numbers as people read them. A missing measurement is an en dash, never a zero."""

import math
from datetime import datetime

MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"
MISSING = "\N{EN DASH}"
ARROW = f"{SPACE}\N{RIGHTWARDS ARROW}{SPACE}"


def number(value: object) -> float | None:
    """A finite number as a float; anything else, booleans and NaN included, is `None`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def decimal(value: float | None, digits: int = 2, *, signed: bool = False) -> str:
    """`−0.42`; with `signed`, also `+0.42`."""
    if value is None:
        return MISSING
    rounded = round(value, digits) + 0.0  # adding 0.0 turns a negative zero into zero
    text = f"{rounded:+,.{digits}f}" if signed and rounded else f"{rounded:,.{digits}f}"
    return text.replace("-", MINUS).replace(",", "\N{NARROW NO-BREAK SPACE}")


def percent(share: float | None) -> str:
    """A share in 0 … 1 as `31.2 %`."""
    return MISSING if share is None else f"{decimal(100 * share, 1)}{SPACE}%"


def points(difference: float | None) -> str:
    """The difference of two shares as `+26.9 points`."""
    return MISSING if difference is None else f"{decimal(100 * difference, 1, signed=True)} points"


def duration(seconds: float | None) -> str:
    """`41.5 s`, `12 min 5 s`, `2 h 3 min`."""
    if seconds is None:
        return MISSING
    if seconds < 60:
        return f"{decimal(seconds, 1)}{SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{SPACE}min {rest}{SPACE}s"
    return f"{minutes // 60}{SPACE}h {minutes % 60}{SPACE}min"


def moment(value: object) -> datetime | None:
    """The time that an ISO 8601 text names, if it names one."""
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def plural(count: int, noun: str) -> str:
    """`1 task`, `80 tasks`."""
    return f"{count}{SPACE}{noun}" if count == 1 else f"{count}{SPACE}{noun}s"
