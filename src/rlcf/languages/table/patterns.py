"""A table's patterns, with a time-out: some take forever on some texts, and what they read comes from programs."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import regex

from rlcf.errors import ConfigError

TIMEOUT_S = 10.0
"""Seconds for one text. `regex` counts the processor's time of this process."""


def search(pattern: str, text: str, where: str, begin: int = 0) -> regex.Match[str] | None:
    """The first match at or behind `begin`; see `matches`."""
    return next(matches(pattern, text, where, begin), None)


def matches(pattern: str, text: str, where: str, begin: int = 0) -> Iterator[regex.Match[str]]:
    """All matches, in order; `^` and `$` match at every line.

    Args:
        where: the table's file and the key, for messages.

    Raises:
        ConfigError: the pattern takes too long on this text.
    """
    try:
        yield from _compiled(pattern).finditer(text, begin, timeout=TIMEOUT_S)
    except (TimeoutError, MemoryError) as error:
        beyond = f"{TIMEOUT_S:g} s" if isinstance(error, TimeoutError) else "all memory"
        raise ConfigError(
            f"{where} = {pattern!r} takes more than {beyond} on a text of {len(text)} characters: let no part of a "
            "text fit in many ways, as in (a+)+"
        ) from None


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern, regex.MULTILINE | regex.VERSION0)
