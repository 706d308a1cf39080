"""The contract of an algorithm: rollouts in, a better policy out. The loop does not know which one it runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from rlcf.policy.batches import CompletionBatch, PromptBatch


@dataclass(frozen=True, slots=True)
class RolloutBatch:
    """The rollouts of one update. Axes: P prompts, B rollouts, T completion tokens."""

    prompts: PromptBatch
    completions: CompletionBatch
    rewards: Tensor
    """(B,) reward of each whole program; anything where `scored` is false."""
    scored: Tensor
    """(B,) bool: false for a rollout that a failing tool left without a reward. It must not move the policy."""


class Algorithm(ABC):
    """Owns the optimiser, and whatever else it learns beside the policy."""

    name: str

    @abstractmethod
    def update(self, batch: RolloutBatch, remaining: float = 1.0) -> dict[str, float]:
        """Improves the policy on `batch`; returns measurements by name (see `docs/run-directory.md`).

        Args:
            remaining: share of the run's updates that are still to do, this one included; in (0, 1].

        Raises:
            TrainingError: a loss is not finite; the weights are then those of the last finite step.
        """

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """All that a checkpoint needs beside the policy's weights."""

    @abstractmethod
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes back what `state_dict` gave."""
