"""Group relative policy optimisation (Shao et al., 2024, arXiv 2402.03300): rewards against the group, no values.

By default without the two divisions that Liu et al., 2025 (Dr. GRPO, arXiv 2503.20783) take out. Of eight rewards, the
deviation is known to no better than a quarter, and where they hardly differ, dividing blows up the difference. Dividing
a rollout's loss by its length blames a long rejected program less for each token, and rewards a short accepted one
more: it pays for brevity, which is how policies collapse here.
"""

from __future__ import annotations

from torch import Tensor

from rlcf.config import GRPOConfig
from rlcf.models.policy import Policy
from rlcf.training.algorithms.base import RolloutBatch
from rlcf.training.algorithms.groups import group_relative
from rlcf.training.algorithms.kl import k3
from rlcf.training.algorithms.learner import Past, Take
from rlcf.training.algorithms.losses import clipped_policy_loss, with_blame
from rlcf.training.algorithms.policy_gradient import PolicyGradient


class GRPO(PolicyGradient):
    """Rewards relative to the group, the clipped policy loss, and the KL penalty as a term of the loss."""

    name = "grpo"

    def __init__(self, policy: Policy, config: GRPOConfig, temperature: float, seed: int) -> None:
        super().__init__(policy, config, temperature, seed)
        self.config = config

    def learn(self, batch: RolloutBatch, past: Past, remaining: float) -> dict[str, float]:
        owner = batch.completions.owner
        relative = group_relative(batch.rewards, batch.scored, owner, self.config.divide_by_deviation)
        advantages = with_blame(relative[:, None] * past.mask, batch.blame)
        weights = token_weights(past.mask, self.config.divide_by_length)

        def loss(log_probs: Tensor, take: Take) -> tuple[Tensor, dict[str, float]]:
            counted = take(weights)
            policy_loss, clipped = clipped_policy_loss(
                log_probs, take(past.log_probs), take(advantages), counted, self.config.clip
            )
            kl_loss = (k3(log_probs, take(past.reference)) * counted).sum() / counted.sum().clamp(min=1)
            measured = {
                "policy_loss": float(policy_loss.detach()),
                "clip_fraction": clipped,
                "kl_loss": float(kl_loss.detach()),
            }
            return policy_loss + self.kl.value * kl_loss, measured

        return self.learner.learn(batch, loss, weights, remaining, self.config.epochs)


def token_weights(mask: Tensor, divide_by_length: bool) -> Tensor:
    """(B, T) what each token counts for in the loss: all alike, or each rollout alike."""
    return mask / mask.sum(-1, keepdim=True).clamp(min=1) if divide_by_length else mask
