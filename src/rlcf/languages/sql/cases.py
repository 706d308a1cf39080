"""What a test of an SQL program says: data, and the rows that must come."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from rlcf.languages.sql.ends import statement_ends
from rlcf.records import Program

_MARK = re.compile(r"^--[ \t]*(given|ask|expect)[ \t]*\r?$", re.MULTILINE)


class NotATest(Exception):
    """A text that says nothing of what must come; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Case:
    """One part of a test. Each has a database of its own, with what the task's context makes in it."""

    given: str
    """Statements that are run before the program's."""
    ask: str
    """A query that is asked after the program's statements; empty: their own rows count."""
    expect: str
    """A statement whose rows are those that must come; where it has none, whose changes are."""


@dataclass(frozen=True, slots=True)
class Run:
    """A program and its test, as the judge reads them."""

    context: str
    """Statements before the completion's."""
    own: str
    """Those of the completion."""
    cases: tuple[Case, ...]
    timeout_s: float

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def run_of(program: Program, timeout_s: float) -> Run:
    """A program as it is run.

    Raises:
        NotATest: its test says nothing of what must come.
    """
    text = own_part(program)
    ends = statement_ends(text)
    if program.start > 0:
        begin = max((end for end in ends if end <= program.start), default=0)
    else:  # not known: the last statement is the completion
        begin = ends[-2] if len(ends) > 1 else 0
    return Run(text[:begin], text[begin:], _cases(program.source[len(text) :]), timeout_s)


def own_part(program: Program) -> str:
    """The program without its test."""
    return program.source if program.test_start is None else program.source[: program.test_start]


def with_known_test(source: str) -> Program:
    """A program whose test begins with the first line that is a mark."""
    found = _MARK.search(source)
    return Program(source, test_start=found.start() if found else len(source))


def _cases(test: str) -> tuple[Case, ...]:
    first, *parts = _MARK.split(test)
    if not parts:
        return (_unmarked(test),)
    cases, part = [], dict.fromkeys(("given", "ask", "expect"), "")
    part["given"] = first
    for mark, text in zip(parts[::2], parts[1::2], strict=True):
        if mark == "given" and part["expect"]:
            cases.append(Case(**part))
            part = dict.fromkeys(part, "")
        part[mark] += text
    cases.append(Case(**part))
    if not all(statement_ends(case.expect) for case in cases):
        raise NotATest("the test does not say what it expects")
    return tuple(cases)


def _unmarked(test: str) -> Case:
    """Data, and last what must come."""
    ends = statement_ends(test)
    if not ends:
        raise NotATest("the test does not say what it expects")
    begin = ends[-2] if len(ends) > 1 else 0
    return Case(test[:begin], "", test[begin:])
