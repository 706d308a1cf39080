"""Places in a source, as compilers tell them, in characters.

Compilers count bytes of UTF-8, units of UTF-16 or characters, from 0 or 1, within the text or within a line.
"""

from __future__ import annotations

import bisect
from typing import Literal

from rlcf.records import LINE_END, Diagnostic, Severity

Unit = Literal["character", "utf-16", "byte"]


class Places:
    """The places of one source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._is_ascii = source.isascii()
        self._starts: list[int] = []
        self._ends: list[int] = []

    def of(self, offset: int, unit: Unit = "character") -> int:
        """The offset in characters of an offset from 0 in other units; within the source, whatever is asked."""
        return _characters(self._source, max(offset, 0), unit)

    def of_line(self, line: int, column: int, unit: Unit = "character") -> int:
        """The offset of a column from 0 in a line from 0; a column beyond the end of the line is its end."""
        starts = self._line_starts()
        if line >= len(starts):
            return len(self._source)
        line, column = max(line, 0), max(column, 0)
        start, end = starts[line], self._ends[line]
        if self._is_ascii:
            return min(start + column, end)
        return start + _characters(self._source[start:end], column, unit)

    def diagnostic(self, code: str, severity: Severity, message: str, offset: int | None) -> Diagnostic:
        """A diagnostic at an offset in characters; `None`: the compiler names no place."""
        if offset is None:
            return Diagnostic(code, severity, message, 0, 0)
        starts = self._line_starts()
        line = bisect.bisect_right(starts, offset) - 1
        return Diagnostic(code, severity, message, line + 1, offset - starts[line] + 1, offset)

    def _line_starts(self) -> list[int]:
        if not self._starts:
            ends = [end.span() for end in LINE_END.finditer(self._source)]
            self._starts = [0, *(after for _, after in ends)]
            self._ends = [*(before for before, _ in ends), len(self._source)]
        return self._starts


def _characters(text: str, count: int, unit: Unit) -> int:
    """How many characters of a text the first `count` units are; all, where it has fewer."""
    if unit == "character" or text.isascii():
        return min(count, len(text))
    if unit == "byte":
        return len(text.encode("utf-8", "surrogatepass")[:count].decode("utf-8", "ignore"))
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * count].decode("utf-16-le", "ignore"))
