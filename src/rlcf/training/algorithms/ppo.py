"""Proximal policy optimisation with a learned value function, as the paper uses it.

Schulman et al., 2017 (arXiv 1707.06347) for the clipped loss; Schulman et al., 2016 (arXiv 1506.02438) for the
advantage; Ziegler et al., 2019 (arXiv 1909.08593) for the KL penalty as a part of the reward at every token.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn

from rlcf.config import PPOConfig
from rlcf.errors import TrainingError
from rlcf.policy.batches import select_rows
from rlcf.policy.policy import Policy
from rlcf.training.algorithms.base import Algorithm, RolloutBatch

_LEAST_DEVIATION = 0.4
"""Of the advantages of a batch, where rewards are in −1 … 1: a batch in which nearly all programs are rejected has
little to teach, and must not have the noise in it blown up to a whole step."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """What is fixed about the rollouts while the policy is updated on them. All (B, T), 0 at padding."""

    mask: Tensor
    """1 at tokens that count: those of scored rollouts."""
    log_probs: Tensor
    values: Tensor
    advantages: Tensor
    """Centred and scaled over the tokens that count."""
    returns: Tensor
    log_ratio_to_reference: Tensor
    """log π − log π_ref of each token drawn, in nats: its mean estimates the KL divergence."""

    def select(self, rows: Tensor, width: int) -> Rollout:
        """Some rows, cut to `width` columns."""
        return Rollout(*(getattr(self, f.name)[rows, :width] for f in fields(self)))


class PPO(Algorithm):
    """The clipped policy loss, a value head on the policy's hidden states, and GAE."""

    name = "ppo"

    def __init__(self, policy: Policy, config: PPOConfig, temperature: float, seed: int) -> None:
        self.policy = policy
        self.config = config
        self.temperature = temperature
        self.value_head = ValueHead(policy.hidden_size).to(policy.device)
        self.optimizer = torch.optim.AdamW(
            policy.trainable_parameters(), lr=config.learning_rate, betas=(0.9, 0.95), weight_decay=0.0
        )
        self.value_optimizer = torch.optim.AdamW(
            self.value_head.parameters(), lr=config.value_learning_rate, weight_decay=0.01
        )
        self.generator = torch.Generator().manual_seed(seed)

    def update(self, batch: RolloutBatch, remaining: float = 1.0) -> dict[str, float]:
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate * (self.config.anneal_to + (1 - self.config.anneal_to) * remaining)
        rollout, hidden, entropy = self._look_back(batch)
        steps = [
            self._step(batch, rollout, rows) for _ in range(self.config.epochs) for rows in self._minibatches(batch)
        ]
        count = rollout.mask.sum().clamp(min=1)
        measured = {name: sum(s[name] for s in steps) / len(steps) for name in steps[0]} if steps else {}
        measured["value_loss"] = self._fit_value(hidden, rollout)
        measured["kl"] = float((rollout.log_ratio_to_reference * rollout.mask).sum() / count)
        measured["entropy"] = float((entropy * rollout.mask).sum() / count)
        measured["explained_variance"] = explained_variance(rollout.values, rollout.returns, rollout.mask)
        return measured

    @torch.no_grad()
    def _look_back(self, batch: RolloutBatch) -> tuple[Rollout, Tensor, Tensor]:
        """Log-probabilities, values and advantages under the policy that drew the rollouts.

        Also its hidden states (B, T, H), which the value head reads, and its entropy (B, T).
        """
        mask = batch.completions.mask * batch.scored[:, None]
        log_probs, reference, entropy = (torch.zeros(mask.shape, device=mask.device) for _ in range(3))
        hidden = torch.zeros(*mask.shape, self.policy.hidden_size, device=mask.device)
        for rows in torch.arange(len(mask)).chunk(self.config.minibatches):
            prompts, part = select_rows(batch.prompts, batch.completions, rows)
            width = part.ids.shape[1]
            scores = self.policy.score(prompts, part, temperature=self.temperature, with_entropy=True)
            log_probs[rows, :width] = scores.log_probs
            if scores.entropy is not None:
                entropy[rows, :width] = scores.entropy
            hidden[rows, :width] = scores.hidden
            with self.policy.reference() as model:
                anchor = self.policy.score(prompts, part, temperature=self.temperature, model=model)
            reference[rows, :width] = anchor.log_probs
        log_ratio, values = (log_probs - reference) * mask, self.value_head(hidden) * mask
        rewards = token_rewards(batch.rewards, log_ratio, mask, self.config.kl_coefficient)
        advantages, returns = gae(rewards, values, mask, self.config.gamma, self.config.gae_lambda)
        if self.config.centre == "group":
            advantages = centre_by_group(advantages, mask, batch.completions.owner)
        advantages = whiten(advantages, mask, _LEAST_DEVIATION)
        rollout = Rollout(mask, log_probs, values, advantages, returns, log_ratio)
        return rollout, hidden, entropy

    def _minibatches(self, batch: RolloutBatch) -> list[Tensor]:
        """Whole groups in random order, in nearly equal parts; rollouts that are not scored are left out.

        Groups stay together because their rollouts share the work on their prompt.
        """
        owner, scored = batch.completions.owner.cpu(), batch.scored.cpu()
        groups = torch.randperm(len(batch.prompts.ids), generator=self.generator)
        parts = [
            (torch.isin(owner, chosen) & scored).nonzero().squeeze(-1)
            for chosen in groups.chunk(self.config.minibatches)
        ]
        return [rows for rows in parts if len(rows)]

    def _step(self, batch: RolloutBatch, rollout: Rollout, rows: Tensor) -> dict[str, float]:
        prompts, part = select_rows(batch.prompts, batch.completions, rows)
        old = rollout.select(rows, width=part.ids.shape[1])
        scores = self.policy.score(prompts, part, temperature=self.temperature)
        loss, clipped = clipped_policy_loss(scores.log_probs, old.log_probs, old.advantages, old.mask, self.config.clip)
        if not torch.isfinite(loss):
            raise TrainingError(
                f"the loss is {float(loss)}: lower algorithm.learning_rate (the last checkpoint is good)"
            )
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.policy.trainable_parameters(), self.config.max_grad_norm)
        if not torch.isfinite(norm):
            raise TrainingError("a gradient is not finite: lower algorithm.learning_rate (the last checkpoint is good)")
        self.optimizer.step()
        return {"policy_loss": float(loss.detach()), "clip_fraction": clipped, "grad_norm": float(norm)}

    def _fit_value(self, hidden: Tensor, rollout: Rollout) -> float:
        """Fits the value head to the returns; returns its last loss.

        The head sends no gradient into the policy, so its steps need no pass through the network.
        """
        loss = rollout.returns.new_zeros(())
        for _ in range(self.config.value_steps):
            values = self.value_head(hidden)
            loss = clipped_value_loss(values, rollout.values, rollout.returns, rollout.mask, self.config.value_clip)
            self.value_optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.value_optimizer.step()
        return float(loss.detach())

    def state_dict(self) -> dict[str, Any]:
        return {
            "optimizer": self.optimizer.state_dict(),
            "value_optimizer": self.value_optimizer.state_dict(),
            "value_head": self.value_head.state_dict(),
            "generator": self.generator.get_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.optimizer.load_state_dict(state["optimizer"])
        self.value_optimizer.load_state_dict(state["value_optimizer"])
        self.value_head.load_state_dict(state["value_head"])
        self.generator.set_state(state["generator"])


class ValueHead(nn.Module):
    """Expected return from the hidden state that a token was predicted from: (B, T, H) → (B, T).

    It reads the policy's hidden states without sending gradients back into them, and starts at 0.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        values: Tensor = self.out(self.norm(hidden)).squeeze(-1)
        return values


def token_rewards(rewards: Tensor, log_ratio: Tensor, mask: Tensor, kl_coefficient: float) -> Tensor:
    """(B, T): the KL penalty at every token, and the program's reward (B,) at its last one.

    The penalty is scaled by mean length / length, so that a program's total does not depend on its length. A plain sum
    pays for brevity: once the policy has moved, it costs a program of 80 tokens as much as compiling is worth, and an
    empty body next to nothing.
    """
    lengths = mask.sum(-1).long()
    mean_length = mask.sum() / (lengths > 0).sum().clamp(min=1)
    per_token = -kl_coefficient * log_ratio * mask * (mean_length / lengths.clamp(min=1))[:, None]
    rows = (lengths > 0).nonzero().squeeze(-1)
    per_token[rows, lengths[rows] - 1] += rewards[rows].to(per_token.dtype)
    return per_token


def gae(rewards: Tensor, values: Tensor, mask: Tensor, gamma: float, lam: float) -> tuple[Tensor, Tensor]:
    """Generalised advantage estimation: (B, T) advantages and returns (arXiv 1506.02438, equation 16).

    An episode ends with its last token that `mask` counts: nothing is expected behind it.
    """
    advantages = torch.zeros_like(rewards)
    following_value = rewards.new_zeros(len(rewards))
    following_advantage = rewards.new_zeros(len(rewards))
    for t in reversed(range(rewards.shape[1])):
        delta = rewards[:, t] + gamma * following_value - values[:, t]
        advantages[:, t] = (delta + gamma * lam * following_advantage) * mask[:, t]
        following_value = values[:, t] * mask[:, t]
        following_advantage = advantages[:, t]
    return advantages, (advantages + values) * mask


def centre_by_group(x: Tensor, mask: Tensor, owner: Tensor) -> Tensor:
    """Subtracts from each rollout's tokens the mean over its group's rollouts of their means, (B, T) → (B, T).

    What all rollouts of a task have in common says how hard the task is, which the value head needs many updates to
    learn. A group's mean depends on the prompt but not on the token, so the expected gradient stays as it is (up to the
    factor that comes from a rollout being part of its own group's mean).
    """
    counted = mask.sum(-1)
    means = (x * mask).sum(-1) / counted.clamp(min=1)
    groups = int(owner.max()) + 1
    present = (counted > 0).to(x.dtype)
    total = x.new_zeros(groups).index_add(0, owner, means * present)
    size = x.new_zeros(groups).index_add(0, owner, present)
    return (x - (total / size.clamp(min=1))[owner, None]) * mask


def whiten(x: Tensor, mask: Tensor, least_deviation: float = 1e-4) -> Tensor:
    """Mean 0 and standard deviation 1 over the positions that `mask` counts; 0 elsewhere.

    Where they deviate by less than `least_deviation`, they are divided by that instead.
    """
    count = mask.sum().clamp(min=1)
    mean = (x * mask).sum() / count
    variance = (((x - mean) * mask) ** 2).sum() / count
    return (x - mean) * mask / variance.sqrt().clamp(min=least_deviation)


def clipped_policy_loss(
    log_probs: Tensor, old_log_probs: Tensor, advantages: Tensor, mask: Tensor, clip: float
) -> tuple[Tensor, float]:
    """Mean over counted tokens of −min(r·A, clip(r, 1 ± ε)·A) (arXiv 1707.06347, equation 7); share clipped."""
    ratio = (log_probs - old_log_probs).exp()
    plain = ratio * advantages
    clipped = ratio.clamp(1 - clip, 1 + clip) * advantages
    count = mask.sum().clamp(min=1)
    loss = -(torch.minimum(plain, clipped) * mask).sum() / count
    share = float((((clipped < plain) * mask).sum() / count).detach())
    return loss, share


def clipped_value_loss(values: Tensor, old_values: Tensor, returns: Tensor, mask: Tensor, clip: float) -> Tensor:
    """Half the mean squared error, the larger of that of the value and of the value kept within ± clip."""
    kept = old_values + (values - old_values).clamp(-clip, clip)
    error = torch.maximum((values - returns) ** 2, (kept - returns) ** 2)
    return 0.5 * (error * mask).sum() / mask.sum().clamp(min=1)


def explained_variance(values: Tensor, returns: Tensor, mask: Tensor) -> float:
    """1 − Var(returns − values) / Var(returns) over counted tokens; 0 where the returns do not vary."""
    counted = mask.bool()
    variance = returns[counted].var(correction=0) if counted.any() else returns.new_zeros(())
    if variance < 1e-12:
        return 0.0
    return float(1 - (returns - values)[counted].var(correction=0) / variance)
