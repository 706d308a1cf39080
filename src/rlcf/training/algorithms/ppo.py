"""Proximal policy optimisation with a learned value function, as the paper uses it.

Schulman et al., 2017 (arXiv 1707.06347) for the clipped loss; Schulman et al., 2016 (arXiv 1506.02438) for the
advantage; Ziegler et al., 2019 (arXiv 1909.08593) for the KL penalty as a part of the reward at every token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from rlcf.config import PPOConfig
from rlcf.models.policy import Policy
from rlcf.training import distributed
from rlcf.training.algorithms.base import RolloutBatch
from rlcf.training.algorithms.critic import (
    ValueHead,
    centre,
    centre_by_group,
    clipped_value_loss,
    explained_variance,
    gae,
    scale,
)
from rlcf.training.algorithms.kl import token_rewards
from rlcf.training.algorithms.learner import Past, Take, backward
from rlcf.training.algorithms.losses import clipped_policy_loss, with_blame
from rlcf.training.algorithms.policy_gradient import PolicyGradient

_LEAST_DEVIATION = 0.4
"""Of the advantages of a batch, where rewards are in −1 … 1: a batch in which nearly all programs are rejected has
little to teach, and must not have the noise in it blown up to a whole step."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """What the value head and the rewards make of the rollouts. All (B, T), 0 at padding."""

    values: Tensor
    advantages: Tensor
    """Centred by group or over the batch, and scaled over the tokens that count."""
    returns: Tensor


class PPO(PolicyGradient):
    """The clipped policy loss, a value head on the policy's hidden states, and GAE."""

    name = "ppo"
    reads_hidden = True

    def __init__(self, policy: Policy, config: PPOConfig, temperature: float, seed: int) -> None:
        super().__init__(policy, config, temperature, seed)
        self.config = config
        self.value_head = ValueHead(policy.hidden_size).to(policy.device)
        self.value_optimizer = torch.optim.AdamW(
            self.value_head.parameters(), lr=config.value_learning_rate, weight_decay=0.01
        )

    def learn(self, batch: RolloutBatch, past: Past, remaining: float) -> dict[str, float]:
        assert past.hidden is not None
        found = self._estimate(batch, past, past.hidden)
        advantages = with_blame(found.advantages, batch.blame)

        def loss(log_probs: Tensor, take: Take) -> tuple[Tensor, dict[str, float]]:
            value, clipped = clipped_policy_loss(
                log_probs, take(past.log_probs), take(advantages), take(past.mask), self.config.clip
            )
            return value, {"policy_loss": float(value.detach()), "clip_fraction": clipped}

        measured = self.learner.learn(batch, loss, past.mask, remaining, self.config.epochs)
        measured["value_loss"] = self._fit_value(past.hidden, past.mask, found)
        measured["explained_variance"] = explained_variance(found.values, found.returns, past.mask)
        return measured

    @torch.no_grad()
    def _estimate(self, batch: RolloutBatch, past: Past, hidden: Tensor) -> Estimates:
        own = distributed.shard(len(hidden))
        values = torch.zeros_like(past.log_probs)
        values[own] = self.value_head(hidden[own]) * past.mask[own]
        values = distributed.all_reduce(values)
        rewards = token_rewards(batch.rewards, past.log_ratio, past.mask, self.kl.value)
        advantages, returns = gae(rewards, values, past.mask, self.config.gamma, self.config.gae_lambda)
        if self.config.centre == "group":
            advantages = centre_by_group(advantages, past.mask, batch.completions.owner)
        else:
            advantages = centre(advantages, past.mask)
        return Estimates(values, scale(advantages, past.mask, _LEAST_DEVIATION), returns)

    def _fit_value(self, hidden: Tensor, mask: Tensor, found: Estimates) -> float:
        """Fits the value head to the returns; returns its last loss.

        The head sends no gradient into the policy, so its steps need no pass through the network.
        """
        own = distributed.shard(len(hidden))
        old, returns, counted = found.values[own], found.returns[own], mask[own]
        portion = counted.sum() / mask.sum().clamp(min=1)
        loss = found.returns.new_zeros(())
        for _ in range(self.config.value_steps):
            values = self.value_head(hidden[own])
            loss = clipped_value_loss(values, old, returns, counted, self.config.value_clip) * portion
            self.value_optimizer.zero_grad()
            backward(loss, list(self.value_head.parameters()), key="value_learning_rate")
            self.value_optimizer.step()
        return float(distributed.all_reduce(loss.detach()))

    def state_dict(self) -> dict[str, Any]:
        return super().state_dict() | {
            "value_optimizer": self.value_optimizer.state_dict(),
            "value_head": self.value_head.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.value_optimizer.load_state_dict(state["value_optimizer"])
        self.value_head.load_state_dict(state["value_head"])
