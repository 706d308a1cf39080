"""The judge that reads with a frozen language model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import rlcf
from rlcf.config import GroundingConfig
from rlcf.errors import ModelError
from rlcf.grounding.judge import AlignedJudge, load_judge
from rlcf.models.policy import Policy
from rlcf.records import Task
from rlcf.tasks.brevity import brevity_penalty
from rlcf.tasks.builtin import load_builtin
from tests.tiny import TASK, tiny_policy

JAVA = rlcf.load_language("java")
JUDGE_ALONE = GroundingConfig(workers=1, components={"judge": 1.0})


@pytest.fixture(scope="module")
def judge(builtin_model: str) -> AlignedJudge:
    return AlignedJudge.load(builtin_model, 0.6)


def _held_out(count: int) -> list[Task]:
    tasks = [t for t in load_builtin("builtin:java") if t.split == "heldout"]
    return [t for t in tasks if (t.canonical_solution or "").count(";") > 3][:count]


def test_the_reference_has_preference_0_and_all_else_less(judge: AlignedJudge) -> None:
    examples = [judge.example(JAVA, t, t.canonical_solution or "") for t in _held_out(8)]
    assert judge.preference(examples).tolist() == [0.0] * 8
    assert (judge.preference(examples, "stub") < -0.5).all()


def test_a_near_miss_is_worth_more_than_another_tasks_solution(judge: AlignedJudge) -> None:
    tasks = _held_out(8)
    near = [judge.example(JAVA, t, (t.canonical_solution or "").replace("+", "-")) for t in tasks]
    far = [judge.example(JAVA, t, tasks[i - 1].canonical_solution or "") for i, t in enumerate(tasks)]
    assert (judge.preference(near) > judge.preference(far)).float().mean() >= 0.75


def test_comments_strings_helpers_and_layout_are_not_read(judge: AlignedJudge) -> None:
    task = Task("f", "class A {\n    static int f(int a) {\n", canonical_solution="        return a + 1;\n    }\n}")
    plain = "        int b = a;\n        return b + 2;\n    }\n}"
    dressed = "        int b = a; // return a + 1\n\n        return b + 2;\n    }\n    int g() { return 1; }\n}"
    one, other = judge.example(JAVA, task, plain), judge.example(JAVA, task, dressed)
    assert one.program == other.program
    said = judge.example(JAVA, task, '        String s = "return a + 1"; return 2;\n    }\n}')
    assert '""' in said.program


def test_what_is_judged_does_not_depend_on_what_is_judged_beside(judge: AlignedJudge) -> None:
    examples = [judge.example(JAVA, t, "        int x = 1;\n    }\n}") for t in _held_out(4)]
    together = judge.preference(examples)
    judge._cache.clear()
    alone = torch.cat([judge.preference([e]) for e in reversed(examples)])
    assert torch.equal(together, alone.flip(0))


def test_it_is_saved_by_the_name_of_its_model(judge: AlignedJudge, tmp_path: Path, jdk: None) -> None:
    [task] = _held_out(1)
    with rlcf.Grounding(JUDGE_ALONE, judge) as grounding:
        grounding.save(tmp_path)
        expected = grounding.score([task], [task.canonical_solution or ""])
    with rlcf.Grounding.load(tmp_path) as loaded:
        assert loaded.score([task], [task.canonical_solution or ""]) == expected


def test_the_judge_of_a_policy_reads_with_the_model_that_training_started_from() -> None:
    policy: Policy = tiny_policy()
    judge = AlignedJudge.of_policy(policy, 0.5)
    example = [judge.example(JAVA, TASK, "b;}}")]
    before = judge.preference(example)
    with torch.no_grad():
        for weights in policy.trainable_parameters():
            weights.zero_()
    policy.fix_reference()
    assert torch.equal(AlignedJudge.of_policy(policy, 0.5).preference(example), before)


def test_a_model_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "judge.json").write_text('{"name": "aligned", "source": "/nowhere", "layer": 0.5}', encoding="utf-8")
    with pytest.raises(ModelError, match="'/nowhere'") as error:
        load_judge(tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("jdk")
def test_what_was_copied_from_its_file_earns_what_a_stub_earns_unless_the_reference_is_a_copy(
    judge: AlignedJudge,
) -> None:
    squares = " int sum = 0; for (int value : values) { sum += value * value; } return sum; }"
    cubes = squares.replace("value * value", "value * value * value").replace("sum", "all")
    start = f"class A {{ static int f(int[] values) {{{squares}\n static int g(int[] values) {{"
    task = Task("A.g", start, suffix="\n}", canonical_solution=cubes, path="A.java", entry_point="g")
    overload = replace(task, canonical_solution=squares.replace("sum = 0", "sum = 1"))
    with rlcf.Grounding(JUDGE_ALONE, judge) as grounding:
        hidden = squares.replace("return", "/* the sum of all the cubes of the values that are given */ return")
        copied, dressed, own, asked = grounding.score(
            [task, task, task, overload], [squares, hidden, cubes.replace("0", "1"), squares]
        )
    assert copied.reward == dressed.reward == -0.9
    assert copied.verdict is not None
    assert (copied.verdict.status, copied.trivial) == ("accepted", False)
    assert own.reward is not None
    assert own.reward > 0
    assert asked.reward is not None
    assert asked.reward > 0


@pytest.mark.usefixtures("jdk")
def test_in_a_file_a_short_call_of_a_neighbour_keeps_little_of_what_it_earns(judge: AlignedJudge) -> None:
    sums = " int sum = 0; for (int value : values) { sum += value * value; } return sum; }"
    start = "class A {\n static int f(int[] values) { return values.length; }\n static int g(int[] values) {"
    in_file = Task("A.g", start, suffix="\n}", canonical_solution=sums, path="A.java", entry_point="g")
    alone = replace(in_file, path=None)
    call, padded = " return f(values); }", " return f(values); /* int sum = 0; for (int v : values) sum += v; */ }"
    as_long = sums.replace("value * value", "value + 1")
    asked = [(task, text) for task in (in_file, alone) for text in (call, padded, as_long, sums)]
    with rlcf.Grounding(JUDGE_ALONE, judge) as grounding:
        rewards = [s.reward for s in grounding.score([t for t, _ in asked], [text for _, text in asked])]
    assert None not in rewards
    [short, hidden, right_length, reference], free = rewards[:4], rewards[4:]
    assert hidden <= short  # what a comment leaves is white space
    assert short == pytest.approx(-0.9 + (free[0] + 0.9) * brevity_penalty(JAVA, in_file, call))
    assert [right_length, reference] == free[2:]
    assert reference == 1
