"""Rollouts: what is sampled, and what cannot be."""

from __future__ import annotations

import pytest

from rlcf.config import make_recipe
from rlcf.errors import ConfigError
from rlcf.generation.engine import Sample
from rlcf.generation.torch_engine import TorchEngine
from rlcf.grounding import Grounding
from rlcf.records import Score
from rlcf.training.rollouts import Rollout, Rollouts, draw_tasks, roll_out
from tests.tiny import TASK, tiny_policy
from tests.training.together import TASKS


def test_a_prompt_that_does_not_fit_into_the_models_context_is_one_line() -> None:
    policy, recipe = tiny_policy(), make_recipe({"grounding": {"mode": "compiler"}})
    policy.model.config.max_position_embeddings = 100
    with (
        Grounding(recipe.grounding, None) as grounding,
        pytest.raises(ConfigError, match=r"task 'tiny': 12 tokens of prompt and up to 96 new ones do not fit") as error,
    ):
        roll_out(policy, TorchEngine(policy), grounding, [TASK], recipe, 1, lambda _: None)
    assert "\n" not in str(error.value)


def test_each_task_is_drawn_before_any_comes_again_whatever_the_number_of_an_update() -> None:
    drawn = [t.task_id for update in range(1, 6) for t in draw_tasks(TASKS, 3, update, seed=1)]
    assert all(sorted(drawn[i : i + 5]) == sorted(t.task_id for t in TASKS) for i in (0, 5, 10))
    assert len({tuple(drawn[i : i + 5]) for i in (0, 5, 10)}) > 1
    assert [t.task_id for t in draw_tasks(TASKS, 3, 4, seed=1)] == drawn[9:12]


def test_without_shuffling_tasks_are_drawn_in_the_order_of_their_file() -> None:
    drawn = [t for update in range(1, 5) for t in draw_tasks(TASKS, 3, update, seed=1, shuffle=False)]
    assert drawn == [*TASKS, *TASKS, *TASKS][:12]


def test_nothing_is_learnt_from_rollouts_that_are_cut_where_they_are_masked() -> None:
    policy = tiny_policy()
    ended, ended_too_early, cut = (
        Sample("x", (5, 6, 7), finished=True),
        Sample("x", (5, 6, 7), finished=False),
        Sample("x", (5, 6, 7), finished=False, truncated=True),
    )
    rollouts = Rollouts([Rollout(TASK, (5, 6), sample, Score(-1.0)) for sample in (ended, ended_too_early, cut)])
    assert rollouts.batch(policy).learnt.tolist() == [True, True, True]
    masked = rollouts.batch(policy, mask_truncated=True)
    assert masked.learnt.tolist() == [True, True, False]
    assert masked.scored.tolist() == [True, True, True]  # its reward is compared all the same
