"""Verdicts on SQL programs from SQLite."""

from __future__ import annotations

import functools
import json

from rlcf.config.languages import SqlOptions
from rlcf.errors import UserError
from rlcf.languages.places import Places
from rlcf.languages.pooled import PooledChecker, without_surrogates
from rlcf.languages.serving import start_server
from rlcf.records import Diagnostic, MethodFacts, Slice


class SqlChecker(PooledChecker):
    """Each worker is a process with SQLite in it."""

    tool = "SQLite"
    right = "CREATE TABLE rlcf_ping(a); SELECT a FROM rlcf_ping;"

    def __init__(self, workers: int, timeout_s: float, options: SqlOptions) -> None:
        """See `Language.checker`."""
        schema = _schema(options)
        super().__init__(lambda: start_server("rlcf.languages.sql.server", schema), workers, timeout_s)

    def encoded(self, source: str) -> bytes:
        return without_surrogates(source)

    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        if answer.startswith(b"[null, "):
            return ()
        error, _ = json.loads(answer)
        code, severity, message, offset = error
        places = Places(source)
        return (places.diagnostic(code, severity, message, None if offset is None else places.of(offset, "byte")),)

    def told_facts(self, source: str, answer: bytes) -> tuple[MethodFacts, ...] | None:  # noqa: ARG002
        """Of its statements. Their parameters are the tables that they read or write."""
        return tuple(_facts(offset, parts, defines, tuple(t)) for offset, parts, defines, t in json.loads(answer)[1])


@functools.lru_cache(maxsize=4096)  # many programs begin with the same definitions
def _facts(offset: int, parts: int, defines: bool, names: tuple[str, ...]) -> MethodFacts:
    return MethodFacts(
        name="",
        offset=offset,
        statements=parts,
        parameters=names,
        parameters_read=names,
        returns_literal=not (names or defines),
        slice=Slice(parts, names, outside=False, computes=defines),
    )


def _schema(options: SqlOptions) -> str:
    """The path of the file with the schema, which must be right; empty: none."""
    if options.schema_path is None:
        return ""
    from rlcf.languages.sql.database import Database, Statement

    try:
        text = options.schema_path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UserError(f"the schema cannot be read: {error}") from error
    wrong = next((each for each in Database().compile(text) if not isinstance(each, Statement)), None)
    if wrong is not None:
        raise UserError(f"the schema in {options.schema_path} is wrong: {wrong[2]}")
    return str(options.schema_path.absolute())
