"""The reward function as TRL calls it."""

from __future__ import annotations

import pytest

import rlcf
from rlcf.errors import DataError
from rlcf.integrations.trl import grounding_reward
from rlcf.tasks.builtin import load_builtin

TASKS = load_builtin("builtin:java")[:2]


@pytest.mark.usefixtures("jdk")
def test_rewards_come_in_order_and_ignore_what_is_sampled_behind_the_program() -> None:
    first, second = TASKS
    with rlcf.Grounding.load(mode="compiler") as grounding:
        reward = grounding_reward(grounding, TASKS)
        rewards = reward(
            prompts=[first.prompt, second.prompt, second.prompt],
            completions=[
                (first.canonical_solution or "") + "\nand then some",
                "nonsense",
                [{"role": "assistant", "content": second.canonical_solution}],
            ],
            task_id=[first.task_id, second.task_id, second.task_id],
            completion_ids=[[1], [2], [3]],
        )
    assert rewards == [1.0, -1.0, 1.0]


def test_a_task_that_was_not_given_is_named() -> None:
    with rlcf.Grounding.load(mode="compiler") as grounding, pytest.raises(DataError, match="'Java/none'"):
        grounding_reward(grounding, TASKS)(completions=["x"], task_id=["Java/none"])
