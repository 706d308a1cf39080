"""RAFT imitates the best of each group, and nothing else."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch

from rlcf.config import make_recipe
from rlcf.training.algorithms.raft import best_of_group
from rlcf.training.learner import Learner, TrainingBatch
from tests.tiny import tiny_policy
from tests.training.batches import some_batch

_TEMPERATURE = 0.7
_NAN = float("nan")


def test_the_best_of_a_group_is_kept_whatever_an_unscored_one_holds() -> None:
    rewards, groups = torch.tensor([1.0, 0.0, 9.0, 0.5, -1.0]), torch.tensor([0, 0, 0, 1, 1])
    scored = torch.tensor([True, True, False, True, True])
    assert best_of_group(rewards, scored, groups).tolist() == [1, 0, 0, 1, 0]


def test_rollouts_that_tie_for_the_best_share_the_weight_of_one() -> None:
    rewards, groups = torch.tensor([1.0, 1.0, 1.0, -1.0, 1.0, -1.0]), torch.tensor([0, 0, 0, 0, 1, 1])
    scored = torch.tensor([True, True, False, True, True, True])
    assert best_of_group(rewards, scored, groups).tolist() == [0.5, 0.5, 0, 0, 1, 0]


def test_a_group_of_equals_has_no_best_and_neither_has_one_without_a_scored_rollout() -> None:
    rewards, groups = torch.tensor([0.5, 0.5, 1.0, 2.0, 3.0]), torch.tensor([0, 0, 1, 1, 2])
    scored = torch.tensor([True, True, True, False, False])
    assert not best_of_group(rewards, scored, groups).any()


def _update(batch: TrainingBatch, **settings: Any) -> tuple[Any, dict[str, float], list[torch.Tensor]]:
    policy = tiny_policy()
    before = copy.deepcopy(policy)
    config = make_recipe({"algorithm": {"name": "raft", "minibatches": 1, "max_grad_norm": 1e9, **settings}}).algorithm
    measured = Learner(policy, config, _TEMPERATURE, seed=0).update(batch)
    return before, measured, [p.grad for p in policy.trainable_parameters() if p.grad is not None]


def _with_rewards(*rewards: float) -> TrainingBatch:
    """Of three groups of four; NaN: not scored."""
    batch = some_batch(tiny_policy())
    return replace(batch, rewards=torch.tensor(rewards), scored=~torch.tensor(rewards).isnan())


def test_a_step_is_the_cross_entropy_of_the_best_written_as_loops() -> None:
    # The first group has one best, the second two; in the third all are rejected but for one that no tool scored.
    batch = _with_rewards(0.2, -1, 0.7, _NAN, 1, -1, 1, 0.9, -1, -1, _NAN, -1)
    policy, measured, gradients = _update(batch)
    own = policy.log_probs(batch.prompts, batch.completions, temperature=_TEMPERATURE).log_probs
    loss, weights = torch.zeros(()), 0.0
    for i, weight in ((2, 1.0), (4, 0.5), (6, 0.5)):
        for t in range(int(batch.completions.mask[i].sum())):
            loss, weights = loss - weight * own[i, t], weights + weight
    loss = loss / weights
    assert measured["policy_loss"] == pytest.approx(float(loss.detach()), abs=1e-5)
    for one, other in zip(torch.autograd.grad(loss, policy.trainable_parameters()), gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize(
    ("rewards", "settings"),
    [
        ((-1, -1, -1, _NAN, -1, -1, -1, -1, -1, -1, -1, -1), {}),
        ((-1, -1.2, -1.2, _NAN, -1, -1, -1.1, -1, _NAN, -1, -1, -1), {}),  # even where a rejection is not the lowest
        ((-0.9, -1, -1, -0.9, -1, -0.9, -1, -1, -1, -1, -1, -1), {"imitate_above": -0.9}),
    ],
)
def test_a_group_whose_best_is_rejected_or_ruled_out_moves_nothing(
    rewards: tuple[float, ...], settings: dict[str, Any]
) -> None:
    _, measured, gradients = _update(_with_rewards(*rewards), **settings)
    assert gradients == []
    assert "policy_loss" not in measured
    assert "kl" not in measured or measured["kl"] == pytest.approx(0.0, abs=1e-5)
