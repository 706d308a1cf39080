"""What counts as trivial, with the compiler's own facts; places in the completion."""

from __future__ import annotations

import pytest

from rlcf.languages.base import Checker
from rlcf.records import Diagnostic, Program, Task, Verdict

PROMPT = "class Clamp {\n    static int clamp(int value, int high) {\n"
TASK = Task("t", PROMPT, entry_point="clamp")
END = "\n    }\n}\n"


@pytest.mark.parametrize(
    ("body", "trivial"),
    [
        ("return 0;", True),
        ("return -(1);", True),
        ("int x = 1; return x;", True),
        ("return value;", False),
        ("return Math.min(value, high);", False),
        ("throw new IllegalStateException();", True),
        ("// reads value\n        return 0;", True),
        ("value = 3; return 0;", True),
        ("{ { return 0; } }", True),
        (
            "return 0;\n    }\n    static int clamp(int value) {\n        return value;",
            True,
        ),  # an overload is no excuse
        ("return 0;\n    }\n    static int helper(int value) {\n        return value;", True),
        ("return helper(high);\n    }\n    static int helper(int value) {\n        return 0;", False),
    ],
)
def test_a_body_is_trivial_when_its_outcome_depends_on_no_parameter(
    java_checker: Checker, body: str, trivial: bool
) -> None:
    [verdict] = java_checker.check([PROMPT + "        " + body + END])
    assert verdict.accepted
    assert verdict.trivial(TASK) is trivial


@pytest.mark.parametrize(
    ("body", "trivial"),
    [
        ("return 1;", True),
        ("return null;", True),
        ("double n0 = 4.0; double n1 = 5.0; return 20.0;", True),
        ("double n0 = 4.0; double n1 = n0; double answer; answer = (-n1); return answer;", True),
        ("double n0 = 4.0; double half = n0 / 2; return n0;", True),
        ("throw new IllegalStateException();", True),
        ("", False),
        ("return count;", False),
        ("count++; return 1;", False),
        ("double n0 = 4.0; double n1 = 5.0; return n0 * n1;", False),
        ("return Math.sqrt(4.0);", False),
    ],
)
def test_without_parameters_what_computes_nothing_is_trivial(java_checker: Checker, body: str, trivial: bool) -> None:
    prompt = "class Count {\n    int count;\n    Object next() {"
    [verdict] = java_checker.check([prompt + body + "}}"])
    if not body:
        assert not verdict.accepted  # a missing return
    assert verdict.trivial(Task("t", prompt, entry_point="next")) is trivial


@pytest.mark.parametrize("prompt", [PROMPT, PROMPT.rstrip(), PROMPT + "        ", PROMPT.replace("\n", "\r\n")])
def test_the_prompts_white_space_does_not_hide_the_method(java_checker: Checker, prompt: str) -> None:
    sources = [prompt + body + END for body in ("return 0;", "return value;")]
    nameless = Task("t", prompt)
    assert [v.trivial(nameless) for v in java_checker.check(sources)] == [True, False]


def test_a_rejected_program_is_not_trivial(java_checker: Checker) -> None:
    [verdict] = java_checker.check([PROMPT + "return x;" + END])
    assert not verdict.trivial(TASK)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("prompt", ["class A {", "class A {\n    "])
def test_a_diagnostic_is_placed_in_the_completion(java_checker: Checker, prompt: str, end: str) -> None:
    completion = f" /* \U0001f600 */ int i;{end}  int x = y;{end}}}"
    program = Program(prompt + completion, len(prompt))
    [verdict] = java_checker.check([program.source])
    inside = program.in_completion(verdict.diagnostics[0])
    assert inside is not None
    assert (inside.line, inside.column, inside.offset) == (2, 11, completion.index("y"))


def test_a_diagnostic_in_the_prompt_or_nowhere_has_no_place_in_the_completion() -> None:
    program = Program("int x = y;\nint z;", 11)
    for offset in (None, 0, 10):
        assert program.in_completion(Diagnostic("code", "error", "", 1, 1, offset)) is None
    assert program.in_completion(Diagnostic("code", "error", "", 2, 1, 11)) is not None


INFILLING = Task("t", "int f() {\n", prefix="class A {\n  int f() {\n", suffix="}\n", test="class Main {}")


def test_a_program_is_prefix_completion_and_suffix() -> None:
    program = Program.of(INFILLING, "    return 1;\n  }\n")
    assert program.source == "class A {\n  int f() {\n    return 1;\n  }\n}\n"
    assert program.completion == "    return 1;\n  }\n"


def test_without_a_prefix_the_program_begins_with_the_prompt() -> None:
    assert Program.of(Task("t", "int f() {"), "}").source == "int f() {}"


def test_what_stands_after_the_completion_is_not_placed_in_it() -> None:
    program = Program.of(INFILLING, "return 1; }")
    end = len(INFILLING.context) + len("return 1; }")
    assert program.in_completion(Diagnostic("code", "error", "", 1, 1, end)) is not None  # where `;` is missing
    assert program.in_completion(Diagnostic("code", "error", "", 1, 1, end + 1)) is None


def test_the_test_follows_the_program_and_is_no_part_of_the_completion() -> None:
    program = Program.of(INFILLING, "return 1; }")
    tested = program.with_test("class Main {}")
    assert tested.source == program.source + "class Main {}"
    assert tested.test_start == len(program.source)
    assert tested.completion == program.completion


def test_where_the_methods_are_not_known_triviality_is_not_known_either() -> None:
    assert Verdict("accepted").trivial(TASK) is None
    assert Verdict("accepted", methods=()).trivial(TASK) is True  # known, and nothing was written
    assert Verdict("rejected").trivial(TASK) is False
    assert Verdict("accepted").statements(TASK) is None
