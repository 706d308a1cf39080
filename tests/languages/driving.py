"""What tests of the Java driver are built with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from rlcf.languages.java.driver import JavaDriver
from rlcf.records import Call, Constants, DrivenRun, Task

CONSTANTS = Constants((7, 365, 2.5), ("hello", "a-b", "12:30"))
ALL = tuple(range(160))
FEW = tuple(range(0, 160, 16))


def run(signature: str, body: str, before: str = "", rest: str = "", inputs: Sequence[int] = FEW) -> DrivenRun:
    """A method called `made` of a class `Made`; `before` stands in the context, `rest` in the completion.

    The method is static, but where the signature begins with `(this)`.
    """
    static = "" if signature.startswith("(this)") else "static "
    context = f"import java.util.*;\n\nclass Made {{\n{before}    {static}{signature.removeprefix('(this)')} {{\n"
    task = Task("made", context, entry_point="made")
    return DrivenRun(task, f"        {body}\n    }}\n}}\n{rest}", tuple(inputs), CONSTANTS)


def drive(driver: JavaDriver, *runs: DrivenRun) -> list[tuple[Call, ...]]:
    driven = driver.drive(runs)
    if any(each.starved for each in driven):
        pytest.skip("the machine is too busy: a program had no time")
    assert [each.reason for each in driven] == [None] * len(runs)
    return [each.calls for each in driven]


def values(calls: Sequence[Call]) -> list[Any]:
    """What was returned."""
    assert [c.status for c in calls] == ["returned"] * len(calls), calls
    return [json.loads(c.outcome)["value"] for c in calls]


def arguments(calls: Sequence[Call]) -> list[list[Any]]:
    return [json.loads(c.given)[-1] for c in calls]


def untimed(calls: Sequence[Call]) -> list[tuple[str, str, str]]:
    return [(c.status, c.given, c.outcome) for c in calls]
