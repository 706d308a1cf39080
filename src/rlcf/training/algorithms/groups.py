"""Advantages relative to the other rollouts of the same task, from one reward for each rollout.

Computed in double precision on the CPU, where equal rewards differ from their mean by exactly 0: AdamW makes a whole
step of a gradient however small, also of a rounding error.
"""

from __future__ import annotations

import torch
from torch import Tensor

_LEAST_DEVIATION = 1e-4


def group_relative(rewards: Tensor, counted: Tensor, owner: Tensor, divide_by_deviation: bool) -> Tensor:
    """(B,) reward less its group's mean, and over its group's standard deviation (+ 1e-4) when asked to.

    Only rollouts that are `counted` (B,) are part of a group; the others have 0. So has a rollout alone in its group.
    """
    values, present, owner = _doubles(rewards, counted, owner)
    mean = (_totals(values, owner) / _totals(present, owner).clamp(min=1))[owner]
    advantages = (values - mean) * present
    if divide_by_deviation:
        variance = (_totals(advantages**2, owner) / _totals(present, owner).clamp(min=1))[owner]
        advantages = advantages / (variance.sqrt() + _LEAST_DEVIATION)
    return advantages.to(rewards)


def leave_one_out(returns: Tensor, counted: Tensor, owner: Tensor) -> Tensor:
    """(B,) return less the mean of the others in its group (arXiv 2402.14740, section 3.3).

    Only rollouts that are `counted` (B,) are part of a group; the others have 0. So has a rollout alone in its group.
    """
    values, present, owner = _doubles(returns, counted, owner)
    sums, sizes = _totals(values, owner)[owner], _totals(present, owner)[owner]
    others = (sums - values) / (sizes - 1).clamp(min=1)
    advantages = torch.where(sizes > 1, values - others, torch.zeros_like(values))
    return (advantages * present).to(returns)


def in_equal_groups(rewards: Tensor, counted: Tensor, owner: Tensor) -> Tensor:
    """(B,) bool: the counted rollouts of groups in which all counted rewards are equal. They teach nothing."""
    groups = int(owner.max()) + 1
    least, most = (rewards.new_full((groups,), end) for end in (float("inf"), -float("inf")))
    least.scatter_reduce_(0, owner[counted], rewards[counted], "amin")
    most.scatter_reduce_(0, owner[counted], rewards[counted], "amax")
    return counted & (least == most)[owner]


def share_of_groups(some: Tensor, counted: Tensor, owner: Tensor) -> float:
    """How many groups have a rollout among `some` (B,), of those that have a `counted` one."""
    return len(set(owner[some].tolist())) / max(1, len(set(owner[counted].tolist())))


def _doubles(values: Tensor, counted: Tensor, owner: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Values (0 where not counted), presence as 0 or 1, and owners, in double precision on the CPU."""
    counted = counted.cpu()
    plain = torch.where(counted, values.detach().cpu().double(), 0.0)
    return plain, counted.double(), owner.cpu()


def _totals(x: Tensor, owner: Tensor) -> Tensor:
    """(B,) → the sum over each group."""
    return x.new_zeros(int(owner.max()) + 1).index_add(0, owner, x)
