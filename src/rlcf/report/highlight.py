"""Where diagnostics stand in a completion: the code in pieces, each with the diagnostics that point at it."""

import re
from collections.abc import Sequence
from typing import Any

from rlcf.report.load import JsonObject

Piece = str | list[Any]
"""Plain text, or `[text, [numbers of diagnostics]]`."""

_TOKEN = re.compile(r"""\w+|"(?:\\.|[^"\\\n])*"|[^\w\s]|""")


def pieces(completion: str, context: str | None, diagnostics: Sequence[JsonObject]) -> list[Piece]:
    """The completion in order. Diagnostics count from 1; those before the completion or without a place mark nothing.

    Args:
        context: what stands before the completion in the program; `None` when unknown: nothing is marked.
    """
    places: dict[int, list[int]] = {}
    for index, diagnostic in enumerate(diagnostics, start=1):
        offset = diagnostic.get("offset")
        if context is not None and isinstance(offset, int) and 0 <= offset - len(context) <= len(completion):
            places.setdefault(offset - len(context), []).append(index)
    cut: list[Piece] = []
    end = 0
    for start, numbers in sorted(places.items()):
        if start < end and isinstance(cut[-1], list):  # inside the token that is marked already
            cut[-1][1].extend(numbers)
            continue
        if start > end:
            cut.append(completion[end:start])
        token = _TOKEN.match(completion, start)
        end = token.end() if token else start
        cut.append([completion[start:end], numbers])
    if end < len(completion):
        cut.append(completion[end:])
    return cut
