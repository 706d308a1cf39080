"""Which samples are the reference, and which are other code of the file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rlcf.evaluation.warnings import warnings
from rlcf.records import Task
from rlcf.tasks.copying import copied_references, copying

LOOP = "int sum = 0; for (int value : values) { sum += value * value; } return sum; }"
TASK = Task(
    "A.java#A.f(int[])",
    "class A {",
    prefix=f"class A {{ int g(int[] values) {{ {LOOP}\n int f(int[] values) {{",
    suffix="}",
    canonical_solution=" int best = 0; for (int value : values) { best = Math.max(best, value); }\n return best; }",
    path="A.java",
)


@pytest.mark.parametrize(
    ("completion", "exact", "copied"),
    [
        (TASK.canonical_solution, True, False),
        (" int best=0;for(int value:values){best=Math.max(best,value);}return best;}", True, False),
        (f"\n    {LOOP}", False, True),
        (LOOP.replace("value * value", "value"), False, True),
        (LOOP.replace("sum", "most").replace("+=", "= 2 +"), False, False),
        (" return 0; }", False, False),
        ("", False, False),
    ],
    ids=["reference", "laid_out_otherwise", "copy", "near_copy", "changed", "short", "empty"],
)
def test_a_sample_is_compared_with_reference_and_file(completion: str, exact: bool, copied: bool) -> None:
    assert copying(TASK, completion) == {"exact": exact, "copied": copied}


def test_references_that_are_copies_themselves_are_told() -> None:
    overload = replace(TASK, task_id="A.java#A.f(long[])", canonical_solution=LOOP)
    assert copied_references([TASK, overload, replace(overload, path=None)]) == 1
    rows = [{"task_id": t.task_id, "compiled": True, "trivial": False} for t in (TASK, overload)]
    assert [line for line in warnings([TASK, overload], rows) if "copy" in line] == [
        "1 of 2 references consist of other code of their file, too: there to copy may be right."
    ]
    assert not any("copy" in line for line in warnings([TASK], rows[:1]))


def test_tasks_that_stand_in_no_file_have_no_such_shares() -> None:
    assert copying(Task("a", "class A {", suffix="}"), "}") == {}


def test_without_a_reference_it_is_not_known_what_is_exact() -> None:
    task = Task("a", "p", prefix="class A {", suffix="}", path="A.java")
    assert copying(task, "}") == {"exact": None, "copied": False}
