"""Small programs of SQL, for the contract suite."""

from __future__ import annotations

from rlcf.languages.self_check import Ending, Examples, Rejected
from rlcf.records import Program, Task


def task(name: str, context: str, solution: str | None = None) -> Task:
    return Task(name, context, language="sql", canonical_solution=solution)


TABLES = "CREATE TABLE city(id INTEGER PRIMARY KEY, name TEXT, land INT);\nCREATE TABLE land(id INTEGER, name TEXT);\n"

TEST = "\nINSERT INTO city VALUES (1, 'a', 1), (2, 'b', 2);\nVALUES ('a');\n"


def run(completion: str) -> Program:
    return Program(TABLES + completion, len(TABLES), len(TABLES) + len(completion)).with_test(TEST)


SQL = Examples(
    accepted=[
        "",
        "-- nothing\n;;",
        "SELECT 1",
        TABLES,
        TABLES + "SELECT c.name FROM city c JOIN land l ON c.land = l.id WHERE l.name = 'é' ORDER BY 1;",
        TABLES + "INSERT INTO city(name) VALUES ('a'), ('b'); UPDATE city SET land = 1; DELETE FROM land;\r\n",
        TABLES + "SELECT * FROM city WHERE id = ?1 AND name = :name; SELECT ?;",
        TABLES + "CREATE VIEW v AS SELECT name FROM city;\nSELECT name FROM v;",
        TABLES + "CREATE TRIGGER t AFTER INSERT ON city BEGIN DELETE FROM land; SELECT CASE WHEN 1 THEN 2 END; END;\n"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n;",
        TABLES + "BEGIN; SELECT count(*) FROM city; COMMIT;",
    ],
    rejected=[
        Rejected("SELEC 1", "syntax-error", 0),
        Rejected(TABLES + "SELECT nme FROM city", "no-such-column", 113),
        Rejected("SELECT 'é\U0001f600';\r\nSELECT x FROM t;", "no-such-table", None),
        Rejected("SELECT 'é\U0001f600',\r\n y", "no-such-column", 15),
        Rejected(TABLES + 'SELECT "nme" FROM city', "no-such-column", 113),
        Rejected(TABLES + "SELECT name FROM city, land", "ambiguous-column-name", 113),
        Rejected(TABLES + "SELECT abs() FROM city", "wrong-number-of-arguments", 113),
        Rejected(TABLES + "INSERT INTO land VALUES (1)", "wrong-number-of-values", None),
        Rejected(TABLES + "SELECT 1 UNION SELECT 1, 2", "wrong-number-of-columns", None),
        Rejected(TABLES + "CREATE TABLE city(x)", "already-exists", 119),
        Rejected("SELECT readfile('/etc/passwd')", "no-such-function", 7),
        Rejected("SELECT load_extension('x')", "not-authorized", 7),
        Rejected("ATTACH '/tmp/x.db' AS x", "not-authorized", None),
        Rejected("PRAGMA writable_schema = 1", "not-authorized", None),
        Rejected("SELECT 1; \x00", "null-character", 10),
        Rejected("SELECT 'abc", "unrecognized-token", 7),
        Rejected("SELECT (1", "incomplete-input", None),
    ],
    hostile=[
        "\x00",
        "SELECT '\ud800'",
        "SELECT " + "(" * 3_000 + "1",
        "\ufeff\x1a",
        "DROP TABLE city",
        "PRAGMA foreign_keys = ON; SELECT 1",
        "SELECT 1; PRAGMA foreign_keys = ON",
        TABLES + "DROP TABLE city; SELECT 1; SELECT 2;",
        TABLES + "ALTER TABLE city RENAME TO town; SELECT * FROM town;",
        TABLES + "COMMIT; ROLLBACK; BEGIN EXCLUSIVE; SELECT 1",
        "BEGIN; CREATE TABLE a(b); SAVEPOINT s; DROP TABLE a; SELECT 1",
        "VACUUM INTO '/tmp/rlcf-no-such.db'",
        "CREATE TABLE x AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n",
        "CREATE TABLE x AS SELECT zeroblob(1000000000) FROM (SELECT 1 UNION SELECT 2)",
        "CREATE TEMP TABLE city(z); SELECT z FROM city",
        "CREATE VIRTUAL TABLE f USING fts5(a); SELECT a FROM f",
        "SELECT 'x', " + "'y', " * 1_900 + "1",
        "SELECT '" + "y" * 1_000_000 + "'",
        "CREATE TABLE t(a) -- ;",
        "CREATE TABLE t(a) -- ;\n WITHOUT ROWID; SELECT 1",
    ],
    outcomes=[
        (run("SELECT name FROM city WHERE land = 1;"), "passed"),
        (run("SELECT name FROM city;"), "failed"),
        (run("DELETE FROM city;"), "failed"),
        (run("INSERT INTO city VALUES (1, 'x', 1); SELECT name FROM city;"), "error"),
        (run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT max(i) FROM n;"), "timeout"),
        (run("SELECT hex(zeroblob(400000000));"), "memory"),
        (run("SELECT name FROM town;"), "rejected"),
    ],
    tasks=[
        task("names", TABLES + "-- The names of all cities\n", "SELECT name FROM city;"),
        task("begun", TABLES + "SELECT", " c.name FROM city c JOIN land l ON l.id = c.land;"),
        task("no tables", "SELECT ", None),
        task("in a comment", TABLES + "-- The names; of all", "\nSELECT name FROM city"),
        task("change", TABLES, "UPDATE city SET land = NULL;"),
        task("define", TABLES, "CREATE VIEW v AS SELECT 1 AS one;"),
    ],
    same_code=[
        (
            task("names", TABLES),
            "SELECT name FROM city WHERE name = 'a';",
            "SELECT name/* x */ FROM city WHERE name = 'b';",
        ),
        (task("begun", TABLES + "SELECT"), " name -- so\nFROM city;", " name\nFROM city; SELECT 'x';"),
    ],
    endings=[
        Ending(TABLES, "SELECT name FROM city WHERE name <> ';' -- ;\n;", " SELECT 2;"),
        Ending(TABLES + "SELECT", ' "a;" /* ; */ FROM [b;];', "\n\nDROP TABLE city;"),
        Ending(
            TABLES, "CREATE TRIGGER t AFTER INSERT ON city BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; END;", "SELECT 1;"
        ),
        Ending("SELECT ", "name FROM city", "; SELECT 2;", ";\n"),
    ],
)
