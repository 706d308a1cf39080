"""A child that runs SQL programs and compares what comes with what must come.

The reference is run in a database of its own, with the same data, so nothing that a program does can touch it. A
program has no way out of its database: see `database.py`. What is compared here are values of Python's.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence

import apsw

from rlcf.languages.serving import renounce, serve_answers
from rlcf.languages.sql.database import Database, Rows
from rlcf.languages.sql.ends import is_ordered

_DIGITS = 9
"""To which two numbers must agree, of which one is not whole."""
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
            expected = _expected(run["context"], case)
            started = time.monotonic()
            try:
                _compare(_came(run, case, run["timeout_s"] - seconds), expected)
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

    def __init__(self, database: Database, rows: Rows | None, ordered: bool) -> None:
        self.rows, self.ordered = rows, ordered
        self.tables = database.tables() if rows is None else {}


def _expected(context: str, case: dict[str, str]) -> _Outcome:
    database = Database()
    try:
        database.run(context, _REFERENCE_S)
        database.run(case["given"], _REFERENCE_S)
        before = database.tables()
        expected = _Outcome(database, database.run(case["expect"], _REFERENCE_S), is_ordered(case["expect"]))
        if expected.rows is None and expected.tables == before:
            raise ValueError("what it expects is no query, and changes no table")
        return expected
    except (apsw.Error, ValueError) as error:
        raise _TestIsWrong(str(error)) from error


def _came(run: dict[str, str], case: dict[str, str], timeout_s: float) -> _Outcome:
    database = Database()
    database.run(run["context"], _REFERENCE_S)
    try:
        database.run(case["given"], _REFERENCE_S)
    except (apsw.Error, ValueError) as error:
        raise _TestIsWrong(str(error)) from error
    rows = database.run(run["own"], timeout_s)
    if case["ask"]:
        rows = database.run(case["ask"], timeout_s)
    return _Outcome(database, rows, ordered=False)


def _compare(came: _Outcome, expected: _Outcome) -> None:
    if expected.rows is None:
        for name in sorted(expected.tables.keys() | came.tables.keys()):
            if name not in came.tables or name not in expected.tables:
                raise _Wrong(f"the table {name} is {'not there' if name in expected.tables else 'not expected'}")
            if came.tables[name].columns != expected.tables[name].columns:
                raise _Wrong(f"the columns of the table {name} are not those expected")
            if _counted(came.tables[name].values) != _counted(expected.tables[name].values):
                raise _Wrong(f"the rows of the table {name} are not those expected")
        return
    if came.rows is None:
        raise _Wrong("no query gives rows")
    if len(came.rows.columns) != len(expected.rows.columns):
        raise _Wrong(f"{len(came.rows.columns)} columns, not {len(expected.rows.columns)}")
    mine, theirs = [[_plain(row) for row in rows.values] for rows in (came.rows, expected.rows)]
    if len(mine) != len(theirs):
        raise _Wrong(f"{len(mine)} rows, not {len(theirs)}")
    if mine != theirs if expected.ordered else Counter(mine) != Counter(theirs):
        in_order = expected.ordered and Counter(mine) == Counter(theirs)
        raise _Wrong("the rows come in another order" if in_order else "the rows are not those expected")


def _counted(rows: Iterable[Sequence[object]]) -> Counter[tuple[object, ...]]:
    return Counter(_plain(row) for row in rows)


def _plain(row: Sequence[object]) -> tuple[object, ...]:
    """A row whose values are equal if they count as equal: 2 and 2.0 do, '2' and 2 do not."""
    return tuple(_number(value) if isinstance(value, float) else value for value in row)


def _number(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}") if value - value == 0 else value


if __name__ == "__main__":
    main()
