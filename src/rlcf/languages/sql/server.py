"""A child that checks SQL with SQLite. Databases are used again for programs that begin with the same definitions."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import apsw

from rlcf.languages.serving import renounce, serve_answers
from rlcf.languages.sql.database import Database, Statement

_MEMORY_MIB = 1024
_HEAP_MIB = 128
"""Of SQLite's own memory: a definition may compute something large."""
_MOST_BEGINNINGS = 16

_TRAILING = " \t\f\r\n;"
_Told = tuple[int, tuple[int, int, bool, tuple[str, ...]]]
"""Where a statement ends, and what is told of it."""


def main() -> None:
    """The argument is the file with the definitions that all programs share; empty: none."""
    apsw.hard_heap_limit(_HEAP_MIB << 20)
    compiler = Compiler(Path(sys.argv[1]).read_text("utf-8") if sys.argv[1] else "")
    compiler.answer("SELECT 1;")
    renounce(_MEMORY_MIB)
    serve_answers(compiler.answer)


@dataclass(frozen=True, slots=True)
class _Beginning:
    """Whole statements without an error that a program begins with, and others follow."""

    text: str
    statements: tuple[_Told, ...]
    database: Database
    """In the state after them."""


class Compiler:
    """Compiles programs, each as if it were the only one."""

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._known = [_Beginning("", (), self._database())]
        """The shortest first, which every program has; then in the order in which they were met."""
        self._met: list[str] = []
        """Longer ones that were met once."""

    def answer(self, text: str) -> str:
        """As JSON: the row of the first error or nothing, and a list for each statement before it.

        The list has the offset that facts have, the number of its parts, whether it defines something, and its tables.
        """
        beginning = self._beginning(text)
        start, told, defined = len(beginning.text), list(beginning.statements), 0
        error, last = None, start
        for each in beginning.database.compile(text, start, keep=False):
            if not isinstance(each, Statement):
                error, last = each, start
                break
            if not each.does_nothing:
                told.append((each.end, _row(text, start, each)))
            last, start = start, each.end
            if each.defines:
                defined = each.end
        if beginning.database.spoiled:
            self._forget(beginning.database)
        elif 0 < defined < len(text):
            self._meet(text[:defined], told, at_once=not beginning.text)
        elif last > len(beginning.text) and not defined:
            self._learn(text[:last], told, beginning.database)
        return json.dumps([error, [row for _, row in told]])

    def _beginning(self, text: str) -> _Beginning:
        """The longest that is known of a text."""
        longest = self._known[0]
        for known in self._known:
            if len(known.text) > len(longest.text) and text.startswith(known.text):
                longest = known
        return longest

    def _meet(self, text: str, told: list[_Told], at_once: bool) -> None:
        """Learns definitions that a text begins with: at once, or where they are met a second time."""
        if not at_once and text not in self._met:
            self._met = [*self._met[1 - _MOST_BEGINNINGS :], text]
            return
        database = self._database()
        for _ in database.compile(text):
            pass
        if not database.spoiled:
            self._learn(text, told, database)

    def _learn(self, text: str, told: list[_Told], database: Database) -> None:
        statements = tuple(each for each in told if each[0] <= len(text))
        self._known = [self._known[0], *self._known[1:][1 - _MOST_BEGINNINGS :], _Beginning(text, statements, database)]

    def _forget(self, database: Database) -> None:
        first = self._known[0]
        if first.database is database:
            first = _Beginning("", (), self._database())
        self._known = [first, *(known for known in self._known[1:] if known.database is not database)]

    def _database(self) -> Database:
        database = Database()
        for each in database.compile(self._schema):
            if not isinstance(each, Statement):
                raise ValueError(f"the schema is wrong: {each[2]}")
        return database


def _row(text: str, start: int, statement: Statement) -> tuple[int, int, bool, tuple[str, ...]]:
    end = statement.end
    while end > start + 1 and text[end - 1] in _TRAILING:  # SQLite takes empty statements for a part of it
        end -= 1
    return end - 1, statement.parts, statement.defines, statement.tables


if __name__ == "__main__":
    main()
