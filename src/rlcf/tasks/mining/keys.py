"""Text in a source file that looks like a key or a password. It is guessed from the text alone, in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_NAMES = r"(?i:password|passwd|passphrase|pwd|secret|api_?key|private_?key)(?i:(?:_?access)?_?key|_?\d+)?"
_MORE_NAMES = r"(?:(?i:token)|(?<![A-Za-z])(?i:pass)|(?<=[a-z])Pass)"
"""These end other names, too, so that their text counts only with a digit."""
_ASSIGNED = r"""["']?\]?\s*(?::\s*\w+\s*)?[:=]"""
"""What stands between a name and its text: `= "`, `: str = "`, `": "`, `"] = "`."""
_IS = rf"{_ASSIGNED}|\("
_CHARACTER = r"""(?!\$\{)[^"'`\s]"""
"""Of a key in quotes, which is no template."""
_SPACED = r"""(?!\$\{)[^"'`\n]"""
"""Of a password of several words. A message to a person looks the same, and counts, too."""
_BLOCK = 12_000
"""Characters of the longest key between its BEGIN and its END."""
_CUT_BLOCK = 4_000
"""Characters that count as the key after a BEGIN without an END."""
_BLOCK_NAME = r"[A-Z ]{0,40}PRIVATE\ KEY(?:\ BLOCK)?"
_QUOTED = r"""(?P<quote>["'])(?=[^"']*\d)(?=[^"']*[A-Za-z])(?:[A-Za-z0-9+/_-]{40,}={0,2}|[0-9A-Fa-f]{32,})(?P=quote)"""
_KEY = re.compile(
    rf"""
    -----BEGIN\ {_BLOCK_NAME}(?:[\s\S]{{0,{_BLOCK}}}?-----END\ {_BLOCK_NAME}(?:-----)?|[\s\S]{{0,{_CUT_BLOCK}}})
    | \bAKIA[0-9A-Z]{{16}}\b | \bAIza[\w-]{{35}}(?![\w-])
    | \bgh[pousr]_[A-Za-z0-9]{{36}}\b | \bgithub_pat_\w{{22,}}
    | \b[sr]k_(?:live|test)_[A-Za-z0-9]{{10,}} | (?<![\w-])sk-(?=[\w-]*\d)[\w-]{{20,}}
    | \bxox[abprs]-[\w-]{{10,}} | (?<![\w-])eyJ[\w-]{{10,}}\.[\w-]{{10,}}\.
    | ://[^\s/:@"']*:(?![$%{{<])[^\s/:@"']{{4,}}@                                    # a password in an address
    | {_NAMES}\(\s*(["'`])(?:{_CHARACTER}){{8,}}\1
    | {_NAMES}{_ASSIGNED}\s*(["'`])(?:{_SPACED}){{8,}}\2
    | (?:{_NAMES}|{_MORE_NAMES})(?:{_IS}|["']\s*,)\s*(["'`])(?=[^"'`\s]*\d)(?:{_CHARACTER}){{8,}}\3
    | {_QUOTED}
    """,
    re.VERBOSE,
)
_LONG = re.compile(_QUOTED)
_MARKS = (
    *("-----begin ", "akia", "aiza", "gh", "github_pat", "sk_", "rk_", "sk-", "xox", "eyj", "://"),
    *("pass", "pwd", "secret", "api", "private", "token"),
)
"""In lower case: what `_KEY` matches begins with one of these, or is what `_QUOTED` matches."""


@lru_cache(maxsize=2)
def keys(text: str) -> tuple[re.Match[str], ...]:
    """What looks like a key in a text, in order; remembered for the last texts."""
    found: list[re.Match[str]] = []
    for start in sorted({*_marked(text), *(match.start() for match in _LONG.finditer(text))}):
        if (not found or start >= found[-1].end()) and (key := _KEY.match(text, start)):
            found.append(key)
    return tuple(found)


def _marked(text: str) -> Iterator[int]:
    """Where the text has one of `_MARKS`. To look for these is many times as fast as to try `_KEY` everywhere."""
    lower = text.replace("İ", "I").lower()  # the one letter that becomes two
    for mark in _MARKS:
        start = lower.find(mark)
        while start >= 0:
            yield start
            start = lower.find(mark, start + 1)


def after_keys(text: str, end: int) -> int:
    """Where the line after the last key before `end` starts: from there on, the text shows none."""
    last = max((key.end() for key in keys(text) if key.start() < end), default=0)
    return min(text.find("\n", last) + 1 or end, end) if last else 0


def before_keys(text: str) -> int:
    """Where the line of the first key starts: up to there, the text shows none."""
    first = next(iter(keys(text)), None)
    return len(text) if first is None else text.rfind("\n", 0, first.start()) + 1
