"""SQL as SQLite compiles it: statements that define tables are run, all others are compiled and not run.

A database is in memory, and no statement reaches beyond it: it cannot open another one, load code or change settings.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import apsw

from rlcf.languages.serving import Row
from rlcf.languages.sql.codes import code_of

_DEFINES = frozenset(
    getattr(apsw, f"SQLITE_{name}")
    for name in (
        *(f"{verb}_{what}" for verb in ("CREATE", "DROP") for what in ("INDEX", "TABLE", "TRIGGER", "VIEW", "VTABLE")),
        *(f"{verb}_TEMP_{what}" for verb in ("CREATE", "DROP") for what in ("INDEX", "TABLE", "TRIGGER", "VIEW")),
        "ALTER_TABLE",
    )
)
_OK, _DENY = apsw.SQLITE_OK, apsw.SQLITE_DENY
_ASKED = frozenset({apsw.SQLITE_FUNCTION, apsw.SQLITE_PRAGMA, apsw.SQLITE_ATTACH, apsw.SQLITE_DETACH})
"""Actions that may be denied."""
_TOUCHES = {apsw.SQLITE_READ, apsw.SQLITE_INSERT, apsw.SQLITE_UPDATE, apsw.SQLITE_DELETE}
_SETTINGS = frozenset({"foreign_keys", "defer_foreign_keys", "table_info", "table_xinfo", "table_list"})
"""Settings and questions that may be asked."""
_NO_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})
_OWN_TABLES = ("sqlite_master", "sqlite_temp_master", "sqlite_schema", "sqlite_temp_schema")
_MOST_STEPS = 10_000_000
"""Of a definition that has to compute something: about a second."""
_STEPS_OF_A_LOOK = 10_000
"""After which it is seen whether time is left."""
_BINDINGS = re.compile(r"Statement has (\d+) binding|current statement uses (\d+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """What the compiler tells of a statement."""

    end: int
    """Where the next one begins, in characters of the whole text."""
    defines: bool
    """Whether it makes, changes or removes a table, a view, an index or a trigger."""
    tables: tuple[str, ...]
    """The tables that it reads or writes, views and those in views included."""
    parts: int
    """How many queries, tables and calls of functions it consists of; at least one."""
    does_nothing: bool
    """Whether it is empty."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query gives."""

    columns: tuple[object, ...]
    """What is said of each: its name, and of a table's also its type and whether it is a key."""
    values: list[tuple[object, ...]]
    query: str = ""
    """The statement that gives them."""


class Database:
    """One database; not thread-safe."""

    def __init__(self) -> None:
        self._connection = apsw.Connection(":memory:", statementcachesize=0)
        self._connection.pragma("temp_store", "memory")  # there are no files for large sorts
        for setting in (apsw.SQLITE_DBCONFIG_DQS_DML, apsw.SQLITE_DBCONFIG_DQS_DDL):
            self._connection.config(setting, 0)  # else "a misspelt name" is a text
        self._connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        self._connection.set_progress_handler(lambda: True, _MOST_STEPS)
        self._connection.authorizer = self._authorize
        self._connection.exec_trace = self._stop
        self._seen: list[tuple[int, str | None]] = []
        self._first, self._is_empty = "", False
        self._columns: tuple[object, ...] = ()
        self._runs = False
        self.spoiled = False
        """Whether it is no more what it was, so that the next program needs another one."""

    def compile(self, text: str, start: int = 0, keep: bool = True) -> Iterator[Statement | Row]:
        """Each statement of a text from `start` on; the last may be an error, with its place in bytes of the text.

        Args:
            keep: whether what it defines stays.
        """
        is_open = False
        try:
            while start < len(text):
                statement = self._compile(text[start:] if start else text, start)
                if statement is None:
                    return
                if statement.defines:
                    statement_text = self._first
                    if not keep and not is_open:
                        self._run("SAVEPOINT rlcf")
                        is_open = True
                    self._run(statement_text)
                yield statement
                start = statement.end
        except (apsw.Error, ValueError, MemoryError) as error:
            self.spoiled |= isinstance(error, (apsw.NoMemError, MemoryError))
            yield _row(error, text, start)
        finally:
            if is_open:
                self._undo()

    def _undo(self) -> None:
        try:
            self._run("ROLLBACK TO rlcf")
            self._run("RELEASE rlcf")
        except apsw.Error:  # some errors end a transaction as a whole
            self.spoiled = True

    def run(self, text: str, timeout_s: float) -> Rows | None:
        """Runs all statements of a text; the rows of the last one that is a query, `None` where none is.

        Raises:
            apsw.InterruptError: it takes longer than `timeout_s`.
            apsw.Error, ValueError: a statement is wrong, or fails.
        """
        self._runs = True
        deadline, start, rows = time.monotonic() + timeout_s, 0, None
        self._connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_OF_A_LOOK)
        while start < len(text):
            statement = self._compile(text[start:], start)
            if statement is None:
                break
            columns, query = self._columns, self._first
            values = self._run(query)
            if columns:
                rows = Rows(columns, values, query)
            start = statement.end
        return rows

    def tables(self) -> dict[str, Rows]:
        """The rows of each table."""
        names = self._run("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return {str(name): self._table(str(name)) for (name,) in names}

    def _table(self, name: str) -> Rows:
        text, quoted = name.replace("'", "''"), name.replace('"', '""')
        about = self._run(f"SELECT name, type, pk FROM pragma_table_info('{text}', 'main')")
        return Rows(tuple(about), self._run(f'SELECT * FROM main."{quoted}"'))

    def _compile(self, text: str, start: int) -> Statement | None:
        """The first statement of a text, which begins at `start` of the whole; `None` where there is none."""
        self._seen.clear()
        try:
            self._prepare(text)
        except apsw.ExecTraceAbort:
            return self._statement(start + len(self._first))
        return None

    def _statement(self, end: int) -> Statement:
        """What was seen of the one that was compiled last."""
        tables, defines, parts = dict[str, None](), False, 0
        for action, name in self._seen:
            if action == apsw.SQLITE_SELECT or action == apsw.SQLITE_FUNCTION:
                parts += 1
            elif action in _TOUCHES:
                if name and name not in _OWN_TABLES:
                    tables[name] = None
            elif action in _DEFINES:
                defines = True
        return Statement(end, defines, tuple(tables), max(parts + len(tables), 1), self._is_empty)

    def _prepare(self, text: str) -> None:
        try:
            self._connection.execute(text)
        except apsw.BindingsError as error:  # it has been compiled: apsw wants values for its parameters
            numbers = _BINDINGS.search(str(error))
            if numbers is None:
                raise
            self._connection.execute(text, (None,) * int(numbers[1] or numbers[2]))

    def _run(self, statement: str) -> list[tuple[object, ...]]:
        self._connection.exec_trace = None
        try:
            return list(self._connection.execute(statement))
        finally:
            self._connection.exec_trace = self._stop

    def _stop(self, cursor: apsw.Cursor, statement: str, bindings: object) -> bool:  # noqa: ARG002
        """Called with a compiled statement, before it runs."""
        self._first, self._is_empty = statement, not cursor.has_vdbe
        if self._runs:
            self._columns = tuple(name for name, *_ in cursor.get_description())
        return False

    def _authorize(self, action: int, one: str | None, two: str | None, *_: str | None) -> int:
        """Called while a statement is compiled, with what it is going to do."""
        if action not in _ASKED:
            self._seen.append((action, one))
            return _OK
        if action == apsw.SQLITE_FUNCTION:
            self._seen.append((action, two))
            return _DENY if two is None or two.lower() in _NO_FUNCTIONS else _OK
        if action == apsw.SQLITE_PRAGMA:
            self.spoiled = True
            return _OK if (one or "").lower() in _SETTINGS else _DENY
        return _DENY


def _row(error: apsw.Error | ValueError | MemoryError, text: str, start: int) -> Row:
    if isinstance(error, ValueError):
        return "null-character", "error", str(error), len(text[: text.find("\0")].encode())
    if isinstance(error, (apsw.NoMemError, MemoryError)):
        return "out-of-memory", "error", "out of memory", None
    offset = getattr(error, "error_offset", -1)
    place = None if offset < 0 else len(text[:start].encode()) + offset
    return code_of(str(error)), "error", str(error), place
