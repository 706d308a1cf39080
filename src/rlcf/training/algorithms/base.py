"""The contract of an algorithm: completions in, a better policy out. The loop does not know which one it runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal

from torch import Tensor

from rlcf.models.batches import CompletionBatch, PromptBatch
from rlcf.models.policy import Policy


@dataclass(frozen=True, slots=True)
class RolloutBatch:
    """What one update learns from. Axes: P prompts, B completions, T completion tokens."""

    prompts: PromptBatch
    completions: CompletionBatch
    """Rollouts; for an algorithm that learns from references, these."""
    rewards: Tensor
    """(B,) reward of each whole program; anything where `scored` is false, and for references."""
    scored: Tensor
    """(B,) bool: false for a rollout that a failing tool left without a reward. It must not move the policy."""
    blame: Tensor
    """(B, T) in 0 … 1: what each token's negative advantage is multiplied with (`docs/concepts.md`, *Token-level
    credit*); 1 throughout unless the recipe asks for it."""


class Algorithm(ABC):
    """Owns the optimiser, and whatever else it learns beside the policy."""

    name: str
    learns_from: Literal["rollouts", "references"] = "rollouts"
    """What the completions of its batches are."""
    credit_before: float = 1.0
    """The share of a rejected program's blame that falls on what stands before its first error: makes `blame`."""

    @abstractmethod
    def __init__(self, policy: Policy, config: Any, temperature: float, seed: int) -> None:
        """
        Args:
            config: the algorithm's table in `rlcf.config`.
            temperature: the one that rollouts are sampled at.
        """

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
