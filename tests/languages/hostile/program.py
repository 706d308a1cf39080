"""A hostile program and the verdict that it must get, and what such programs are built with.

A verdict is `accepted`, `crashed` (rejected, since javac itself breaks), or place and code of the first error:
`1:20 expected` is `compiler.err.expected` in line 1, column 20, in characters; 0:0 is no place. These are the words of
the javac of JDK 17; where that of JDK 25 says something else, it is `newer`. `test_java_hostile.py` asks both, the
checker and javac.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rlcf.languages.java.checker import CRASHED
from rlcf.records import VerdictStatus

KNOWN_JDKS = (17, 25)
"""Whose words stand here."""


class Said(NamedTuple):
    """Status and first error of a verdict; zeros where there is no error, or no place."""

    status: VerdictStatus
    code: str | None = None
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Hostile:
    """A program and what must be said of it."""

    name: str
    source: str
    verdict: str
    newer: str | None = None
    unlike_javac: str | None = None
    """Why a started javac says something else, if it does."""

    def expected(self, feature: int) -> Said:
        """What must be said with the JDK of this version."""
        words = self.newer if self.newer is not None and feature >= max(KNOWN_JDKS) else self.verdict
        if words == "accepted":
            return Said("accepted")
        if words == "crashed":
            return Said("rejected", CRASHED)
        place, code = words.split()
        line, column = place.split(":")
        return Said("rejected", f"compiler.err.{code}", int(line), int(column))


def body(members: str) -> str:
    """A class with these members."""
    return "class A { " + members + " }"


def method(statements: str) -> str:
    """A class with a method of these statements."""
    return body("void f() { " + statements + " }")
