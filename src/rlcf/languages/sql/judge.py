"""A child that runs SQL programs and compares what comes with what must come.

The reference is run in a database of its own, with the same data, so nothing that a program does can touch it. A
program has no way out of its database: see `database.py`. What is compared here are values of Python's.
"""

from __future__ import annotations

import json
import sys
import time

import apsw

from rlcf.languages.serving import renounce, serve_answers
from rlcf.languages.sql.database import Database, Rows
from rlcf.languages.sql.ends import is_ordered, with_ties_broken
from rlcf.languages.sql.rows import Place, Row, are_in_place, are_same, in_order_of_keys, in_this_order

_REFERENCE_S = 60.0
_OVERHEAD_MIB = 128
_MIB = 1 << 20


class _Wrong(Exception):
    """The rows are not those that must come."""


def main() -> None:
    """The argument is the memory in MiB that a program may take."""
    memory_mib = int(sys.argv[1])
    apsw.hard_heap_limit(memory_mib * _MIB)
    answer(json.dumps({"context": "", "own": "SELECT 1", "cases": [_PING], "timeout_s": 1.0}))
    renounce(memory_mib + _OVERHEAD_MIB)
    serve_answers(answer)


_PING = {"given": "", "ask": "", "expect": "VALUES (1)"}


def answer(request: str) -> str:
    """Status, detail and seconds of a run (`cases.Run`), as JSON."""
    run, seconds = json.loads(request), 0.0
    try:
        for case in run["cases"]:
            expected, order = _expected(run["context"], case)
            started = time.monotonic()
            try:
                _compare(*_came(run, case, run["timeout_s"] - seconds, bool(order)), expected, order)
            finally:
                seconds += time.monotonic() - started
    except _TestIsWrong as error:
        return json.dumps(["error", f"the test: {error}", seconds])
    except _Wrong as error:
        return json.dumps(["failed", str(error), seconds])
    except apsw.InterruptError:
        return json.dumps(["timeout", f"still running after {run['timeout_s']:g} s", seconds])
    except (apsw.NoMemError, apsw.TooBigError, MemoryError):
        return json.dumps(["memory", "no memory left for the program", seconds])
    except (apsw.Error, ValueError) as error:
        return json.dumps(["error", f"{type(error).__name__.removesuffix('Error')}: {error}", seconds])
    return json.dumps(["passed", "", seconds])


class _TestIsWrong(Exception):
    """The reference does not run."""


class _Outcome:
    """What a statement gives: rows, or what it leaves in the tables."""

    def __init__(self, database: Database, rows: Rows | None) -> None:
        self.rows = rows
        self.tables = database.tables() if rows is None else {}


def _expected(context: str, case: dict[str, str]) -> tuple[_Outcome, list[Place]]:
    """What must come; where rows must come in an order, also that order."""
    database = Database()
    try:
        database.run(context, _REFERENCE_S)
        database.run(case["given"], _REFERENCE_S)
        before = database.tables()
        expected = _Outcome(database, database.run(case["expect"], _REFERENCE_S))
        if expected.rows is None and expected.tables == before:
            raise ValueError("what it expects is no query, and changes no table")
        ordered = expected.rows is not None and is_ordered(expected.rows.query)
        return expected, _order(database, expected.rows) if expected.rows and ordered else []
    except (apsw.Error, ValueError) as error:
        raise _TestIsWrong(str(error)) from error


def _order(database: Database, rows: Rows) -> list[Place]:
    """The order of the rows of a query, as far as its `ORDER BY` says it."""
    ascending, descending = (_with_ties_broken(database, rows, each, limited=False) for each in (False, True))
    limited = _with_ties_broken(database, rows, descending=False)
    known = in_order_of_keys(ascending, descending, limited) if ascending and descending and limited else None
    return in_this_order(rows.values) if known is None else known


def _with_ties_broken(
    database: Database, rows: Rows, descending: bool, limited: bool = True, timeout_s: float = _REFERENCE_S
) -> list[Row]:
    """The rows of a query whose `ORDER BY` leaves nothing open; none if it cannot be asked so."""
    try:
        found = database.run(with_ties_broken(rows.query, len(rows.columns), descending, limited), timeout_s)
    except (apsw.Error, ValueError):
        return []
    return found.values if found else []


def _came(
    run: dict[str, str], case: dict[str, str], timeout_s: float, ordered: bool
) -> tuple[_Outcome, list[list[Row]]]:
    """What comes; where the order of rows counts, also in other orders that the program's query allows."""
    database = Database()
    database.run(run["context"], _REFERENCE_S)
    try:
        database.run(case["given"], _REFERENCE_S)
    except (apsw.Error, ValueError) as error:
        raise _TestIsWrong(str(error)) from error
    started = time.monotonic()
    rows = database.run(run["own"], timeout_s)
    if case["ask"]:
        rows = database.run(case["ask"], timeout_s)
    if rows is None or not ordered or case["ask"]:
        return _Outcome(database, rows), []
    left_s = timeout_s - (time.monotonic() - started)
    others = [_with_ties_broken(database, rows, descending, timeout_s=left_s / 2) for descending in (False, True)]
    return _Outcome(database, rows), [each for each in others if each]


def _compare(came: _Outcome, others: list[list[Row]], expected: _Outcome, order: list[Place]) -> None:
    if expected.rows is None:
        _compare_tables(came.tables, expected.tables)
        return
    if came.rows is None:
        raise _Wrong("no query gives rows")
    if len(came.rows.columns) != len(expected.rows.columns):
        raise _Wrong(f"{len(came.rows.columns)} columns, not {len(expected.rows.columns)}")
    mine, theirs = came.rows.values, expected.rows.values
    if len(mine) != len(theirs):
        raise _Wrong(f"{len(mine)} rows, not {len(theirs)}")
    if not order and not are_same(mine, theirs):
        raise _Wrong("the rows are not those expected")
    if order and not are_in_place(mine, order):
        raise _Wrong("the rows come in another order" if are_same(mine, theirs) else "the rows are not those expected")
    if order and not all(are_in_place(rows, order) for rows in others):
        raise _Wrong("the program leaves open in which order the rows come")


def _compare_tables(came: dict[str, Rows], expected: dict[str, Rows]) -> None:
    for name in sorted(expected.keys() | came.keys()):
        if name not in came or name not in expected:
            raise _Wrong(f"the table {name} is {'not there' if name in expected else 'not expected'}")
        if came[name].columns != expected[name].columns:
            raise _Wrong(f"the columns of the table {name} are not those expected")
        if not are_same(came[name].values, expected[name].values):
            raise _Wrong(f"the rows of the table {name} are not those expected")


if __name__ == "__main__":
    main()
