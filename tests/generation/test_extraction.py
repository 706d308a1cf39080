"""An answer of an instruct model → the completion that follows the context."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlcf.generation.extraction import completion_of
from rlcf.languages.registry import load_language
from rlcf.records import Program, Task
from tests.languages.python_language import Python

JAVA = load_language("java")
SIGNATURE = "    public static int twice(int a, int b) {"
PROMPT = f"""import java.util.*;

class Pair {{
    /**
     * Twice the sum. For example, twice(1, 2) is 6.
     */
{SIGNATURE}
"""
TASK = Task("t", PROMPT, entry_point="twice")
BODY = "        int sum = a + b;\n        return 2 * sum;\n"
ENDED = BODY + "    }\n}"
METHOD = f"{SIGNATURE}\n{BODY}    }}\n"
PROGRAM = PROMPT + ENDED + "\n"
HELPER = "    static int half(int a) {\n        return a / 2;\n    }\n"
BEFORE = "Here is the program you asked for:"
AFTER = "This adds `a` and `b`; then it doubles the sum.\n\n- It runs in constant time."

SUPPLIED = BODY + "    }\n}\n"
"""The body closed the method, and the class's brace was supplied."""
ALL_SUPPLIED = BODY.rstrip() + "\n}}\n"

ANSWERS = {
    "the program in a fence": (f"```java\n{PROGRAM}```", ENDED),
    "the fence without a label": (f"```\n{PROGRAM}```", ENDED),
    "a label in capitals": (f"```Java\n{PROGRAM}```", ENDED),
    "a fence of tildes": (f"~~~java\n{PROGRAM}~~~", ENDED),
    "sentences around the fence": (f"{BEFORE}\n\n```java\n{PROGRAM}```\n\n{AFTER}", ENDED),
    "a fence that starts after words": (f"{BEFORE} ```java\n{PROGRAM}```", ENDED),
    "a fence that is not closed": (f"{BEFORE}\n```java\n{PROGRAM}", ENDED),
    "a fence that is closed and was not opened": (f"{PROGRAM}```\n{AFTER}", ENDED),
    "line ends of another system": (f"```java\n{PROGRAM}```".replace("\n", "\r\n"), ENDED),
    "a block of the shell first": (f"Run it:\n```bash\njavac Pair.java\n```\n```java\n{PROGRAM}```", ENDED),
    "an unlabelled block with the output last": (f"```java\n{PROGRAM}```\nIt prints\n```\n6\n```", ENDED),
    "the question repeated before the answer": (f"You ask:\n```java\n{PROMPT}```\n```java\n{PROGRAM}```", ENDED),
    "two answers": (f"```java\n{PROGRAM}```\nOr shorter:\n```java\n{PROMPT}return 2 * (a + b); }} }}\n```", ENDED),
    "the program without a fence": (PROGRAM, ENDED),
    "sentences around the program": (f"{BEFORE}\n\n{PROGRAM}\n{AFTER}", ENDED),
    "another layout of the signature": (
        f"```java\nclass Pair\n{{\n  public static int twice( int a,int b )\n  {{\n{ENDED}\n```",
        ENDED,
    ),
    "other modifiers": (
        f"```java\nclass Pair {{\n  static final int twice(final int a, int b) {{\n{ENDED}\n```",
        ENDED,
    ),
    "another class's name": (f"```java\npublic class Solution {{\n{METHOD}}}\n```", ENDED),
    "a second class after it": (f"```java\n{PROGRAM}\nclass Main {{ }}\n```", ENDED),
    "a main method after it": (
        f"```java\n{PROMPT}{BODY}    }}\n    public static void main(String[] args) {{ }}\n}}\n```",
        BODY + "    }\n    public static void main(String[] args) { }\n}",
    ),
    "the method used before it stands": (
        f"```java\nclass Pair {{\n  int four() {{ return twice(1, 1); }}\n{METHOD}}}\n```",
        ENDED,
    ),
    "the method alone": (f"```java\n{METHOD}```", SUPPLIED),
    "the method alone without a fence": (f"{BEFORE}\n\n{METHOD}\n{AFTER}", SUPPLIED),
    "the method and a helper": (f"```java\n{METHOD}{HELPER}```", BODY + "    }\n" + HELPER + "}\n"),
    "the body alone": (f"```java\n{BODY}```", ALL_SUPPLIED),
    "the body alone without a fence": (f"{BEFORE}\n{BODY}\n{AFTER}", ALL_SUPPLIED),
    "the body and the method's end": (f"```java\n{BODY}    }}\n```", SUPPLIED),
    "the prompt continued": (f"```java\n{ENDED}\n```", ENDED),
    "the prompt continued without a fence": (f"{ENDED}\n\n{AFTER}", ENDED),
    "thoughts before": (f"<think>\nMaybe\n```java\nint x;\n```\n</think>\n```java\n{PROGRAM}```", ENDED),
    "no program at all": ("I am sorry. I cannot do that.", ""),
    "nothing": ("", ""),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_completion_is_taken_out_of_an_answer(name: str) -> None:
    answer, completion = ANSWERS[name]
    assert completion_of(answer, TASK, JAVA) == completion


CUT = {
    "the program": (f"```java\n{PROMPT}{BODY}", BODY),
    "the method": (f"```java\n{SIGNATURE}\n        int sum = a", "        int sum = a"),
    "the body": (f"```java\n{BODY}", BODY),
    "the body without a fence": (BODY, BODY),
    "the explanation after the method": (f"```java\n{METHOD}```\nThis is", SUPPLIED),
    "a helper after the method": (f"```java\n{METHOD}    static int half(", f"{BODY}    }}\n    static int half("),
    "its thoughts": ("<think>\nFirst, the sum.", ""),
}


@pytest.mark.parametrize("name", CUT)
def test_an_answer_cut_within_its_program_stays_open(name: str) -> None:
    """Closing it would make a program of what is none."""
    answer, completion = CUT[name]
    assert completion_of(answer, TASK, JAVA, ended=False) == completion


def test_a_brace_that_the_answer_forgot_is_not_supplied() -> None:
    assert completion_of(f"```java\n{PROMPT}{BODY}    }}\n```", TASK, JAVA) == BODY + "    }\n"
    assert completion_of("```java\nif (a > b) {\n  return a;\n```", TASK, JAVA) == "if (a > b) {\n  return a;\n"


IN_A_CLASS = replace(TASK, prefix="package a;\n" + PROMPT, suffix="\n    int rest = 1;\n}\n", prompt="Write `twice`.")
"""A task whose program continues after the completion, and whose prompt is not a part of it."""


@pytest.mark.parametrize("name", ANSWERS)
def test_a_completion_in_the_midst_of_a_file_ends_where_its_suffix_goes_on(name: str) -> None:
    answer, expected = ANSWERS[name]
    completion = completion_of(answer, IN_A_CLASS, JAVA)
    source = Program.of(IN_A_CLASS, completion).source
    if expected:
        assert JAVA.program_end("", source) == len(source.rstrip())
        assert completion.startswith(BODY.rstrip())
    else:
        assert completion == ""


def test_a_task_without_context_takes_the_whole_program() -> None:
    task = Task("t", "Write a class Pair with a method twice.", prefix="")
    assert completion_of(f"{BEFORE}\n```java\n{PROGRAM}```\n{AFTER}", task, JAVA) == PROGRAM.rstrip()


def test_blocks_are_those_of_the_language_by_any_of_its_labels() -> None:
    task = Task("t", "def twice(a):\n", language="python", entry_point="twice")
    for label in ("python", "py", "Python3"):
        answer = f"```sh\npython twice.py\n```\n```{label}\ndef twice(a):\n    return 2 * a\n```\nIt doubles."
        assert completion_of(answer, task, Python()) == "    return 2 * a\n"


def test_a_task_without_an_entry_point_is_known_by_its_last_line() -> None:
    task = Task("t", PROMPT)
    assert completion_of(f"```java\n{PROGRAM}```", task, JAVA) == ENDED


_PIECES = [
    PROMPT,
    SIGNATURE,
    BODY,
    METHOD,
    ENDED,
    BEFORE,
    AFTER,
    "```java\n",
    "```\n",
    "```",
    "<think>",
    "</think>",
    "}",
    "{",
]


@given(st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=20)), max_size=12), st.booleans())
@settings(max_examples=200, deadline=None)
def test_whatever_is_answered_nothing_follows_the_programs_end(pieces: list[str], ended: bool) -> None:
    completion = completion_of("\n".join(pieces), TASK, JAVA, ended)
    end = JAVA.program_end(PROMPT, completion)
    assert end is None or completion[end:].strip() == ""


@pytest.mark.usefixtures("jdk")
def test_what_is_taken_out_compiles_where_the_answer_did() -> None:
    """Of each answer of the table that holds a program."""
    sources = [PROMPT + completion_of(answer, TASK, JAVA) for answer, expected in ANSWERS.values() if expected]
    with JAVA.checker(workers=1) as checker:
        assert [v.status for v in checker.check(sources)] == ["accepted"] * len(sources)
