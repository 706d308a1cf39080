"""Group relative policy optimisation (Shao et al., 2024, arXiv 2402.03300): rewards against the group, no values.

By default without the two divisions that Liu et al., 2025 (Dr. GRPO, arXiv 2503.20783) take out. Of eight rewards, the
deviation is known to no better than a quarter, and where they hardly differ, dividing blows up the difference. Dividing
a rollout's loss by its length gives each token of a long rejected program a smaller negative advantage, and each token
of a short accepted one a larger positive one: it pays for brevity, which is how policies collapse here.
"""

from torch import Tensor

from rlcf.training.algorithms.base import Algorithm, Minibatch, RolloutBatch
from rlcf.training.algorithms.groups import group_relative
from rlcf.training.algorithms.losses import clipped_policy_loss, k3


class GRPO(Algorithm):
    """Rewards relative to the group, the clipped policy loss, and the KL penalty as a term of the loss."""

    name = "grpo"
    needs_old_log_probs = False

    def advantages(self, rollouts: RolloutBatch) -> Tensor:
        relative = group_relative(rollouts.rewards, rollouts.scored, rollouts.groups, self.config.divide_by_deviation)
        return relative[:, None] * rollouts.mask

    def loss(self, log_probs: Tensor, minibatch: Minibatch) -> tuple[Tensor, dict[str, float]]:
        weights = minibatch.mask
        if self.config.divide_by_length:
            weights = weights / weights.sum(-1, keepdim=True).clamp(min=1)
        policy_loss, clipped = clipped_policy_loss(
            log_probs,
            minibatch.old_log_probs,
            minibatch.advantages,
            weights,
            self.config.clip,
            self.config.clip_high,
        )
        kl_loss = (k3(log_probs, minibatch.ref_log_probs) * weights).sum() / weights.sum().clamp(min=1)
        measured = {
            "policy_loss": float(policy_loss.detach()),
            "clip_fraction": clipped,
            "kl_loss": float(kl_loss.detach()),
        }
        return policy_loss + minibatch.kl_coefficient * kl_loss, measured
