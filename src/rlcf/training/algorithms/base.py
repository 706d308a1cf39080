"""The contract of an algorithm: from the rewards of rollouts to advantages, and from advantages to a loss."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True, slots=True)
class RolloutBatch:
    """Whole groups of rollouts. Axes: B rollouts, T completion tokens.

    Where an algorithm learns from references, these stand in the place of rollouts; nobody sampled them, so their
    rewards and log-probabilities are 0.
    """

    groups: Tensor
    """(B,) the number of the group that each rollout belongs to: rollouts of one task, sampled by one policy."""
    rewards: Tensor
    """(B,) of each whole program; 0 where `scored` is false."""
    scored: Tensor
    """(B,) bool, the validity mask: false where a failing tool left no reward, and in a group of equal rewards where
    the algorithm compares the rollouts of a group. Such a rollout must not move the policy; no minibatch has it."""
    mask: Tensor
    """(B, T) the action mask: 1 at tokens that the policy wrote, 0 at padding, at tokens that it was given, and
    throughout where `scored` is false."""
    old_log_probs: Tensor
    """(B, T) under the policy that drew the rollouts, in nats, at the temperature they were sampled at."""
    ref_log_probs: Tensor
    """(B, T) under the reference model, at the same temperature."""
    credit_weights: Tensor
    """(B, T) in 0 … 1: the learner multiplies negative advantages by them (see `rlcf.training.credit`)."""
    values: Tensor
    """(B, T) the critic's estimates of the return from each token on; 0 for an algorithm without a critic."""
    kl_coefficient: float
    """β of the KL penalty, as it stands in this update; 0 for an algorithm whose table has none."""

    @property
    def log_ratio(self) -> Tensor:
        """(B, T) log π − log π_ref of each token that counts, in nats: its mean estimates the KL divergence."""
        return (self.old_log_probs - self.ref_log_probs) * self.mask


@dataclass(frozen=True, slots=True)
class Minibatch(RolloutBatch):
    """Some of an update's groups, whole, with the advantages of their rollouts."""

    advantages: Tensor
    """(B, T) as `Algorithm.advantages` gave them, credit weights applied; 0 where `mask` is 0."""


class Algorithm(ABC):
    """Two functions: advantages and loss.

    The learner (`rlcf.training.learner`) has all the rest: optimiser, learning-rate schedule, KL coefficient, critic,
    processes and checkpoints. An algorithm has no state.
    """

    name: str
    """What a recipe's `[algorithm]` table calls it, and the name of its module."""
    needs_old_log_probs = True
    """Whether they are used beside the probability ratio, such as in a KL penalty. Where they are not, an update of one
    epoch computes none: each minibatch is taken to be on-policy, with a ratio of 1. That is so for the first one; the
    later ones are not corrected for the few steps that the policy has taken since it drew the rollouts."""
    skips_zero_advantages = False
    """Whether a rollout whose advantages are all 0 adds nothing to the loss: then no minibatch has it."""

    def __init__(self, config: Any) -> None:
        """
        Args:
            config: the algorithm's table in `rlcf.config.algorithms`.
        """
        self.config = config

    @abstractmethod
    def advantages(self, rollouts: RolloutBatch) -> Tensor:
        """(B, T) what each token is worth, from all rollouts of an update. Called once an update, without gradient."""

    def returns(self, rollouts: RolloutBatch) -> Tensor:
        """(B, T) what the critic's values are fitted to. Only for an algorithm whose table is a `CriticTable`."""
        raise NotImplementedError(f"{self.name} has no critic")

    @abstractmethod
    def loss(self, log_probs: Tensor, minibatch: Minibatch) -> tuple[Tensor, dict[str, float]]:
        """The loss of a minibatch, and measurements by name (see `docs/run-directory.md`).

        Of several processes each computes the loss of the whole minibatch: means, groups and pairs need no care.

        Args:
            log_probs: (B, T) under the policy as it is now, with gradient; 0 where `minibatch.mask` is 0.
        """
