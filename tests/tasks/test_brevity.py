"""What is taken from a completion that is shorter than its reference."""

from __future__ import annotations

import math

import pytest

from rlcf.languages.registry import load_language
from rlcf.records import Task
from rlcf.tasks.brevity import brevity_penalty

JAVA = load_language("java")
TASK = Task("A.f", "class A { int f() {", suffix="}", canonical_solution=" a(); b(); c(); d(); }", path="A.java")
"""Its reference has 17 tokens."""


@pytest.mark.parametrize(
    ("completion", "kept"),
    [
        (TASK.canonical_solution, 1.0),
        (" a(); b(); c(); d(); e(); }", 1.0),
        (" w(); x(); y(); z(); }", 1.0),
        (" a(); b(); }", math.exp(0.5 * (1 - 17 / 9))),
        (" a(); /* b(); c(); d(); */ b(); // c(); d();\n }", math.exp(0.5 * (1 - 17 / 9))),
        ("", math.exp(0.5 * (1 - 17))),
    ],
    ids=["reference", "longer", "as_long", "half", "comments", "empty"],
)
def test_what_is_missing_costs_and_what_is_too_much_does_not(completion: str, kept: float) -> None:
    assert brevity_penalty(JAVA, TASK, completion) == pytest.approx(kept)


def test_without_a_reference_nothing_is_too_short() -> None:
    assert brevity_penalty(JAVA, Task("A.f", "class A { int f() {"), "}") == 1
