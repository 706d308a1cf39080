"""SQL's checker: its options, its keys, and what a statement cannot reach."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rlcf.config.languages import SqlOptions
from rlcf.errors import UserError
from rlcf.languages.sql import Sql
from rlcf.records import Task, Verdict

pytest.importorskip("apsw")
from rlcf.languages.sql.codes import code_of

TABLES = "CREATE TABLE t(a INTEGER, b TEXT);\n"


def checked(*sources: str, schema: Path | None = None) -> list[Verdict]:
    with Sql().checker(workers=1, options=SqlOptions(schema_path=schema)) as checker:
        return checker.check(sources)


def test_a_schema_may_stand_in_a_file(tmp_path: Path) -> None:
    schema = tmp_path / "schema.sql"
    schema.write_text("CREATE TABLE t(a, é);\nINSERT INTO t VALUES (1, 2);\n", encoding="utf-8")
    right, wrong, again = checked("SELECT é FROM t", "SELECT b FROM t", "CREATE TABLE t(b)", schema=schema)
    assert (right.status, wrong.status, again.status) == ("accepted", "rejected", "rejected")
    assert wrong.diagnostics[0].offset == 7


def test_a_schema_that_is_wrong_or_not_there_is_a_mistake_of_the_users(tmp_path: Path) -> None:
    schema = tmp_path / "schema.sql"
    with pytest.raises(UserError, match="the schema cannot be read"):
        checked("", schema=schema)
    schema.write_text("CREATE TABLE t(a,", encoding="utf-8")
    with pytest.raises(UserError, match="is wrong: incomplete input"):
        checked("", schema=schema)


def test_no_statement_changes_the_machine_nor_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    for statement in (
        f"ATTACH '{file}' AS x",
        f"VACUUM INTO '{file}'",
        f"CREATE TABLE y AS SELECT writefile('{file}', 'x')",
        f"CREATE VIRTUAL TABLE y USING csv(filename='{file}')",
        f"PRAGMA temp_store_directory = '{tmp_path}'",
        f"CREATE TABLE y AS SELECT load_extension('{file}')",
        "CREATE TABLE y AS SELECT readfile('/etc/passwd')",
        "CREATE TABLE y AS SELECT edit('x')",
    ):
        (verdict,) = checked(statement)
        assert statement.startswith("VACUUM") or verdict.status == "rejected", statement
    assert list(tmp_path.iterdir()) == []


def test_a_beginning_that_is_known_gives_the_verdicts_of_a_new_database() -> None:
    parts = ["CREATE TABLE u(a);", "SELECT a FROM t;", "SELECT a FROM u;", "DROP TABLE t;", "PRAGMA foreign_keys=ON;"]
    parts += ["ALTER TABLE t ADD c;", "SELECT c FROM t;", "INSERT INTO t(a) VALUES (1);", "SELEC;", "SELECT '", " ; "]
    pick = random.Random(0)
    sources = [TABLES + " ".join(pick.choices(parts, k=pick.randint(0, 4))) for _ in range(120)]
    together = checked(*sources, *sources[::-1])
    assert together == together[::-1]
    assert together[:8] == [checked(source)[0] for source in sources[:8]]


def test_definitions_that_compute_too_long_are_rejected() -> None:
    endless = "CREATE TABLE x AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n"
    assert checked(endless)[0].diagnostics[0].code == "interrupted"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("no such table: main.x", "no-such-table"),
        ('near "FORM": syntax error', "syntax-error"),
        ('no such column: "é" - should this be a string literal in single-quotes?', "no-such-column"),
        ("table a b has no column named c", "no-such-column"),
        ("misuse of aggregate function SUM()", "misuse-of-function"),
        ("misuse of aggregate: SUM()", "misuse-of-function"),
        ("2nd ORDER BY term out of range - should be between 1 and 1", "term-out-of-range"),
        ("no such function: f", "no-such-function"),
        ("wrong number of arguments to function f()", "wrong-number-of-arguments"),
        ('unknown column "x" in foreign key definition', "unknown-column-in-foreign-key-definition"),
        ("cannot join using column x - column not present in both tables", "cannot-join-using-column"),
    ],
)
def test_a_key_has_no_names_in_it(message: str, code: str) -> None:
    assert code_of(message) == code


@pytest.mark.parametrize(
    ("completion", "trivial"),
    [
        (" NULL;", True),
        (" 1 + abs(2);", True),
        (" * FROM (SELECT 1);", True),
        (" a FROM t;", False),
        (" count(*) FROM t", False),
    ],
)
def test_a_query_of_no_table_is_trivial(completion: str, trivial: bool) -> None:
    task = Task("t", TABLES + "SELECT", language="sql")
    (verdict,) = checked(task.context + completion)
    assert verdict.trivial(task) is trivial


@pytest.mark.parametrize(
    ("source", "closing"),
    [
        ("SELECT 1;", ""),
        (TABLES + "-- names\n", ""),
        ("SELECT (1 + (2", "));"),
        ("SELECT 'a;", "';"),
        ("SELECT 1 -- one", "\n;"),
        ("CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1", "; END;"),
        ("CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1;", "END;"),
    ],
)
def test_what_is_open_is_closed(source: str, closing: str) -> None:
    assert Sql().closing(source) == closing
