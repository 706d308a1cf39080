"""Statements of SQL from a seeded grammar, over several schemas: there are no published tasks with references."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from rlcf.records import Task

_SCHEMAS: tuple[Mapping[str, Mapping[str, str]], ...] = (
    {
        "customer": {"id": "INTEGER PRIMARY KEY", "name": "TEXT NOT NULL", "country": "TEXT", "credit": "REAL"},
        "orders": {"id": "INTEGER PRIMARY KEY", "customer_id": "INTEGER", "placed": "TEXT", "total": "REAL"},
        "item": {"order_id": "INTEGER", "product": "TEXT", "pieces": "INTEGER", "price": "REAL"},
    },
    {
        "station": {"code": "TEXT PRIMARY KEY", "town": "TEXT", "height": "INTEGER"},
        "reading": {"station": "TEXT", "taken": "TEXT", "warmth": "REAL", "rain": "REAL"},
    },
    {
        "author": {"id": "INTEGER PRIMARY KEY", "surname": "TEXT", "born": "INTEGER"},
        "book": {"id": "INTEGER PRIMARY KEY", "title": "TEXT", "author_id": "INTEGER", "pages": "INTEGER"},
        "loan": {"book_id": "INTEGER", "reader": "TEXT", "since": "TEXT", "days": "INTEGER"},
        "shelf": {"book_id": "INTEGER", "room": "TEXT", "row": "INTEGER"},
    },
    {"node": {"id": "INTEGER PRIMARY KEY", "parent": "INTEGER", "label": "TEXT", "weight": "REAL DEFAULT 1.0"}},
)
_AGGREGATES = ("count", "sum", "avg", "min", "max", "total")
_FUNCTIONS = ("abs({})", "length({})", "upper({})", "coalesce({}, 0)", "round({}, 2)", "ifnull({}, '')", "typeof({})")
_COMPARISONS = ("{} > 10", "{} <= 2.5", "{} = 'a'", "{} IS NOT NULL", "{} LIKE '%é%'", "{} IN (1, 2, 3)")


def sql_tasks(count: int, seed: int) -> list[Task]:
    """Tasks whose context makes the tables, and whose reference is one statement."""
    tasks = []
    for number in range(count):
        rng = random.Random(f"{seed} {number}")
        tables = rng.choice(_SCHEMAS)
        context = "".join(
            f"CREATE TABLE {table}({', '.join(f'{name} {kind}' for name, kind in columns.items())});\n"
            for table, columns in tables.items()
        )
        statement = _Statement(rng, tables).made()
        tasks.append(Task(f"sql/{number}", context, language="sql", canonical_solution=f"{statement};\n"))
    return tasks


class _Statement:
    """A statement over some tables."""

    def __init__(self, rng: random.Random, tables: Mapping[str, Mapping[str, str]]) -> None:
        self._rng, self._tables = rng, tables
        self._names = iter("abcdefghijklmnopqrstuvwxyz")

    def made(self) -> str:
        kind = self._rng.choice(("query",) * 6 + ("with", "union", "insert", "update", "delete", "view"))
        table = self._rng.choice(list(self._tables))
        columns = list(self._tables[table])
        some, where = self._rng.sample(columns, 2), self._condition([f"{table}.{name}" for name in columns])
        if kind == "with":
            return f"WITH {table}_part AS ({self._query()}) SELECT count(*) FROM {table}_part"
        if kind == "union":
            operator = self._rng.choice(("UNION", "UNION ALL", "EXCEPT", "INTERSECT"))
            return f"SELECT {some[0]} FROM {table} {operator} SELECT {some[1]} FROM {table} ORDER BY 1"
        if kind == "insert":
            return f"INSERT INTO {table}({', '.join(some)}) VALUES (1, 'x'), (NULL, 2.5)"
        if kind == "update":
            return f"UPDATE {table} SET {some[0]} = {self._value(some[1])} WHERE {where}"
        if kind == "delete":
            return f"DELETE FROM {table} WHERE {where}"
        query = self._query()
        return f"CREATE VIEW found AS {query};\nSELECT * FROM found" if kind == "view" else query

    def _query(self, depth: int = 0) -> str:
        sources, columns = self._sources()
        chosen = self._rng.sample(columns, min(len(columns), self._rng.randint(1, 3)))
        where = f" WHERE {self._condition(columns, depth)}" if self._rng.random() < 0.7 else ""
        if self._rng.random() < 0.4:
            aggregate, key = f"{self._rng.choice(_AGGREGATES)}({self._rng.choice(columns)})", chosen[0]
            having = f" HAVING {aggregate} > 1" if self._rng.random() < 0.3 else ""
            grouped = f"{sources}{where} GROUP BY {key}{having}"
            return f"SELECT {key}, {aggregate} AS n FROM {grouped} ORDER BY n DESC"
        window = f", rank() OVER (PARTITION BY {chosen[0]} ORDER BY {columns[-1]})" if self._rng.random() < 0.15 else ""
        values = ", ".join(self._value(name) for name in chosen)
        order = f" ORDER BY {chosen[0]} LIMIT {self._rng.randint(1, 9)}" if self._rng.random() < 0.5 else ""
        return f"SELECT {values}{window} FROM {sources}{where}{order}"

    def _sources(self) -> tuple[str, list[str]]:
        """Joined tables, and the columns that they have."""
        names = self._rng.sample(list(self._tables), self._rng.randint(1, min(3, len(self._tables))))
        text, columns = "", list[str]()
        for name in names:
            alias = next(self._names)
            own = [f"{alias}.{column}" for column in self._tables[name]]
            joined = self._rng.choice(("JOIN", "LEFT JOIN"))
            on = f" ON {self._rng.choice(own)} = {self._rng.choice(columns)}" if columns else ""
            text += f" {joined} {name} {alias}{on}" if columns else f"{name} {alias}"
            columns += own
        return text, columns

    def _value(self, column: str) -> str:
        if self._rng.random() < 0.5:
            return column
        if self._rng.random() < 0.2:
            return f"CASE WHEN {column} > 0 THEN 'some' ELSE 'none' END"
        return self._rng.choice(_FUNCTIONS).format(column)

    def _condition(self, columns: Sequence[str], depth: int = 0) -> str:
        parts = [
            self._rng.choice(_COMPARISONS).format(self._rng.choice(columns)) for _ in range(self._rng.randint(1, 3))
        ]
        if depth == 0 and self._rng.random() < 0.25:
            table = self._rng.choice(list(self._tables))
            column = self._rng.choice(list(self._tables[table]))
            parts.append(f"{self._rng.choice(columns)} IN (SELECT {column} FROM {table})")
        return self._rng.choice((" AND ", " OR ")).join(parts)
