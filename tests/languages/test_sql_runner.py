"""The SQL runner: honest programs pass, and no program passes that should not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.errors import SandboxUnavailable
from rlcf.languages.base import Runner
from rlcf.languages.sql import Sql
from rlcf.records import Execution, Program
from rlcf.workers.sandbox import find_sandbox

pytest.importorskip("apsw")

CONTEXT = """CREATE TABLE land(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE city(id INTEGER PRIMARY KEY, name TEXT, land INT);
-- The names of all cities in Norway.
"""
DATA = """
INSERT INTO land VALUES (1, 'Norge'), (2, 'Sverige');
INSERT INTO city VALUES (1, 'Oslo', 1), (2, 'Bergen', 1), (3, 'Lund', 2);
"""
TEST = DATA + "SELECT name FROM city WHERE land = 1;\n"


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    try:
        find_sandbox()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    with Sql().runner(workers=1, timeout_s=2.0, memory_mib=64) as made:
        yield made


def program(completion: str, test: str = TEST, context: str = CONTEXT) -> Program:
    return Program(context + completion, len(context), len(context) + len(completion)).with_test(test)


def ran(runner: Runner, completion: str, test: str = TEST, context: str = CONTEXT) -> Execution:
    return runner.run([program(completion, test, context)])[0]


_PROGRAM = re.compile(r"^#### ([^\n]+): (\w+)\n(.*?)\n*(?=^#### |\Z)", re.MULTILINE | re.DOTALL)
_TEXT = (Path(__file__).parent / "exploits" / "sql.txt").read_text(encoding="utf-8")
PROGRAMS = {name: (source, status) for name, status, source in _PROGRAM.findall(_TEXT)}


def test_there_are_programs() -> None:
    passing = [status for _, status in PROGRAMS.values() if status == "passed"]
    assert len(passing) >= 5
    assert len(PROGRAMS) - len(passing) >= 30


def test_honest_programs_pass_and_no_dishonest_one_does(runner: Runner) -> None:
    right = program(PROGRAMS["a join"][0])
    executions = runner.run([each for source, _ in PROGRAMS.values() for each in (program(source), right)])
    came = {name: execution.status for name, execution in zip(PROGRAMS, executions[::2], strict=True)}
    assert came == {name: status for name, (_, status) in PROGRAMS.items()}
    assert {execution.status for execution in executions[1::2]} == {"passed"}


@pytest.mark.parametrize(
    ("completion", "expect", "status"),
    [
        ("SELECT 2.0, 0.1 + 0.2", "VALUES (2, 0.3)", "passed"),
        ("SELECT '2'", "VALUES (2)", "failed"),
        ("SELECT 1234567890.0 + 1", "VALUES (1234567891)", "passed"),
        ("SELECT 1234567891", "VALUES (1234567890)", "failed"),
        ("SELECT 1234567891.0", "VALUES (1234567894.0)", "failed"),
        ("SELECT 0.1 + 0.2 - 0.3", "VALUES (0)", "passed"),
        ("SELECT 0.1 + 0.2 - 0.3", "VALUES (0.001)", "failed"),
        ("SELECT 123456789.5", "VALUES (123456789.49999999)", "passed"),
        ("SELECT 0.1 + 0.2, 'b' UNION SELECT 0.3, 'a'", "VALUES (0.3, 'b'), (0.1 + 0.2, 'a')", "passed"),
        ("SELECT 0.1 + 0.2, 'b' UNION SELECT 0.4, 'a'", "VALUES (0.3, 'a'), (0.4, 'b')", "failed"),
        ("SELECT 1e999", "VALUES (1e308)", "failed"),
        ("SELECT NULL", "VALUES (NULL)", "passed"),
        ("SELECT NULL", "VALUES ('')", "failed"),
        ("SELECT x'41'", "VALUES ('A')", "failed"),
        ("SELECT 1 UNION SELECT 2", "SELECT 2 UNION ALL SELECT 1", "passed"),
        ("SELECT 1 UNION SELECT 2", "SELECT 2 AS a UNION ALL SELECT 1 ORDER BY a DESC", "failed"),
        ("SELECT 2 UNION ALL SELECT 1", "SELECT 2 AS a UNION ALL SELECT 1 ORDER BY a DESC", "failed"),
        ("SELECT 2 UNION ALL SELECT 1 ORDER BY 1 DESC", "SELECT 2 AS a UNION ALL SELECT 1 ORDER BY a DESC", "passed"),
        ("SELECT 1", "SELECT * FROM (SELECT 1 ORDER BY 1)", "passed"),
    ],
)
def test_values_and_their_order_count_as_sql_means_them(
    runner: Runner, completion: str, expect: str, status: str
) -> None:
    assert ran(runner, completion, f"\n{expect};\n").status == status


TIED = """
INSERT INTO city VALUES (1, 'a', 1), (2, 'b', 1), (3, 'B', 1), (4, 'd', 2), (5, 'd', 2), (6, 'f', NULL);
"""


@pytest.mark.parametrize(
    ("completion", "expect", "status"),
    [
        ("SELECT name FROM city ORDER BY land", "SELECT name FROM city ORDER BY land", "passed"),
        ("SELECT name FROM city ORDER BY land, id DESC", "SELECT name FROM city ORDER BY land -- by land;", "passed"),
        ("SELECT name FROM city ORDER BY land DESC", "SELECT name FROM city ORDER BY land", "failed"),
        ("SELECT name FROM city ORDER BY name, land", "SELECT name FROM city ORDER BY land", "failed"),
        ("SELECT name FROM city", "SELECT name FROM city ORDER BY id", "failed"),
        ("SELECT name FROM (SELECT * FROM city ORDER BY id)", "SELECT name FROM city ORDER BY id", "failed"),
        ("SELECT name FROM city ORDER BY land", "SELECT name FROM city ORDER BY land, id", "failed"),
        ("SELECT land FROM city GROUP BY land", "SELECT DISTINCT land FROM city ORDER BY land", "failed"),
        ("SELECT count(*) FROM city", "SELECT count(*) FROM city ORDER BY 1", "passed"),
        ("SELECT id FROM city ORDER BY name", "SELECT id FROM city ORDER BY name COLLATE NOCASE", "failed"),
        (
            "SELECT id FROM city ORDER BY lower(name), id DESC",
            "SELECT id FROM city ORDER BY name COLLATE NOCASE",
            "passed",
        ),
        ("SELECT id FROM city ORDER BY land LIMIT 2", "SELECT id FROM city ORDER BY land, id LIMIT 2", "failed"),
        ("SELECT id FROM city ORDER BY land, id DESC LIMIT 2", "SELECT id FROM city ORDER BY land LIMIT 2", "passed"),
        ("SELECT id FROM city WHERE land = 1 LIMIT 2", "SELECT id FROM city ORDER BY land LIMIT 2", "failed"),
        (
            "SELECT id FROM city ORDER BY land, id DESC LIMIT 2 OFFSET 3",
            "SELECT id FROM city ORDER BY land LIMIT 2 OFFSET 3",
            "passed",
        ),
        ("SELECT 1 UNION SELECT 2 ORDER BY 1", "SELECT 2 UNION SELECT 1 ORDER BY 1", "passed"),
        ("SELECT 1 UNION SELECT 2", "SELECT 2 UNION SELECT 1 ORDER BY 1", "failed"),
        ("SELECT 1 FROM city", "SELECT 1 FROM city ORDER BY id", "passed"),
    ],
)
def test_rows_whose_keys_are_equal_may_come_in_any_order_and_all_others_in_one(
    runner: Runner, completion: str, expect: str, status: str
) -> None:
    assert ran(runner, completion, f"{TIED}{expect}\n;\n").status == status


def test_large_rows_are_sorted_in_memory(runner: Runner) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
    large = f"{numbers} SELECT i, hex(zeroblob(5000)) FROM n"
    assert ran(runner, f"{large} ORDER BY -i DESC;", f"\n{large} ORDER BY i;\n").status == "passed"


def test_where_a_view_is_asked_the_query_of_the_test_may_leave_the_order_open(runner: Runner) -> None:
    test = f"{TIED}-- ask\nSELECT * FROM v;\n-- expect\nSELECT name FROM city ORDER BY id DESC;\n"
    assert ran(runner, "CREATE VIEW v AS SELECT name FROM city ORDER BY id DESC;", test).status == "passed"
    assert ran(runner, "CREATE VIEW v AS SELECT name FROM city;", test).status == "failed"


@pytest.mark.parametrize(
    ("completion", "status"),
    [
        ("UPDATE city SET land = 2 WHERE name = 'Oslo';", "passed"),
        ("UPDATE city SET land = 2;", "failed"),
        ("UPDATE city SET land = 2 WHERE name = 'Oslo'; CREATE TABLE more(a);", "failed"),
        ("UPDATE city SET land = 2 WHERE name = 'Oslo'; ALTER TABLE city RENAME COLUMN name TO town;", "failed"),
        ("SELECT 1;", "failed"),
    ],
)
def test_where_a_change_is_expected_all_tables_are_compared(runner: Runner, completion: str, status: str) -> None:
    assert ran(runner, completion, DATA + "UPDATE city SET land = 2 WHERE id = 1;\n").status == status


def test_a_view_is_asked_and_each_case_has_its_data(runner: Runner) -> None:
    test = (
        "\n-- given\nINSERT INTO city VALUES (1, 'Oslo', 1);\n-- ask\nSELECT * FROM v;\n-- expect\nVALUES ('Oslo');\n"
        "-- given\nINSERT INTO city VALUES (1, 'Lund', 1);\n-- ask\nSELECT * FROM v;\n-- expect\nVALUES ('Lund');\n"
    )
    assert ran(runner, "CREATE VIEW v AS SELECT name FROM city;", test).status == "passed"
    assert ran(runner, "CREATE VIEW v AS SELECT 'Oslo' AS name;", test).status == "failed"
    assert ran(runner, "SELECT 'Oslo';", test).detail == "SQL: no such table: v"


def test_a_statement_that_the_context_has_begun_is_the_completions(runner: Runner) -> None:
    context = CONTEXT + "INSERT INTO land VALUES (7, 'Island');\nSELECT"
    assert ran(runner, " name FROM city WHERE land = 1", context=context).status == "passed"
    assert ran(runner, " name FROM land WHERE id = 7", "\nVALUES ('Island');\n", context).status == "passed"


def test_the_test_of_a_text_begins_with_its_first_mark(runner: Runner) -> None:
    text = f"{CONTEXT}SELECT name FROM city WHERE land = 1;\n-- given{DATA}-- expect\nVALUES ('Oslo'), ('Bergen');\n"
    assert runner.run([text])[0].status == "passed"


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("", "the test does not say what it expects"),
        ("\n-- given\nSELECT 1;\n", "the test does not say what it expects"),
        ("\nSELECT nme FROM city;\n", "the test: no such column: nme"),
        ("\nINSERT INTO nowhere VALUES (1);\nSELECT 1;\n", "the test: no such table: nowhere"),
        ("\nCREATE VIEW v AS SELECT 1;\n", "the test: what it expects is no query, and changes no table"),
    ],
)
def test_a_test_that_cannot_tell_is_an_error(runner: Runner, test: str, told: str) -> None:
    execution = ran(runner, "SELECT 1;", test)
    assert (execution.status, execution.detail) == ("error", told)
