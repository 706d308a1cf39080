"""The value function: what return to expect from each token on, and what that makes of the rewards."""

from __future__ import annotations

import torch
from torch import Tensor, nn


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


def centre_by_group(x: Tensor, mask: Tensor, owner: Tensor) -> Tensor:
    """Subtracts from each token the mean over its group's tokens at the same place, (B, T) → (B, T).

    A task's rollouts begin alike, so those that are still being written at a place say what was to be expected there:
    how hard the task is, which the value head needs many updates to learn, and what becomes of a program that long. The
    mean depends on the prompt and the place but not on the token, so the expected gradient stays as it is (up to the
    factor that comes from a rollout being part of its own group's mean).

    One mean for all places would praise the ends of long rollouts: what is still to come (the KL penalty, and a
    rejection that the value head sees coming) weighs less and less towards them, so that they would lie above the mean.
    The policy learns never to end (`docs/results.md`, *What was tried on MathQA*).
    """
    groups = x.new_zeros(int(owner.max()) + 1, x.shape[1])
    total = groups.index_add(0, owner, x * mask)
    count = groups.index_add(0, owner, mask.to(x.dtype))
    return (x - (total / count.clamp(min=1))[owner]) * mask


def centre(x: Tensor, mask: Tensor) -> Tensor:
    """Mean 0 over the positions that `mask` counts; 0 elsewhere."""
    return (x - (x * mask).sum() / mask.sum().clamp(min=1)) * mask


def scale(x: Tensor, mask: Tensor, least: float = 1e-4) -> Tensor:
    """Root mean square 1 over the positions that `mask` counts; where it is less than `least`, divided by that."""
    mean_square = ((x * mask) ** 2).sum() / mask.sum().clamp(min=1)
    return x * mask / mean_square.sqrt().clamp(min=least)
