"""Where diagnostics stand in a completion: the code in pieces, each with the diagnostics that point at it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rlcf.report.load import Row

Piece = str | list[Any]
"""Plain text, or `[text, [numbers of diagnostics]]`."""

_TOKEN = re.compile(r"""\w+|"(?:\\.|[^"\\\n])*"|[^\w\s]""")


def pieces(completion: str, prompt: str | None, diagnostics: Sequence[Row]) -> list[Piece]:
    """The completion in order. Diagnostics count from 1; in the prompt or without a place they mark nothing.

    Args:
        prompt: what stands before the completion in the program; `None` when unknown: nothing is marked.
    """
    spans: dict[int, list[int]] = {}
    for index, diagnostic in enumerate(diagnostics, start=1):
        start = None if prompt is None else _position(diagnostic, prompt, completion)
        if start is not None:
            spans.setdefault(start, []).append(index)
    cut: list[Piece] = []
    reached = 0
    for start, numbers in sorted(spans.items()):
        if start < reached and isinstance(cut[-1], list):  # inside the token that is marked already
            cut[-1][1].extend(numbers)
            continue
        if start > reached:
            cut.append(completion[reached:start])
        token = _TOKEN.match(completion, start)
        reached = token.end() if token else start
        cut.append([completion[start:reached], numbers])
    if reached < len(completion):
        cut.append(completion[reached:])
    return cut


def _position(diagnostic: Row, prompt: str, completion: str) -> int | None:
    """Characters from the completion's start; `None` where the diagnostic does not stand in it."""
    offset = diagnostic.get("offset")
    if not isinstance(offset, int):
        offset = _offset(prompt + completion, diagnostic.get("line"), diagnostic.get("column"))
    if offset is None:
        return None
    position = offset - len(prompt)
    return position if 0 <= position <= len(completion) else None


def _offset(source: str, line: object, column: object) -> int | None:
    if not isinstance(line, int) or not isinstance(column, int) or line < 1 or column < 1:
        return None
    lines = source.split("\n")
    if line > len(lines):
        return None
    return sum(len(text) + 1 for text in lines[: line - 1]) + min(column - 1, len(lines[line - 1]))
