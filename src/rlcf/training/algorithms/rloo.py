"""REINFORCE with a leave-one-out baseline (Ahmadian et al., 2024, arXiv 2402.14740).

The whole program is one action: its return is its reward less the KL penalty of all its tokens, and its baseline the
mean return of the others in its group.
"""

from __future__ import annotations

from torch import Tensor

from rlcf.training.algorithms.base import RolloutBatch
from rlcf.training.algorithms.groups import leave_one_out
from rlcf.training.algorithms.kl import token_rewards
from rlcf.training.algorithms.learner import Past, Take
from rlcf.training.algorithms.losses import with_blame
from rlcf.training.algorithms.policy_gradient import PolicyGradient


class RLOO(PolicyGradient):
    """One pass over the rollouts, each minibatch a step on −A · log π(program)."""

    name = "rloo"

    def learn(self, batch: RolloutBatch, past: Past, remaining: float) -> dict[str, float]:
        returns = token_rewards(batch.rewards, past.log_ratio, past.mask, self.kl.value).sum(-1)
        relative = leave_one_out(returns, batch.scored, batch.completions.owner)
        advantages = with_blame(relative[:, None] * past.mask, batch.blame)

        def loss(log_probs: Tensor, take: Take) -> tuple[Tensor, dict[str, float]]:
            # Over the tokens of the minibatch, not of each program: dividing by a program's own length would make its
            # gradient another one than that of its log-probability.
            value = -(take(advantages) * log_probs).sum() / take(past.mask).sum().clamp(min=1)
            return value, {"policy_loss": float(value.detach())}

        return self.learner.learn(batch, loss, past.mask, remaining)
