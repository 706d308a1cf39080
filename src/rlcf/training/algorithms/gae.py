"""From values to advantages: generalised advantage estimation, centring and scaling. Axes: B rollouts, T tokens."""

import torch
from torch import Tensor


def gae(rewards: Tensor, values: Tensor, mask: Tensor, gamma: float, lam: float) -> tuple[Tensor, Tensor]:
    """Generalised advantage estimation: (B, T) advantages and returns (arXiv 1506.02438, equation 16).

    Only tokens that `mask` counts are steps of the episode: it goes on after a gap, and ends with the last of them.
    """
    advantages = torch.zeros_like(rewards)
    next_value = rewards.new_zeros(len(rewards))
    next_advantage = rewards.new_zeros(len(rewards))
    for t in reversed(range(rewards.shape[1])):
        counted = mask[:, t] > 0
        delta = rewards[:, t] + gamma * next_value - values[:, t]
        advantages[:, t] = (delta + gamma * lam * next_advantage) * mask[:, t]
        next_value = torch.where(counted, values[:, t], next_value)
        next_advantage = torch.where(counted, advantages[:, t], next_advantage)
    return advantages, (advantages + values) * mask


def centre_by_group(x: Tensor, mask: Tensor, groups: Tensor) -> Tensor:
    """Subtracts from each token the mean over its group's tokens at the same place, (B, T) → (B, T).

    A task's rollouts begin alike, so those that are still being written at a place say what was to be expected there:
    how hard the task is, which the value head needs many updates to learn, and what becomes of a program that long. The
    mean depends on the prompt and the place but not on the token, so the expected gradient stays as it is (up to the
    factor that comes from a rollout being part of its own group's mean).

    With one mean for all places the policy learns never to end (`docs/results-earlier.md`, *What was tried on MathQA*).
    """
    shape = int(groups.max()) + 1, x.shape[1]
    total = x.new_zeros(shape).index_add(0, groups, x * mask)
    count = x.new_zeros(shape).index_add(0, groups, mask.to(x.dtype))
    return (x - (total / count.clamp(min=1))[groups]) * mask


def centre(x: Tensor, mask: Tensor) -> Tensor:
    """Mean 0 over the positions that `mask` counts; 0 elsewhere."""
    return (x - (x * mask).sum() / mask.sum().clamp(min=1)) * mask


def scale(x: Tensor, mask: Tensor, min_deviation: float = 1e-4) -> Tensor:
    """Root mean square 1 over the positions that `mask` counts; where it is below `min_deviation`, divided by that."""
    mean_square = ((x * mask) ** 2).sum() / mask.sum().clamp(min=1)
    return x * mask / mean_square.sqrt().clamp(min=min_deviation)
