"""Proximal policy optimisation with a learned value function, as the paper uses it.

Schulman et al., 2017 (arXiv 1707.06347) for the clipped loss; Schulman et al., 2016 (arXiv 1506.02438) for the
advantage; Ziegler et al., 2019 (arXiv 1909.08593) for the KL penalty as a part of the reward at every token.
"""

from torch import Tensor

from rlcf.training.algorithms.base import Algorithm, Minibatch, RolloutBatch
from rlcf.training.algorithms.gae import centre, centre_by_group, gae, scale
from rlcf.training.algorithms.losses import clipped_policy_loss, token_rewards

_MIN_DEVIATION = 0.4
"""Of the advantages of a batch, where rewards are in −1 … 1: a batch in which nearly all programs are rejected has
little to teach, and must not have the noise in it blown up to a whole step."""


class PPO(Algorithm):
    """The clipped policy loss, a critic, and GAE. Advantages are centred by group or batch, and scaled."""

    name = "ppo"

    def advantages(self, rollouts: RolloutBatch) -> Tensor:
        advantages, _ = self._gae(rollouts)
        if self.config.baseline == "group":
            advantages = centre_by_group(advantages, rollouts.mask, rollouts.groups)
        else:
            advantages = centre(advantages, rollouts.mask)
        return scale(advantages, rollouts.mask, _MIN_DEVIATION)

    def returns(self, rollouts: RolloutBatch) -> Tensor:
        return self._gae(rollouts)[1]

    def _gae(self, rollouts: RolloutBatch) -> tuple[Tensor, Tensor]:
        rewards = token_rewards(rollouts.rewards, rollouts.log_ratio, rollouts.mask, rollouts.kl_coefficient)
        return gae(rewards, rollouts.values, rollouts.mask, self.config.gamma, self.config.gae_lambda)

    def loss(self, log_probs: Tensor, minibatch: Minibatch) -> tuple[Tensor, dict[str, float]]:
        value, clipped = clipped_policy_loss(
            log_probs,
            minibatch.old_log_probs,
            minibatch.advantages,
            minibatch.mask,
            self.config.clip,
            self.config.clip_high,
        )
        return value, {"policy_loss": float(value.detach()), "clip_fraction": clipped}
