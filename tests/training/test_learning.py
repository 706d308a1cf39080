"""Every algorithm learns: from real verdicts and from nothing else, or from references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from rlcf.config import Recipe, make_recipe
from rlcf.config.algorithms import ReferencesTable
from rlcf.generation.torch_engine import TorchEngine
from rlcf.grounding import Grounding
from rlcf.models.policy import Policy
from rlcf.training.learner import Learner, TrainingBatch
from rlcf.training.references import reference_batch
from rlcf.training.rollouts import roll_out
from tests.tiny import TASK, tiny_policy, tiny_t5

_ALGORITHMS: dict[str, dict[str, Any]] = {
    "ppo": {"learning_rate": 1e-2, "kl_coefficient": 0.02, "minibatches": 1},
    "grpo": {"learning_rate": 1e-2, "kl_coefficient": 0.02, "minibatches": 1, "epochs": 2},
    "grpo as published": {
        "learning_rate": 1e-2,
        "kl_coefficient": 0.02,
        "minibatches": 1,
        "epochs": 2,
        "divide_by_deviation": True,
        "divide_by_length": True,
    },
    "rloo": {"learning_rate": 2e-2, "kl_coefficient": 0.02},  # takes one step where the others take two
    "raft": {"learning_rate": 2e-2, "minibatches": 1, "epochs": 2},
    "sft": {"learning_rate": 1e-2, "epochs": 2},
}
_UPDATES = 10
_MODELS: dict[str, Callable[[], Policy]] = {"decoder-only": tiny_policy, "encoder-decoder": tiny_t5}


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize("model", _MODELS)
@pytest.mark.parametrize("algorithm", _ALGORITHMS)
def test_the_reward_rises(algorithm: str, model: str) -> None:
    rewards = _train(lambda batch: batch, algorithm, _MODELS[model]())
    assert sum(rewards[:2]) / 2 < 0.0
    assert sum(rewards[-3:]) / 3 > 0.7


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize(
    ("algorithm", "model"),
    [*((name, "decoder-only") for name in ("ppo", "grpo", "rloo", "raft")), ("grpo", "encoder-decoder")],
)
def test_the_reward_does_not_rise_when_it_is_shuffled_among_the_rollouts(algorithm: str, model: str) -> None:
    generator = torch.Generator().manual_seed(0)

    def shuffled(batch: TrainingBatch) -> TrainingBatch:
        order = torch.randperm(len(batch.rewards), generator=generator)
        return replace(batch, rewards=batch.rewards[order], credit_weights=batch.credit_weights[order])

    rewards = _train(shuffled, algorithm, _MODELS[model]())
    assert sum(rewards[-3:]) / 3 < sum(rewards[:3]) / 3 + 0.5


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize(
    ("algorithm", "model"),
    [*((name, "decoder-only") for name in ("ppo", "grpo", "rloo", "raft")), ("ppo", "encoder-decoder")],
)
def test_rollouts_that_no_tool_scored_do_not_move_the_policy(algorithm: str, model: str) -> None:
    def unscored(batch: TrainingBatch) -> TrainingBatch:
        return replace(batch, scored=torch.zeros_like(batch.scored))

    policy = _MODELS[model]()
    before = policy.trainable_state()
    _train(unscored, algorithm, policy, updates=1)
    assert all(torch.equal(before[name], value) for name, value in policy.trainable_state().items())


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize("algorithm", ["ppo", "grpo", "grpo as published", "rloo", "raft"])
def test_rollouts_that_nothing_is_learnt_from_do_not_move_the_policy(algorithm: str) -> None:
    """As in an update all of whose rollouts are truncated, with `mask_truncated`."""

    def masked(batch: TrainingBatch) -> TrainingBatch:
        assert len(set(batch.rewards.tolist())) > 1
        return replace(batch, learnt=torch.zeros_like(batch.learnt))

    policy = tiny_policy()
    before = policy.trainable_state()
    _train(masked, algorithm, policy, updates=1)
    assert all(torch.equal(before[name], value) for name, value in policy.trainable_state().items())


def _train(
    change: Callable[[TrainingBatch], TrainingBatch], name: str, policy: Policy, updates: int = _UPDATES
) -> list[float]:
    """Mean reward of each update's rollouts, as the grounding function gave it."""
    recipe = _recipe(name)
    learner = Learner(policy, recipe.algorithm, 1.0, seed=0)
    engine = TorchEngine(policy)
    means = []
    with Grounding(recipe.grounding, None) as grounding:
        for update in range(1, updates + 1):
            rollouts = roll_out(policy, engine, grounding, [TASK], recipe, update, lambda _: None)
            rewards = [r.score.reward for r in rollouts.rollouts if r.score.reward is not None]
            assert len(rewards) == recipe.train.group_size
            means.append(sum(rewards) / len(rewards))
            if isinstance(recipe.algorithm, ReferencesTable):
                learner.update(reference_batch(policy, grounding.language, [TASK], recipe.algorithm.max_tokens))
            else:
                learner.update(change(rollouts.batch(policy)))
    return means


def _recipe(name: str) -> Recipe:
    return make_recipe(
        {
            "generation": {"max_new_tokens": 6, "temperature": 1.0},
            "grounding": {"mode": "compiler", "workers": 1},
            "algorithm": {"name": name.split()[0], **_ALGORITHMS[name]},
            "train": {"group_size": 48},
        }
    )
