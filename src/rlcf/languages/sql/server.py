"""A child that checks SQL with SQLite. Databases are used again for programs that begin with the same definitions."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from rlcf.languages.serving import renounce, serve_answers
from rlcf.languages.sql.database import Database, Statement

_MEMORY_MIB = 1024
_MOST_BEGINNINGS = 16
_CLAUSE = re.compile(
    r"""'[^']*'? | "[^"]*"? | --[^\n]* | /\*.*?(?:\*/|\Z)
    | \b(SELECT|FROM|JOIN|WHERE|GROUP|HAVING|ORDER|LIMIT|UNION|INTERSECT|EXCEPT|WITH|VALUES|SET|UPDATE|DELETE)\b""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)

_Told = tuple[int, tuple[int, int, bool, tuple[str, ...]]]
"""Where a statement ends, and what is told of it."""


def main() -> None:
    """The argument is the file with the definitions that all programs share; empty: none."""
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
        self._known: list[_Beginning] = []
        """The one used last stands last."""

    def answer(self, text: str) -> str:
        """As JSON: the row of the first error or nothing, and a list for each statement before it.

        The list has the offset that facts have, the number of clauses, whether it defines something, and its tables.
        """
        known = max((b for b in self._known if text.startswith(b.text)), key=lambda b: len(b.text), default=None)
        beginning = known or _Beginning("", (), self._database())
        start, told, defined = len(beginning.text), list(beginning.statements), 0
        error, last, changed = None, start, False
        for each in beginning.database.compile(text, start):
            if not isinstance(each, Statement):
                error = each
                break
            if not each.does_nothing:
                told.append((each.end, _row(text, start, each)))
            last, start, changed = start, each.end, each.defines
            if each.defines:
                defined = each.end
        if error is not None:
            last, changed = start, False
        self._keep(beginning, text, told, defined, None if changed else last)
        return json.dumps([error, [row for _, row in told]])

    def _keep(self, used: _Beginning, text: str, told: list[_Told], defined: int, last: int | None) -> None:
        """Keeps what the next programs may begin with.

        Args:
            defined: where the last definition of this program ended; 0: it had none beyond `used`.
            last: where the last statement begins; `None`: that is a definition.
        """
        database = used.database
        if defined or database.spoiled:
            self._known = [b for b in self._known if b.database is not database]
        if last is None or database.spoiled:
            return
        for end in {defined or len(used.text), last} - {0}:
            statements = tuple(each for each in told if each[0] <= end)
            self._known = [b for b in self._known if b.text != text[:end]][1 - _MOST_BEGINNINGS :]
            self._known.append(_Beginning(text[:end], statements, database))

    def _database(self) -> Database:
        database = Database()
        for each in database.compile(self._schema):
            if not isinstance(each, Statement):
                raise ValueError(f"the schema is wrong: {each[2]}")
        return database


def _row(text: str, start: int, statement: Statement) -> tuple[int, int, bool, tuple[str, ...]]:
    whole = text[start : statement.end]
    clauses = sum(1 for match in _CLAUSE.finditer(whole) if match[1])
    offset = start + max(len(whole.rstrip(" \t\f\r\n;")) - 1, 0)  # SQLite takes empty statements for a part of it
    return offset, max(clauses, 1), statement.defines, statement.tables


if __name__ == "__main__":
    main()
