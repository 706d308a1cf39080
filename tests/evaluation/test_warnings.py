"""What is missing is said in one line each."""

from __future__ import annotations

from typing import Any

import pytest

from rlcf.evaluation.warnings import warnings
from rlcf.records import Task
from tests.evaluation.sample_rows import result

TASKS = [Task(name, "class A {", test="class Main {}") for name in "abcde"]


def test_a_whole_evaluation_needs_no_word() -> None:
    assert warnings(TASKS, [result(task.task_id) for task in TASKS]) == []


def test_a_missing_sample_is_named() -> None:
    (line,) = warnings(TASKS, [result(name) for name in "abd"])
    assert line == "no sample for 2 of 5 tasks (c, e): in no rate."


def test_tasks_with_fewer_samples_than_others_are_named_and_what_happens() -> None:
    rows = [result(task.task_id) for task in TASKS for _ in range(5)]
    (line,) = warnings(TASKS, rows[:-2])
    assert line == (
        "3 to 5 samples a task, fewer than 5 for 1 of 5 tasks (e): "
        "rates count samples, pass@k counts tasks and goes up to k = 1."
    )


def test_a_task_without_a_test_is_named() -> None:
    tasks = [*TASKS[:4], Task("e", "class A {")]
    (line,) = warnings(tasks, [result(n) for n in "abcd"] + [result("e", "accepted")])
    assert line.startswith("no test for 1 of 5 tasks (e): their samples are compiled and not run")


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"compiled": None, "passed": None}, "1 of 5 samples have no verdict, because a tool failed: in no rate."),
        ({"cut": 4}, "1 of 5 samples had text after the program's end, which was cut."),
        ({"status": "rejected"}, "1 of 5 samples compile, but not with their test."),
        ({"trivial": None}, "1 of 5 samples are accepted, and may be trivial or not."),
    ],
)
def test_samples_that_count_in_an_unusual_way_are_counted(more: dict[str, Any], line: str) -> None:
    assert warnings(TASKS, [result(n) for n in "abcd"] + [result("e") | more]) == [line]


def test_tests_that_nobody_ran_are_mentioned_a_single_time() -> None:
    (line,) = warnings(TASKS, [result(task.task_id, "accepted") for task in TASKS])
    assert line.startswith("no test was run (the language has no runner, or none was wanted)")
