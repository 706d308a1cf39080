"""Text in a source file that looks like a key or a password. It is guessed from the text alone, in any language."""

from __future__ import annotations

import re
from functools import lru_cache

_NAMES = r"(?i:password|passwd|passphrase|pwd|secret|api_?key|private_?key)(?i:_?key|_?\d+)?"
_MORE_NAMES = r"(?:(?i:token)|(?<![A-Za-z])(?i:pass)|(?<=[a-z])Pass)"
"""These end other names, too, so that their text counts only with a digit."""
_IS = r"""["']?\]?\s*(?::\s*\w+\s*)?[:=]|\("""
"""What stands between a name and its text: `= "`, `: str = "`, `": "`, `"] = "` or `("`."""
_KEY = re.compile(
    rf"""
    -----BEGIN\ [A-Z ]*PRIVATE\ KEY | \bAKIA[0-9A-Z]{{16}}\b | \bgh[pousr]_[A-Za-z0-9]{{36}}\b
    | \bxox[abprs]-[\w-]{{10,}} | \beyJ[\w-]{{10,}}\.[\w-]{{10,}}\.
    | ://[^\s/:@"']*:(?![$%{{<])[^\s/:@"']{{4,}}@                                    # a password in an address
    | {_NAMES}(?:{_IS})\s*(["'])[^"'\s]{{8,}}\1
    | (?:{_NAMES}|{_MORE_NAMES})(?:{_IS}|["']\s*,)\s*(["'])(?=[^"'\s]*\d)[^"'\s]{{8,}}\2
    | (["'])(?=[^"']*\d)(?=[^"']*[A-Za-z])(?:[A-Za-z0-9+/_-]{{40,}}={{0,2}}|[0-9A-Fa-f]{{32,}})\3
    """,
    re.VERBOSE,
)


@lru_cache(maxsize=2)
def keys(text: str) -> tuple[re.Match[str], ...]:
    """What looks like a key in a text, in order; remembered for the last texts."""
    return tuple(_KEY.finditer(text))


def after_keys(text: str, end: int) -> int:
    """Where the line after the last key before `end` starts: from there on, the text shows none."""
    last = max((key.end() for key in keys(text) if key.start() < end), default=0)
    return min(text.find("\n", last) + 1 or end, end) if last else 0


def before_keys(text: str) -> int:
    """Where the line of the first key starts: up to there, the text shows none."""
    first = next(iter(keys(text)), None)
    return len(text) if first is None else text.rfind("\n", 0, first.start()) + 1
