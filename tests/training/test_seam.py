"""The seam is wide enough: three algorithms of other kinds, each written here in a few lines, against plain loops.

`docs/adding-an-algorithm.md` shows the code of GSPO and its first test.
"""

from __future__ import annotations

import copy
import math
import statistics
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import pytest
import torch
from torch import Tensor

from rlcf.config.algorithms import AlgorithmTable, PenaltyTable, RolloutsTable
from rlcf.config.table import Count, Positive
from rlcf.models.policy import Policy
from rlcf.training.algorithms import Algorithm, Minibatch, RolloutBatch
from rlcf.training.algorithms.groups import group_relative
from rlcf.training.learner import Learner, TrainingBatch
from tests.tiny import tiny_policy
from tests.training.batches import shake, some_batch

_TEMPERATURE = 0.7
_BETA = 0.3
Change = Callable[[TrainingBatch], TrainingBatch]


class Pairwise(Algorithm):
    """The DPO loss (Rafailov et al., 2023, arXiv 2305.18290) of every pair of a group whose rewards differ."""

    name = "pairwise"

    def advantages(self, rollouts: RolloutBatch) -> Tensor:
        return rollouts.mask

    def loss(self, log_probs: Tensor, minibatch: Minibatch) -> tuple[Tensor, dict[str, float]]:
        margin = _BETA * ((log_probs - minibatch.ref_log_probs) * minibatch.mask).sum(-1)
        same_group = minibatch.groups[:, None] == minibatch.groups[None, :]
        better = same_group & (minibatch.rewards[:, None] > minibatch.rewards[None, :])
        losses = torch.nn.functional.softplus(margin[None, :] - margin[:, None])
        value = (losses * better).sum() / better.sum().clamp(min=1)
        return value, {"policy_loss": float(value.detach()), "pairs": float(better.sum())}


class GSPOConfig(RolloutsTable):
    """Group sequence policy optimisation (Zheng et al., 2025)."""

    name: Literal["gspo"] = "gspo"
    epochs: Count = 2
    clip: Positive = 4e-4
    """The ratio of a whole program is clipped to 1 ± clip. It varies much less than that of a token."""


class GSPO(Algorithm):
    """One probability ratio for each program: the geometric mean of those of its tokens."""

    name = "gspo"

    def advantages(self, rollouts: RolloutBatch) -> Tensor:
        relative = group_relative(rollouts.rewards, rollouts.scored, rollouts.groups, divide_by_deviation=True)
        return relative[:, None] * rollouts.mask

    def loss(self, log_probs: Tensor, minibatch: Minibatch) -> tuple[Tensor, dict[str, float]]:
        lengths = minibatch.mask.sum(-1).clamp(min=1)
        log_ratio = ((log_probs - minibatch.old_log_probs) * minibatch.mask).sum(-1) / lengths
        ratio, clip = log_ratio.exp(), self.config.clip
        advantage = minibatch.advantages.sum(-1) / lengths
        plain, clipped = ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage
        value = -torch.minimum(plain, clipped).mean()
        measured = {"policy_loss": float(value.detach()), "clip_fraction": float((clipped < plain).float().mean())}
        return value, measured


class TakesTurns(Algorithm):
    """REINFORCE on the tokens that the policy wrote; what it was given in between is read and not learnt."""

    name = "takes_turns"

    def advantages(self, rollouts: RolloutBatch) -> Tensor:
        return rollouts.rewards[:, None] * rollouts.mask

    def loss(self, log_probs: Tensor, minibatch: Minibatch) -> tuple[Tensor, dict[str, float]]:
        value = -(minibatch.advantages * log_probs).sum() / minibatch.mask.sum().clamp(min=1)
        return value, {"policy_loss": float(value.detach())}


class AnyTable(PenaltyTable):
    """A table for algorithms that are not registered."""

    name: str = "any"


def _plain(batch: TrainingBatch) -> TrainingBatch:
    return replace(batch, credit_weights=torch.ones_like(batch.credit_weights))


def _gap(batch: TrainingBatch) -> TrainingBatch:
    """With two tokens in the middle of each longer rollout, or its last one, that the policy did not write."""
    mask = batch.action_mask.clone()
    mask[:, 1:3] = 0
    mask[0, int(batch.completions.mask[0].sum()) - 1] = 0
    return _plain(replace(batch, action_mask=mask))


def table_of(algorithm: type[Algorithm], minibatches: int = 1) -> AlgorithmTable:
    """That of an algorithm of this module, for one pass."""
    table = GSPOConfig if algorithm is GSPO else AnyTable
    return table(minibatches=minibatches, max_grad_norm=1e9, epochs=1)


def _step(algorithm: type[Algorithm], batch: TrainingBatch) -> tuple[Policy, dict[str, float], list[Tensor]]:
    """A policy as it was, and what one step on all of the batch measured and did."""
    policy = tiny_policy()
    shake(policy)
    before = copy.deepcopy(policy)
    config = table_of(algorithm)
    measured = Learner(policy, config, _TEMPERATURE, seed=0, algorithm=algorithm(config)).update(batch)
    return before, measured, [p.grad for p in policy.trainable_parameters() if p.grad is not None]


def _log_probs(policy: Policy, batch: TrainingBatch) -> tuple[Tensor, Tensor]:
    own = policy.log_probs(batch.prompts, batch.completions, temperature=_TEMPERATURE).log_probs
    with policy.reference() as model:
        reference = policy.log_probs(batch.prompts, batch.completions, temperature=_TEMPERATURE, model=model).log_probs
    return own, reference


def _scored(batch: TrainingBatch) -> list[int]:
    return [i for i in range(len(batch.rewards)) if batch.scored[i]]


def _actions(batch: TrainingBatch, i: int) -> list[int]:
    return batch.action_mask[i].nonzero().squeeze(-1).tolist()


def _assert_same(policy: Policy, loss: Tensor, measured: dict[str, float], gradients: list[Tensor]) -> None:
    assert measured["policy_loss"] == pytest.approx(float(loss.detach()), abs=1e-5)
    for one, other in zip(torch.autograd.grad(loss, policy.trainable_parameters()), gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("change", [_plain, _gap])
def test_a_pairwise_loss_compares_the_scored_rollouts_of_each_group(change: Change) -> None:
    batch = change(some_batch(tiny_policy()))
    policy, measured, gradients = _step(Pairwise, batch)
    own, reference = _log_probs(policy, batch)
    margins = {i: _BETA * sum(own[i, t] - reference[i, t] for t in _actions(batch, i)) for i in _scored(batch)}
    losses = [
        -torch.nn.functional.logsigmoid(torch.as_tensor(margins[i] - margins[j]))
        for i in margins
        for j in margins
        if batch.groups[i] == batch.groups[j] and batch.rewards[i] > batch.rewards[j]
    ]
    assert measured["pairs"] == len(losses) == 3 + 3 + 6  # groups of 3, 3 and 4 scored rollouts, no two rewards equal
    _assert_same(policy, torch.stack(losses).mean(), measured, gradients)


def test_the_ratio_of_a_program_is_clipped_as_a_whole() -> None:
    log_probs = torch.tensor([[1.44, 1.0], [0.5, 1.0]]).log()
    mask = torch.tensor([[1.0, 1.0], [1.0, 0.0]])
    advantages = torch.tensor([[1.0], [-2.0]]) * mask
    zeros, ones, groups = torch.zeros(2, 2), torch.ones(2, 2), torch.tensor([0, 0])
    minibatch = Minibatch(
        groups=groups,
        rewards=torch.zeros(2),
        scored=torch.tensor([True, True]),
        mask=mask,
        old_log_probs=zeros,
        ref_log_probs=zeros,
        credit_weights=ones,
        values=zeros,
        kl_coefficient=0.0,
        advantages=advantages,
    )
    # The ratios are 1.2, the geometric mean of 1.44 and 1, and 0.5; clipped to 1.1 and 0.9.
    value, measured = GSPO(GSPOConfig(clip=0.1)).loss(log_probs, minibatch)
    assert float(value) == pytest.approx(-(1.1 * 1 + 0.9 * -2) / 2)
    assert measured["clip_fraction"] == 1.0


@pytest.mark.parametrize("change", [_plain, _gap])
def test_a_ratio_for_each_rollout_is_the_mean_over_its_own_tokens(change: Change) -> None:
    batch = change(some_batch(tiny_policy()))
    policy, measured, gradients = _step(GSPO, batch)
    own, _ = _log_probs(policy, batch)
    losses = []
    for i in _scored(batch):
        group = [float(batch.rewards[j]) for j in _scored(batch) if batch.groups[j] == batch.groups[i]]
        advantage = (float(batch.rewards[i]) - statistics.mean(group)) / (statistics.pstdev(group) + 1e-4)
        tokens = _actions(batch, i)
        ratio = torch.as_tensor(sum((own[i, t] - own[i, t].detach()) for t in tokens) / max(1, len(tokens))).exp()
        losses.append(-ratio * (advantage if tokens else 0.0))
    _assert_same(policy, torch.stack(losses).mean(), measured, gradients)


def test_tokens_that_the_policy_did_not_write_are_read_and_not_learnt() -> None:
    batch = _gap(some_batch(tiny_policy()))
    policy, measured, gradients = _step(TakesTurns, batch)
    own, reference = _log_probs(policy, batch)
    tokens = [(i, t) for i in _scored(batch) for t in _actions(batch, i)]
    assert len(tokens) < int((batch.completions.mask * batch.scored[:, None]).sum())
    loss = torch.stack([-float(batch.rewards[i]) * own[i, t] for i, t in tokens]).sum() / len(tokens)
    _assert_same(policy, loss, measured, gradients)
    kl = sum(float((own[i, t] - reference[i, t]).detach()) for i, t in tokens) / len(tokens)
    assert measured["kl"] == pytest.approx(kl, abs=1e-5)


@pytest.mark.parametrize("algorithm", [Pairwise, GSPO, TakesTurns])
def test_none_of_them_can_be_moved_by_what_is_not_scored(algorithm: type[Algorithm]) -> None:
    batch = some_batch(tiny_policy())
    found = []
    for reward in (-7.0, float("nan")):
        rewards = torch.where(batch.scored, batch.rewards, torch.tensor(reward))
        found.append(_step(algorithm, replace(batch, rewards=rewards)))
    assert found[0][1] == found[1][1]
    assert all(math.isfinite(value) for value in found[0][1].values())
    torch.testing.assert_close(found[0][2], found[1][2], atol=0, rtol=0)
