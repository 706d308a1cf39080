"""Supervised fine-tuning on the references: the baseline that a reward has to beat, and a warm start for one."""

from torch import Tensor

from rlcf.training.algorithms.base import Algorithm, Minibatch, RolloutBatch
from rlcf.training.algorithms.losses import cross_entropy


class SFT(Algorithm):
    """Cross-entropy of the references' tokens, at temperature 1: a mean over all tokens of a minibatch."""

    name = "sft"

    def advantages(self, rollouts: RolloutBatch) -> Tensor:
        return rollouts.mask

    def loss(self, log_probs: Tensor, minibatch: Minibatch) -> tuple[Tensor, dict[str, float]]:
        value = cross_entropy(log_probs, minibatch.advantages)
        return value, {"cross_entropy": float(value.detach())}
