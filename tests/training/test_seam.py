"""The seam is wide enough: three algorithms of other kinds, each written here in a few lines, against plain loops."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from rlcf.config.algorithms import PenaltyTable
from rlcf.models.policy import Policy
from rlcf.training.algorithms import Algorithm, Minibatch, RolloutBatch
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


class PerSequence(Algorithm):
    """GSPO (Zheng et al., 2025, arXiv 2507.18071): one ratio for each rollout, the geometric mean of its tokens'."""

    name = "per_sequence"
    clip = 0.2

    def advantages(self, rollouts: RolloutBatch) -> Tensor:
        of_group = rollouts.groups[:, None] == rollouts.groups[None, :]
        others = (of_group & rollouts.scored[None, :]).to(rollouts.rewards)
        mean = others @ rollouts.rewards / others.sum(-1).clamp(min=1)
        return (rollouts.rewards - mean)[:, None] * rollouts.mask

    def loss(self, log_probs: Tensor, minibatch: Minibatch) -> tuple[Tensor, dict[str, float]]:
        lengths = minibatch.mask.sum(-1).clamp(min=1)
        ratio = (((log_probs - minibatch.old_log_probs) * minibatch.mask).sum(-1) / lengths).exp()
        advantage = minibatch.advantages.sum(-1) / lengths
        clipped = ratio.clamp(1 - self.clip, 1 + self.clip)
        value = -torch.minimum(ratio * advantage, clipped * advantage).mean()
        return value, {"policy_loss": float(value.detach())}


class TakesTurns(Algorithm):
    """REINFORCE on the tokens that the policy wrote; what it was given in between is read and not learnt."""

    name = "takes_turns"

    def advantages(self, rollouts: RolloutBatch) -> Tensor:
        return rollouts.rewards[:, None] * rollouts.mask

    def loss(self, log_probs: Tensor, minibatch: Minibatch) -> tuple[Tensor, dict[str, float]]:
        value = -(minibatch.advantages * log_probs).sum() / minibatch.mask.sum().clamp(min=1)
        return value, {"policy_loss": float(value.detach())}


class AnyTable(PenaltyTable):
    """A table for an algorithm that is not registered."""

    name: str = "any"
    minibatches: int = 1
    max_grad_norm: float = 1e9


def _plain(batch: TrainingBatch) -> TrainingBatch:
    return replace(batch, credit_weights=torch.ones_like(batch.credit_weights))


def _gap(batch: TrainingBatch) -> TrainingBatch:
    """With two tokens in the middle of each longer rollout, or its last one, that the policy did not write."""
    mask = batch.action_mask.clone()
    mask[:, 1:3] = 0
    mask[0, int(batch.completions.mask[0].sum()) - 1] = 0
    return _plain(replace(batch, action_mask=mask))


def _step(algorithm: type[Algorithm], batch: TrainingBatch) -> tuple[Policy, dict[str, float], list[Tensor]]:
    """A policy as it was, and what one step on all of the batch measured and did."""
    policy = tiny_policy()
    shake(policy)
    before = copy.deepcopy(policy)
    config = AnyTable()
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


@pytest.mark.parametrize("change", [_plain, _gap])
def test_a_ratio_for_each_rollout_is_the_mean_over_its_own_tokens(change: Change) -> None:
    batch = change(some_batch(tiny_policy()))
    policy, measured, gradients = _step(PerSequence, batch)
    own, _ = _log_probs(policy, batch)
    losses = []
    for i in _scored(batch):
        group = [float(batch.rewards[j]) for j in _scored(batch) if batch.groups[j] == batch.groups[i]]
        advantage = float(batch.rewards[i]) - sum(group) / len(group)
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


@pytest.mark.parametrize("algorithm", [Pairwise, PerSequence, TakesTurns])
def test_none_of_them_can_be_moved_by_what_is_not_scored(algorithm: type[Algorithm]) -> None:
    batch = some_batch(tiny_policy())
    found = []
    for reward in (-7.0, float("nan")):
        rewards = torch.where(batch.scored, batch.rewards, torch.tensor(reward))
        found.append(_step(algorithm, replace(batch, rewards=rewards)))
    assert found[0][1] == found[1][1]
    assert all(math.isfinite(value) for value in found[0][1].values())
    torch.testing.assert_close(found[0][2], found[1][2], atol=0, rtol=0)
