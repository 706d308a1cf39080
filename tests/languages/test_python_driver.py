"""Methods of Python programs are called on generated inputs, and what they do is told as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from rlcf.errors import SandboxUnavailable
from rlcf.grounding.behaviour.outcomes import agreement
from rlcf.languages.python.driver import PythonDriver
from rlcf.records import Call, DrivenRun, Task
from rlcf.workers.sandbox import find_sandbox

FEW = tuple(range(12))
STACK = """import random
class Stack:
    def __init__(self, items: list[int]):
        self.items = items
        self.__count = 1
        self.order = random.Random(1)

    def push(self, n: int):
"""
POINT = """class Point:
    def __init__(self, x: int, y: int):
        self.x = x
        self.y = y

    def plus(self, n: int):
"""
NOTHING = "class Nothing:\n    def plus(self, n: int):\n"
SORTED = "def ordered(items: list[int]):\n"


@pytest.fixture(scope="module")
def driver() -> Iterator[PythonDriver]:
    try:
        find_sandbox()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    with PythonDriver(workers=2, timeout_s=5.0, memory_mib=256, sandbox=True) as made:
        yield made


def drive(driver: PythonDriver, context: str, *bodies: str) -> list[tuple[Call, ...]]:
    task = Task("t", context, "python", entry_point=context.rpartition("def ")[2].partition("(")[0])
    return [d.calls for d in driver.drive([DrivenRun(task, body, FEW) for body in bodies])]


def outcome(call: Call) -> Any:
    return json.loads(call.outcome)


def test_a_field_that_cannot_be_compared_hides_no_other(driver: PythonDriver) -> None:
    right, helped, count, gone, all_gone = drive(
        driver,
        STACK,
        "        self.items.append(n)\n        self.__count += 1\n",
        "        self.items.append(n)\n        self.__count += 1\n        self.helper = n\n",
        "        self.__count += 1\n",
        "        del self.items\n        self.__count += 1\n",
        "        self.__dict__.clear()\n        self.z = n\n",
    )
    told = outcome(right[0])["after"]["this"]
    assert told["object"] == "Stack"
    assert told["fields"].keys() == {"items", "_Stack__count", "order"}
    assert told["fields"]["order"] == {"opaque": "Random"}
    assert [agreement(a.outcome, b.outcome) for a, b in zip(right, helped, strict=True)] == [1.0] * len(FEW)
    for wrong in (count, gone, all_gone):  # half, for `None`; what is gone cannot be deleted again
        pairs = [(a, b) for a, b in zip(right, wrong, strict=True) if b.known]
        assert {agreement(a.outcome, b.outcome) for a, b in pairs} == {0.5}


def test_objects_are_told_by_class_and_by_the_fields_of_the_context(driver: PythonDriver) -> None:
    mutated, new, other, own, library, nothing = drive(
        driver,
        POINT,
        "        self.x += n + 1\n        return self\n",
        "        return Point(self.x + n + 1, self.y)\n",
        "        p = Point(n, n)\n        del p.x\n        p.z = n\n        return p\n",
        "        class A:\n            pass\n        a = A()\n        a.x = n\n        return a\n",
        "        import types\n        return types.SimpleNamespace(x=n)\n",
        "        p = Point(n, n)\n        del p.x, p.y\n        p.z = n\n        return p\n",
    )
    assert outcome(new[0])["value"].keys() == {"object", "fields"}
    assert outcome(mutated[0])["handed"] == ["this"]
    alone = next(i for i, call in enumerate(new) if len(json.loads(call.given)) == 2)  # no calls before
    assert agreement(mutated[alone].outcome, new[alone].outcome) == 1.0
    assert agreement(new[alone].outcome, mutated[alone].outcome) == 0.5
    assert agreement(new[0].outcome, other[0].outcome) == 0.0
    for calls in (own, library, nothing):
        assert {call.status for call in calls} == {"unknown"}


def test_an_object_without_fields_has_calls(driver: PythonDriver) -> None:
    (calls,) = drive(driver, NOTHING, "        return n + 1\n")
    assert {call.status for call in calls} == {"returned"}


def test_an_argument_that_is_changed_and_handed_back_is_told(driver: PythonDriver) -> None:
    changed, new = drive(driver, SORTED, "    items.append(7)\n    return items\n", "    return [*items, 7]\n")
    for one, other in zip(changed, new, strict=True):
        value = outcome(other)["value"]
        assert outcome(one) == {"value": value, "after": {"0": value}, "handed": ["0"]}
        assert agreement(one.outcome, other.outcome) == 1.0
        assert agreement(other.outcome, one.outcome) == 0.5


@pytest.mark.parametrize(
    "answer",
    [
        '{"result": {"decimal": "abc"}}',
        '{"result": {"fraction": "1/0"}}',
        '{"result": {"mine": Infinity}}',
        '{"result": {"date": 5, "time": 6}}',
        '{"result": [1]}',
        '{"result": {"list": [7, {"list": []}, {"list": [Infinity]}]}}',
        '{"result": 7}',
        '{"raised": 5}',
        '{"result": ' + '{"list": [' * 900 + "]}" * 900 + "}",
    ],
)
def test_an_answer_that_is_none_is_a_call_that_comes_to_nothing(driver: PythonDriver, answer: str) -> None:
    (calls,) = drive(driver, SORTED, f"    import os\n    os.write(4, {answer.encode()!r} + b'\\n')\n    return []\n")
    assert {call.status for call in calls} == {"unreached"}


def test_an_object_that_is_a_number_is_no_crash(driver: PythonDriver) -> None:
    context = "class Odd:\n    def __new__(cls):\n        return 5\n\n    def plus(self, n: int):\n"
    (calls,) = drive(driver, context, "        return n\n")
    assert "returned" not in {call.status for call in calls}


def test_an_integer_of_many_digits_is_an_outcome_like_others(driver: PythonDriver) -> None:
    same, again, other = drive(
        driver,
        "def power(n: int):\n",
        "    return 7**6000 + n\n",
        "    return n + 7**5999 * 7\n",
        "    return 7**6000 - n\n",
    )
    assert {call.status for call in same} == {"returned"}
    assert [agreement(one.outcome, two.outcome) for one, two in zip(same, again, strict=True)] == [1.0] * len(same)
    assert any(agreement(one.outcome, two.outcome) < 1 for one, two in zip(same, other, strict=True))
