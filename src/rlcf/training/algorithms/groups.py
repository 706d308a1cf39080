"""Advantages relative to the other rollouts of the same group, and what is known of a group from its rewards.

Computed in double precision on the CPU, where equal rewards differ from their mean by exactly 0: AdamW makes a whole
step of a gradient however small, also of a rounding error.
"""

import torch
from torch import Tensor

_MIN_DEVIATION = 1e-4


def group_relative(rewards: Tensor, scored: Tensor, groups: Tensor, divide_by_deviation: bool) -> Tensor:
    """(B,) reward less its group's mean, and over its group's standard deviation (+ 1e-4) on demand.

    Only rollouts that are `scored` (B,) are part of a group; the others have 0. So has a rollout alone in its group.
    """
    values, present, groups = _doubles(rewards, scored, groups)
    mean = (_totals(values, groups) / _totals(present, groups).clamp(min=1))[groups]
    advantages = (values - mean) * present
    if divide_by_deviation:
        variance = (_totals(advantages**2, groups) / _totals(present, groups).clamp(min=1))[groups]
        advantages = advantages / (variance.sqrt() + _MIN_DEVIATION)
    return advantages.to(rewards)


def leave_one_out(returns: Tensor, scored: Tensor, groups: Tensor) -> Tensor:
    """(B,) return less the mean of the others in its group (arXiv 2402.14740, section 3.3).

    Only rollouts that are `scored` (B,) are part of a group; the others have 0. So has a rollout alone in its group.
    """
    values, present, groups = _doubles(returns, scored, groups)
    sums, sizes = _totals(values, groups)[groups], _totals(present, groups)[groups]
    others = (sums - values) / (sizes - 1).clamp(min=1)
    advantages = torch.where(sizes > 1, values - others, torch.zeros_like(values))
    return (advantages * present).to(returns)


def reward_range(rewards: Tensor, scored: Tensor, groups: Tensor) -> tuple[Tensor, Tensor]:
    """(B,) the lowest and the highest reward among the scored rollouts of each rollout's group; ∞ and −∞ of none."""
    lowest, highest = (rewards.new_full((int(groups.max()) + 1,), end) for end in (float("inf"), -float("inf")))
    lowest.scatter_reduce_(0, groups[scored], rewards[scored], "amin")
    highest.scatter_reduce_(0, groups[scored], rewards[scored], "amax")
    return lowest[groups], highest[groups]


def in_equal_groups(rewards: Tensor, scored: Tensor, groups: Tensor) -> Tensor:
    """(B,) bool: the scored rollouts of groups in which all scored rewards are equal. They teach nothing."""
    lowest, highest = reward_range(rewards, scored, groups)
    return scored & (lowest == highest)


def share_of_groups(some: Tensor, scored: Tensor, groups: Tensor) -> float:
    """How many groups have a rollout among `some` (B,), of those that have a `scored` one."""
    return len(set(groups[some].tolist())) / max(1, len(set(groups[scored].tolist())))


def most_varied(rewards: Tensor, scored: Tensor, groups: Tensor, count: int) -> Tensor:
    """(B,) bool: of each group's scored rollouts the `count` whose rewards have the largest variance together.

    Max-variance down-sampling (Xu et al., 2025, arXiv 2504.13818, section 3.2): they are some of the highest rewards,
    and some of the lowest.
    """
    chosen = torch.zeros_like(scored)
    for group in set(groups[scored].tolist()):
        rows = (scored & (groups == group)).nonzero().squeeze(-1)
        rows = rows[rewards[rows].argsort(stable=True)]
        if len(rows) > count:
            parts = [torch.cat([rows[:low], rows[len(rows) - count + low :]]) for low in range(count + 1)]
            rows = max(parts, key=lambda part: float(rewards[part].double().var(correction=0)))
        chosen[rows] = True
    return chosen


def _doubles(values: Tensor, scored: Tensor, groups: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Values (0 where not scored), presence as 0 or 1, and groups, in double precision on the CPU."""
    scored = scored.cpu()
    plain = torch.where(scored, values.detach().cpu().double(), 0.0)
    return plain, scored.double(), groups.cpu()


def _totals(x: Tensor, groups: Tensor) -> Tensor:
    """(B,) → the sum over each group."""
    return x.new_zeros(int(groups.max()) + 1).index_add(0, groups, x)
