"""Which completions are the reference, and which are other code of the file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rlcf.evaluation.warnings import warnings
from rlcf.languages.registry import load_language
from rlcf.records import Task
from rlcf.tasks.copying import copying

JAVA = load_language("java")
LOOP = "int sum = 0; for (int value : values) { sum += value * value; } return sum; }"
SAID = 'String text = "sums"; int sum = text.length(); /* all */ for (int v : values) { sum += v; } return sum; }'
TASK = Task(
    "A.java#A.f(int[])",
    "class A {",
    prefix=f"class A {{ int g(int[] values) {{ {LOOP}\n int h(int[] values) {{ {SAID}\n int f(int[] values) {{",
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
        (LOOP.replace("sum += ", "/* every number is multiplied with itself */ sum += // and added\n"), False, True),
        (SAID.replace("sums", "what is said here is of no use at all").replace(" /* all */", ""), False, True),
        (LOOP.replace("sum", "most").replace("+=", "= 2 +"), False, False),
        (" return 0; }", False, False),
        ("", False, False),
    ],
    ids=["reference", "laid_out_otherwise", "copy", "near_copy", "comments", "strings", "changed", "short", "empty"],
)
def test_a_completion_is_compared_with_reference_and_file(completion: str, exact: bool, copied: bool) -> None:
    assert copying(JAVA, TASK, completion) == {"exact": exact, "copied": copied, "reference_copied": False}


def test_in_other_languages_comments_and_strings_count_as_little() -> None:
    body = "    total = 0\n    for value in values:\n        total += value * 2\n    return total, 'sum'\n"
    start = f"def f(values):\n    # all of them\n{body}\n\ndef g(values):\n"
    task = Task("a.py#g", start, language="python", suffix="\n\nx = 1\n", canonical_solution="    pass\n", path="a.py")
    dressed = body.replace("'sum'", "'what else is there to say'").replace("= 0", "= 0  # nothing yet, but soon more")
    assert copying(load_language("python"), task, dressed)["copied"]
    assert not copying(load_language("python"), task, body.replace("value * 2", "max(total, value)"))["copied"]


def test_references_that_are_copies_themselves_are_told() -> None:
    overload = replace(TASK, task_id="A.java#A.f(long[])", canonical_solution=LOOP)
    rows = [
        {"task_id": t.task_id, "compiled": True, "trivial": False} | copying(JAVA, t, " return 1; }")
        for t in (TASK, overload, overload)
    ]
    assert [line for line in warnings([TASK, overload], rows) if "copy" in line] == [
        "1 of 2 references consist of other code of their file: in these tasks a copy is not counted as one."
    ]
    assert not any("copy" in line for line in warnings([TASK], rows[:1]))


def test_where_the_reference_looks_copied_nothing_counts_as_a_copy() -> None:
    near = LOOP.replace("value * value", "value")
    assert copying(JAVA, TASK, near)["copied"]
    assert not copying(JAVA, replace(TASK, canonical_solution=LOOP), near)["copied"]


def test_tasks_that_stand_in_no_file_have_no_such_shares() -> None:
    assert copying(JAVA, Task("a", "class A {", suffix="}"), "}") == {}


def test_without_a_reference_it_is_not_known_what_is_exact() -> None:
    task = Task("a", "p", prefix="class A {", suffix="}", path="A.java")
    assert copying(JAVA, task, "}") == {"exact": None, "copied": False, "reference_copied": False}
