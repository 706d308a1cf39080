"""MathQA's rows as tasks: the benchmark's form, the option marked as correct, and what is left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import rlcf
from rlcf.errors import DataError, SandboxUnavailable, UserError
from rlcf.languages.base import Checker
from rlcf.records import Task
from rlcf.tasks.loading import load_tasks
from rlcf.tasks.mathqa import read_mathqa
from rlcf.tasks.mathqa.answers import marked_answer
from rlcf.tasks.mathqa.conversion import numbers_of, prompt_of, without_numbers
from rlcf.tasks.mathqa.notation import notation
from tests.conftest import SHARED_DATA

TRAINING, BENCHMARK = SHARED_DATA / "mathqa-dev.jsonl", SHARED_DATA / "mathqa-java.jsonl"
needs_data = pytest.mark.skipif(not TRAINING.exists(), reason=f"MathQA is not at {SHARED_DATA}")

ROW = {
    "Problem": "what is 20 % of 1,500 apples ?",
    "Rationale": "a fifth",
    "options": "a ) 30 , b ) 150 , c ) 300 , d ) 600 , e ) none",
    "correct": "c",
    "linear_formula": "multiply(n0,n1)|divide(#0,const_100)|",
}


def _write(path: Path, *changes: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(ROW | change) + "\n" for change in changes), encoding="utf-8")
    return path


def test_a_row_becomes_a_task_in_the_benchmarks_form(tmp_path: Path) -> None:
    [task] = read_mathqa(_write(tmp_path / "dev.jsonl", {})).tasks
    assert task.prompt == (
        "\nimport java.io.*;\nimport java.lang.*;\nimport java.util.*;\nimport java.math.*;\n\n\n"
        "class Problem {\n\n    /**\n     * what is 20 % of 1,500 apples ? n0 = 20.0 n1 = 1500.0\n     */\n"
        "    public static double problem() {\n"
    )
    assert (task.task_id, task.entry_point, task.split) == ("dev/1", "problem", "train")
    assert task.description == ROW["Problem"]
    assert "return t0 / 100.0;" in (task.canonical_solution or "")
    assert "answer - 300.0" in (task.test or "")


def test_a_row_becomes_a_task_in_python_and_in_typescript(tmp_path: Path) -> None:
    file = _write(tmp_path / "dev.jsonl", {})
    made = {language: read_mathqa(file, language=language).tasks[0] for language in ("python", "typescript")}
    assert {language: task.language for language, task in made.items()} == {k: k for k in made}
    comment = "what is 20 % of 1,500 apples ? n0 = 20.0 n1 = 1500.0"
    assert made["python"].prompt == f'def problem():\n    """\n    {comment}\n    """\n'
    assert (
        made["python"].canonical_solution == "    n0 = 20.0\n    n1 = 1500.0\n    t0 = n0 * n1\n    return t0 / 100.0\n"
    )
    assert made["typescript"].prompt == f"/**\n * {comment}\n */\nfunction problem(): number {{\n"
    assert all("answer - 300.0" in (task.test or "") for task in made.values())


def test_a_language_without_a_notation_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="language of MathQA tasks 'cobol': known are java, python, typescript"):
        read_mathqa(_write(tmp_path / "dev.jsonl", {}), language="cobol")


def test_a_problem_cannot_end_its_own_docstring(tmp_path: Path) -> None:
    problem = '""" 1 \\'
    [task] = read_mathqa(_write(tmp_path / "dev.jsonl", {"Problem": f"{problem} 30"}), language="python").tasks
    found: dict[str, Any] = {}
    exec(compile(task.prompt + (task.canonical_solution or ""), "program", "exec", dont_inherit=True), found)
    assert found["problem"]() == 0.3
    assert "''' 1 \\ 30" in found["problem"].__doc__


def test_a_problem_of_a_benchmark_in_python_is_left_out_by_its_docstring(tmp_path: Path) -> None:
    held = Task("x", prompt_of("what is 7 % of 80 apples ?", notation("python")), language="python")
    made = read_mathqa(_write(tmp_path / "dev.jsonl", {}, {"Problem": "what is 20 % of 1,500 pears ?"}), [held])
    assert [t.task_id for t in made.tasks] == ["dev/2"]


def test_a_formula_that_misses_the_marked_option_is_a_reference_without_a_test(tmp_path: Path) -> None:
    missed = read_mathqa(_write(tmp_path / "dev.jsonl", {"correct": "d"})).tasks[0]
    assert missed.test is None
    assert missed.canonical_solution


@pytest.mark.parametrize(
    ("option", "value", "agrees", "differs"),
    [
        ("rs . 1,250", 1250, [1250.0, 1249.5], [1251.0, 1230.0]),
        ("$ 0.27", 0.27, [0.27, 0.2699], [0.28, 0.25]),
        ("31 / 36", 31 / 36, [0.8611111111], [0.86, 0.875]),
        ("16 2 / 3 %", 50 / 3, [16.6666666667], [16.0, 17.0]),
        ("2 : 3", 2 / 3, [2 / 3], [0.67]),
        ("− 4.5", -4.5, [-4.5], [4.5, -5.0]),
        ("15 cm ^ 2", 15, [15.0], [152.0, 225.0]),
        (". 09", 0.09, [0.09], [9.0, 0.0]),
        ("5", 5, [5.0], [5.5, 4.6]),
        ("0", 0, [0.0], [0.5, -0.01]),
    ],
)
def test_an_option_is_matched_as_exactly_as_it_is_written(
    option: str, value: float, agrees: list[float], differs: list[float]
) -> None:
    answer = marked_answer(f"a ) 7 , b ) {option} , c ) 9", "b")
    assert answer is not None
    assert answer.value == pytest.approx(value)
    assert [answer.agrees(v) for v in agrees + differs] == [True] * len(agrees) + [False] * len(differs)


@pytest.mark.parametrize(
    "option", ["none", "18 and 19", "4 π", "16 √ 2 m", "10 ^ 20", "1 hr 6 min", "25,26", "x / 2", "3 / 0", ""]
)
def test_an_option_that_is_no_single_number_matches_nothing(option: str) -> None:
    assert marked_answer(f"a ) {option} , b ) 9", "a") is None


def test_the_options_may_be_written_as_a_list_or_with_their_labels_twice() -> None:
    values = [
        marked_answer("['a ) 13 1 / 2', 'b ) 20']", "a"),
        marked_answer("a ) a ) 270 , b ) b ) 280", "b"),
        marked_answer("a ) 1 , b ) 2", "e"),
    ]
    assert [v and v.value for v in values] == [13.5, 280.0, None]


def test_numbers_are_taken_in_order_without_sign_and_with_their_thousands() -> None:
    text = "- 3.5 of 1,200 at 2 / 3 , then x2 and 10,20 by 1,000,000.25"
    assert numbers_of(text) == [3.5, 1200.0, 2.0, 3.0, 2.0, 10.0, 20.0, 1000000.25]


def test_a_problem_to_evaluate_on_is_left_out_also_with_other_numbers_and_signs(tmp_path: Path) -> None:
    file = _write(
        tmp_path / "dev.jsonl",
        {},
        {"Problem": "what is 35 % of 2,000.5 apples"},
        {"Problem": "what is 20 % of 1,500 pears ?"},
        {"Problem": "if 2 apples cost 3 , what do 5 cost ?"},
    )
    held = Task("x", prompt_of("what is 7 % of 80 apples ?", notation("java")))
    described = Task("y", "class A {", description="If 1 apples cost 2, what do 3 cost?")
    made = read_mathqa(file, [held, described])
    assert [t.task_id for t in made.tasks] == ["dev/3"]
    assert (made.rows, sum(made.dropped.values())) == (4, 3)


def test_rows_that_become_no_task_are_counted_by_reason(tmp_path: Path) -> None:
    file = _write(
        tmp_path / "dev.jsonl",
        {},
        {},
        {"Problem": "a 1 2", "linear_formula": "cube_root(n0)"},
        {"Problem": "b 1 2", "linear_formula": "cube_root(n1)"},
        {"Problem": "c 1 0", "linear_formula": "divide(n0,n1)"},
    )
    made = read_mathqa(file)
    assert len(made.tasks) == 1
    assert made.dropped == {
        "the same text as an earlier row": 1,
        "unknown operation 'cube_root'": 2,
        "the formula has no finite value": 1,
    }


def test_the_published_array_is_read_as_well(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text(json.dumps([ROW, ROW | {"Problem": "double 2 and 3"}]), encoding="utf-8")
    assert [t.task_id for t in read_mathqa(tmp_path / "dev.json").tasks] == ["dev/1", "dev/2"]


def test_a_problem_cannot_end_its_own_comment(tmp_path: Path, java_checker: Checker) -> None:
    file = _write(tmp_path / "dev.jsonl", {"Problem": "*/ of 20 \\u002a/ and \\uxyz 30 ?"})
    [task] = read_mathqa(file).tasks
    [verdict] = java_checker.check([task.prompt + (task.canonical_solution or "")])
    assert verdict.accepted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"task_id": "a", "prompt": "b"}\n', r":1: expected a row of MathQA, whose field 'Problem' is"),
        (
            json.dumps(ROW) + "\n" + json.dumps(ROW | {"linear_formula": 3}),
            r":2: .* whose field 'linear_formula' is a string",
        ),
        (json.dumps(ROW) + "\n{", r":2: not JSON"),
        ("[3]", r":1: expected a row of MathQA"),
        ("[" * 100_000, r"dev\.jsonl:1: not JSON"),
        (json.dumps(ROW | {"linear_formula": "cube_root(n0)"}), r"none of its 1 rows .* unknown operation 'cube_root'"),
        ("", r"none of its 0 rows"),
    ],
)
def test_a_file_that_is_not_mathqas_is_named_by_line_and_field(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "dev.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        read_mathqa(tmp_path / "dev.jsonl")
    assert str(tmp_path / "dev.jsonl") in str(caught.value)


@needs_data
def test_the_benchmarks_own_prompts_come_out_of_their_texts_character_for_character() -> None:
    differ = [t.task_id for t in load_tasks(BENCHMARK) if prompt_of(t.description or "", notation("java")) != t.prompt]
    assert len(differ) == 1  # MathQA-X replaced the word "python" in one problem, but not in its description


@needs_data
def test_no_problem_of_the_benchmark_is_trained_on() -> None:
    benchmark = load_tasks(BENCHMARK)
    made = read_mathqa(TRAINING, benchmark)
    assert (made.rows, len(made.tasks), sum(t.test is not None for t in made.tasks)) == (4475, 3441, 2015)
    evaluated = {without_numbers(t.description or "") for t in benchmark}
    assert evaluated.isdisjoint(without_numbers(t.description or "") for t in made.tasks)


@needs_data
@pytest.mark.usefixtures("jdk")
def test_references_are_accepted_and_pass_where_they_have_a_test() -> None:
    tested = [t for t in read_mathqa(TRAINING).tasks if t.test is not None][::48][:60]
    assert len(tested) == 60
    try:
        with rlcf.load_language("java").runner(workers=1) as runner:
            executions = runner.run([t.prompt + (t.canonical_solution or "") + (t.test or "") for t in tested])
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    assert [t.task_id for t, e in zip(tested, executions, strict=True) if not e.passed] == []


@needs_data
def test_references_without_a_test_are_accepted_too(java_checker: Checker) -> None:
    untested = [t for t in read_mathqa(TRAINING).tasks if t.test is None][::27][:60]
    verdicts = java_checker.check([t.prompt + (t.canonical_solution or "") for t in untested])
    assert [t.task_id for t, v in zip(untested, verdicts, strict=True) if not v.accepted] == []
