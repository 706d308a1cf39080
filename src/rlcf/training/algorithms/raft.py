"""Reward-ranked fine-tuning (Dong et al., 2023, arXiv 2304.06767): imitate the best rollout of each group.

The paper keeps whichever of the best was sampled first. Rewards tie often, so here all that tie are kept, each with 1/n
of the weight of one: the expected loss of a fair draw among them, without the draw's noise.
"""

import torch
from torch import Tensor

from rlcf.training.algorithms.base import Algorithm, Minibatch, RolloutBatch
from rlcf.training.algorithms.groups import reward_range
from rlcf.training.algorithms.losses import cross_entropy


class RAFT(Algorithm):
    """Cross-entropy of the best rollouts of each group: a mean over their tokens."""

    name = "raft"
    skips_zero_advantages = True

    def advantages(self, rollouts: RolloutBatch) -> Tensor:
        best = best_of_group(rollouts.rewards, rollouts.scored, rollouts.groups)
        best = torch.where(rollouts.rewards > self.config.imitate_above, best, 0.0)
        return best[:, None] * rollouts.mask

    def loss(self, log_probs: Tensor, minibatch: Minibatch) -> tuple[Tensor, dict[str, float]]:
        value = cross_entropy(log_probs, minibatch.advantages)
        return value, {"policy_loss": float(value.detach())}


def best_of_group(rewards: Tensor, scored: Tensor, groups: Tensor) -> Tensor:
    """(B,) the weight of each rollout: 1/n for the n scored ones with the highest reward of their group, else 0.

    0 throughout in a group in which no scored rollout has less than another.
    """
    lowest, highest = reward_range(rewards, scored, groups)
    best = (scored & (rewards == highest) & (highest > lowest)).to(rewards.dtype)
    ties = best.new_zeros(int(groups.max()) + 1).index_add(0, groups, best)
    return best / ties[groups].clamp(min=1)
