"""REINFORCE with a leave-one-out baseline (Ahmadian et al., 2024, arXiv 2402.14740).

The whole program is one action: its return is its reward less the KL penalty of all its tokens, and its baseline the
mean return of the others in its group.
"""

from torch import Tensor

from rlcf.training.algorithms.base import Algorithm, Minibatch, RolloutBatch
from rlcf.training.algorithms.groups import leave_one_out
from rlcf.training.algorithms.losses import token_rewards


class RLOO(Algorithm):
    """−A · log π(program), without a clip: for one pass over the rollouts."""

    name = "rloo"

    def advantages(self, rollouts: RolloutBatch) -> Tensor:
        returns = token_rewards(rollouts.rewards, rollouts.log_ratio, rollouts.mask, rollouts.kl_coefficient).sum(-1)
        return leave_one_out(returns, rollouts.scored, rollouts.groups)[:, None] * rollouts.mask

    def loss(self, log_probs: Tensor, minibatch: Minibatch) -> tuple[Tensor, dict[str, float]]:
        # Over the tokens of the minibatch, not of each program: dividing by a program's own length would make its
        # gradient another one than that of its log-probability.
        value = -(minibatch.advantages * log_probs).sum() / minibatch.mask.sum().clamp(min=1)
        return value, {"policy_loss": float(value.detach())}
