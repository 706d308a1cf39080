"""The built-in tasks keep what they promise."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from rlcf.errors import DataError, SandboxUnavailable
from rlcf.languages.base import Checker
from rlcf.languages.registry import load_language
from rlcf.records import Program, Task
from rlcf.tasks.builtin import load_builtin, parse_tasks, task_families

TASKS = load_builtin("builtin:java")
BY_LANGUAGE = {name: load_builtin(f"builtin:{name}") for name in ("java", "python", "typescript")}
of_each_language = pytest.mark.parametrize("tasks", BY_LANGUAGE.values(), ids=BY_LANGUAGE)


@pytest.mark.parametrize(("language", "least"), [("java", 600), ("python", 70), ("typescript", 70)])
def test_there_are_enough_tasks_with_distinct_ids(language: str, least: int) -> None:
    tasks = BY_LANGUAGE[language]
    assert len(tasks) >= least
    assert len({t.task_id for t in tasks}) == len(tasks)
    assert {t.language for t in tasks} == {language}


def test_more_than_200_tasks_are_easy_and_the_compiler_counts_at_most_five_statements(java_checker: Checker) -> None:
    easy = [t for t in TASKS if (t.source or "").startswith("rlcf easy_")]
    verdicts = java_checker.check([Program.of(t, t.canonical_solution or "").source for t in easy])
    sizes = {t.task_id: v.statements(t) or 0 for t, v in zip(easy, verdicts, strict=True)}
    assert len(easy) > 200
    assert {k: n for k, n in sizes.items() if not 1 <= n <= 5} == {}


@of_each_language
def test_a_fifth_to_a_third_of_the_tasks_is_held_out(tasks: list[Task]) -> None:
    share = sum(t.split == "heldout" for t in tasks) / len(tasks)
    assert 0.2 <= share <= 0.33


@of_each_language
def test_tasks_of_one_family_share_their_split(tasks: list[Task]) -> None:
    families = task_families()
    splits: dict[str, set[str | None]] = {}
    for task in tasks:
        splits.setdefault(families[task.task_id], set()).add(task.split)
    assert {f: s for f, s in splits.items() if len(s) > 1} == {}


@of_each_language
def test_no_held_out_task_is_a_rewording_of_a_training_task(tasks: list[Task]) -> None:
    train = [t for t in tasks if t.split == "train"]
    close = [
        (held.task_id, other.task_id)
        for held in tasks
        if held.split == "heldout"
        for other in train
        if _overlap(_words(held), _words(other)) > 0.6 or _shape(held) == _shape(other)
    ]
    assert close == []


def test_one_statement_has_the_same_shape_with_other_names_and_numbers_and_not_with_another_method() -> None:
    first = _shape(replace(TASKS[0], canonical_solution="return Math.max(low, low + 1);\n    }\n}\n"))
    assert first == _shape(replace(TASKS[0], canonical_solution="return Math.max(age, age + 20);\n    }\n}\n"))
    assert first != _shape(replace(TASKS[0], canonical_solution="return Math.min(low, low + 1);\n    }\n}\n"))
    assert first != _shape(replace(TASKS[0], canonical_solution="return Math.max(low, high + 1);\n    }\n}\n"))


def test_the_compiler_accepts_every_reference_and_finds_none_trivial(java_checker: Checker) -> None:
    verdicts = java_checker.check([Program.of(t, t.canonical_solution or "").source for t in TASKS])
    assert [t.task_id for t, v in zip(TASKS, verdicts, strict=True) if not v.accepted] == []
    trivial = [t.task_id for t, v in zip(TASKS, verdicts, strict=True) if v.trivial(t)]
    assert trivial == []


def test_every_reference_has_one_to_twelve_statements(java_checker: Checker) -> None:
    verdicts = java_checker.check([Program.of(t, t.canonical_solution or "").source for t in TASKS])
    sizes = {t.task_id: v.statements(t) for t, v in zip(TASKS, verdicts, strict=True)}
    assert {k: n for k, n in sizes.items() if not 1 <= n <= 12} == {}


def test_every_stub_compiles_and_is_trivial(java_checker: Checker) -> None:
    java = load_language("java")
    verdicts = java_checker.check([t.prompt + (java.stub(t) or "") for t in TASKS])
    wrong = [t.task_id for t, v in zip(TASKS, verdicts, strict=True) if not v.trivial(t)]
    assert wrong == []


def test_every_reference_passes_its_tests_and_no_stub_does(jdk: None) -> None:
    java = load_language("java")
    programs = [t.prompt + (t.canonical_solution or "") + (t.test or "") for t in TASKS]
    stubs = [t.prompt + (java.stub(t) or "") + (t.test or "") for t in TASKS[::5]]
    try:
        with java.runner(workers=2) as runner:
            executions = runner.run(programs + stubs)
    except SandboxUnavailable as error:
        pytest.skip(f"no sandbox: {error}")
    of_references, of_stubs = executions[: len(TASKS)], executions[len(TASKS) :]
    assert [(t.task_id, e) for t, e in zip(TASKS, of_references, strict=True) if not e.passed] == []
    assert [e for e in of_stubs if e.passed] == []


def test_a_reference_ends_where_the_language_says_the_program_ends() -> None:
    java = load_language("java")
    for task in TASKS:
        solution = task.canonical_solution or ""
        assert java.program_end(task.prompt, solution) == len(solution.rstrip())


def test_a_task_without_a_solution_line_is_an_error_that_names_it() -> None:
    text = "//// task: half; family: x; split: train\nclass Half {\n//// test\ntrue\n"
    with pytest.raises(DataError, match=r"x\.tasks: task 'half' needs one"):
        parse_tasks(text, "x.tasks", "java")


def test_an_unknown_set_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(DataError, match="builtin:java"):
        load_builtin("builtin:cobol")


def _words(task: Task) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", (task.description or "").lower()))


def _overlap(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b)


def _shape(task: Task) -> str:
    """The reference with its own names blanked out: equal for a task that was only renamed.

    Of one statement this would leave `return x.x(x)`, the shape of half of the easy tasks. So there, names of methods
    and classes are kept, and variables and numbers are blanked out, the same variable by the same number.
    """
    solution = task.canonical_solution or ""
    if (solution.count("\n") if task.language == "python" else solution.count(";")) == 1:
        names: dict[str, int] = {}
        numbered = re.sub(_VARIABLE, lambda m: f"x{names.setdefault(m[0], len(names))}", solution)
        return re.sub(r"\b\d+(\.\d+)?", "0", numbered)
    kept = {"int", "return", "for", "if", "while", "length", "size", "charAt", "add", "put", "get", "Math"}
    return re.sub(r"[A-Za-z_]\w*", lambda m: m[0] if m[0] in kept else "x", solution)


_VARIABLE = r"(?<![.\w])[a-z_]\w*\b(?!\s*\()"
"""A name that is not that of a method, class or field; keywords too, which does no harm."""
