"""The child process of `python_language.py`: a program in, what `compile` reports of it out. Nothing of it is run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from rlcf.languages.places import Places
from rlcf.languages.serving import Row, serve

_REFUSALS = (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError)
"""All that `compile` raises because of the program it was given."""


def diagnose(source: str) -> Iterator[Row]:
    """The error of a program, if it has one, and its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            compile(source, "<program>", "exec", dont_inherit=True)
        except _REFUSALS as error:
            yield type(error).__name__, "error", getattr(error, "msg", str(error)), _offset(error, source)
    for warning in caught:
        yield warning.category.__name__, "warning", str(warning.message), Places(source).of_line(warning.lineno - 1, 0)


def _offset(error: BaseException, source: str) -> int | None:
    """The parser counts characters, what follows it counts bytes of UTF-8."""
    if not isinstance(error, SyntaxError) or not error.lineno:
        return None
    unit = "byte" if _parses(source) else "character"
    return Places(source).of_line(error.lineno - 1, (error.offset or 1) - 1, unit)


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except _REFUSALS:
        return False
    return True


if __name__ == "__main__":
    serve(diagnose)
