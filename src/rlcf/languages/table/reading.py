"""Diagnostics in what a command has written, by a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from rlcf.config.language_table import GROUPS, DiagnosticsTable, LanguageTable, PathsTable
from rlcf.languages.places import Places
from rlcf.languages.table.patterns import matches, search
from rlcf.records import Diagnostic, Severity

_MOST = 100
"""Diagnostics of a program."""

Row = Mapping[str, str | None]
"""What is told of a diagnostic, by the names in `GROUPS`."""


def read_diagnostics(source: str, output: str, table: LanguageTable, path: Path) -> list[Diagnostic] | None:
    """The first diagnostics in `output`, in its order, the first error among them; `None` where JSON is missing.

    Args:
        path: of the table, for messages.

    Raises:
        ConfigError: a pattern of the table takes too long.
    """
    told = table.diagnostics
    if told.pattern is not None:
        found = matches(told.pattern, output, f"{path}: diagnostics.pattern")
        rows: Iterator[Row] = (match.groupdict() for match in found)
    else:
        documents = list(_documents(output))
        if output.strip() and not documents:
            return None
        rows = _members(documents, told.paths)
    places = Places(source)
    return [_diagnostic(row, places, table, path) for row in _first(rows, told)]


def _first(rows: Iterator[Row], table: DiagnosticsTable) -> list[Row]:
    """The first rows. All are looked through for an error: warnings must not hide it."""
    kept, has_error = list[Row](), False
    for row in rows:
        is_error = _severity(row, table) == "error"
        if len(kept) < _MOST:
            kept.append(row)
        elif is_error and not has_error:
            kept[-1] = row
        has_error = has_error or is_error
        if has_error and len(kept) == _MOST:
            break
    return kept


def _members(documents: Sequence[Any], paths: PathsTable | None) -> Iterator[Row]:
    if paths is None:
        return
    given = {name: path for name in GROUPS if (path := getattr(paths, name)) is not None}
    for document in documents:
        for row in _at(document, paths.rows):
            found = {name: next(_at(row, path), None) for name, path in given.items()}
            yield {name: None if value is None else str(value) for name, value in found.items()}


def _documents(output: str) -> Iterator[Any]:
    """The output as JSON, without what is written before or after it, or else those of its lines that are."""
    begin = re.search(r"^[\[{]", output, re.MULTILINE)
    whole = output[begin.start() : max(output.rfind("]"), output.rfind("}")) + 1] if begin else ""
    for text in (whole, *output.split("\n")):  # not at the other line ends of a program that is shown
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(document, dict | list):
            yield document
        if text is whole:
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


def _severity(row: Row, table: DiagnosticsTable) -> Severity:
    told = row.get("severity")
    return "error" if told is None else table.severities.get(told, "error")


def _diagnostic(row: Row, places: Places, table: LanguageTable, path: Path) -> Diagnostic:
    told, message = table.diagnostics, " ".join((row.get("message") or "").split())
    severity = _severity(row, told)
    code = row.get("code") or _code(message, told, path) or severity
    return places.diagnostic(code, severity, message, _offset(row, places, told, table.checker.file))


def _code(message: str, table: DiagnosticsTable, path: Path) -> str | None:
    for number, each in enumerate(table.codes):
        if search(each.message, message, f"{path}: diagnostics.codes.{number}.message"):
            return each.code
    return None


def _offset(row: Row, places: Places, table: DiagnosticsTable, file: str) -> int | None:
    """The place in characters; `None` where it is in another file, or in none."""
    named, line, column = row.get("file"), _number(row.get("line")), _number(row.get("column"))
    if line is None or (named is not None and PurePath(named).name != file):
        return None
    at = table.first_column if column is None else column
    return places.of_line(line - table.first_line, at - table.first_column, table.columns)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None
