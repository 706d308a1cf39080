"""The judge that reads with a frozen language model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import rlcf
from rlcf.config import GroundingConfig
from rlcf.errors import ModelError
from rlcf.grounding.judge import AlignedJudge, Example, load_judge
from rlcf.models.policy import Policy
from rlcf.records import Task
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


def test_the_reference_has_preference_0_and_a_stub_less(judge: AlignedJudge) -> None:
    tasks = _held_out(8)
    examples = [Example.of(JAVA, t, t.canonical_solution or "") for t in tasks]
    assert judge.preference(examples).tolist() == [0.0] * 8
    assert (judge.value(examples, "stub") < judge.value(examples, "reference")).float().mean() >= 0.75


def test_another_tasks_solution_is_worth_less_than_the_reference_with_other_names(judge: AlignedJudge) -> None:
    tasks = _held_out(8)
    near = [Example.of(JAVA, t, (t.canonical_solution or "").replace("result", "answer")) for t in tasks]
    far = [Example.of(JAVA, t, tasks[i - 1].canonical_solution or "") for i, t in enumerate(tasks)]
    assert (judge.value(near, "program") > judge.value(far, "program")).all()


def test_values_do_not_depend_on_what_is_judged_beside(judge: AlignedJudge) -> None:
    examples = [Example.of(JAVA, t, JAVA.stub(t) or "") for t in _held_out(4)]
    together = judge.value(examples, "program")
    again = torch.cat([AlignedJudge.value(judge, [e], "program") for e in reversed(examples)])
    assert torch.equal(together, again.flip(0))


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
    example = [Example.of(JAVA, TASK, "b;}}")]
    before = judge.value(example, "program")
    with torch.no_grad():
        for weights in policy.trainable_parameters():
            weights.zero_()
    assert torch.equal(AlignedJudge.of_policy(policy, 0.5).value(example, "program"), before)


def test_a_model_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "judge.json").write_text('{"name": "aligned", "source": "/nowhere", "layer": 0.5}', encoding="utf-8")
    with pytest.raises(ModelError, match="'/nowhere'") as error:
        load_judge(tmp_path)
    assert "\n" not in str(error.value)
