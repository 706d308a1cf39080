"""Diagnostics in what a command has written, by a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import PurePath
from typing import Any

from rlcf.config.language_table import GROUPS, CheckerTable, DiagnosticsTable, PathsTable
from rlcf.languages.places import Places
from rlcf.records import Diagnostic

_MOST = 100
"""Diagnostics of a program."""
_LONGEST = 1 << 18
"""Characters of an output that are read."""

Row = Mapping[str, str | None]
"""What is told of a diagnostic, by the names in `GROUPS`."""


def read_diagnostics(source: str, output: str, table: DiagnosticsTable, checker: CheckerTable) -> list[Diagnostic]:
    """The diagnostics in `output`, in its order."""
    rows = _matches(output[:_LONGEST], table.pattern) if table.pattern else _members(output, table.paths)
    places = Places(source)
    return [_diagnostic(row, places, table, checker.file) for row in islice(rows, _MOST)]


def _matches(output: str, pattern: str | None) -> Iterator[Row]:
    for match in re.compile(pattern or "", re.MULTILINE).finditer(output):
        yield match.groupdict()


def _members(output: str, paths: PathsTable | None) -> Iterator[Row]:
    if paths is None:
        return
    given = {name: path for name in GROUPS if (path := getattr(paths, name)) is not None}
    for document in _documents(output):
        for row in _at(document, paths.rows):
            found = {name: next(_at(row, path), None) for name, path in given.items()}
            yield {name: None if value is None else str(value) for name, value in found.items()}


def _documents(output: str) -> Iterator[Any]:
    """The whole output as JSON, or else those of its lines that are."""
    for text in (output, *output.splitlines()):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            continue
        yield document
        if text is output:
            return


def _at(value: Any, path: str) -> Iterator[Any]:
    """What a path leads to."""
    if not path:
        yield value
        return
    first, _, rest = path.partition(".")
    if first == "*":
        members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for member in members:
            yield from _at(member, rest)
    elif isinstance(value, dict) and first in value:
        yield from _at(value[first], rest)
    elif isinstance(value, list) and first.isdecimal() and int(first) < len(value):
        yield from _at(value[int(first)], rest)


def _diagnostic(row: Row, places: Places, table: DiagnosticsTable, file: str) -> Diagnostic:
    message = " ".join((row.get("message") or "").split())
    told = row.get("severity")
    severity = "error" if told is None else table.severities.get(told, "error")
    code = row.get("code") or next((c.code for c in table.codes if re.search(c.message, message)), severity)
    return places.diagnostic(code, severity, message, _offset(row, places, table, file))


def _offset(row: Row, places: Places, table: DiagnosticsTable, file: str) -> int | None:
    """The place in characters; `None` where it is in another file, or in none."""
    named, line, column = row.get("file"), _number(row.get("line")), _number(row.get("column"))
    if line is None or (named is not None and PurePath(named).name != file):
        return None
    at = table.first_column if column is None else column
    return places.of_line(line - table.first_line, at - table.first_column, table.columns)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None
