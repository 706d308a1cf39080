"""Supervised fine-tuning on the references: the baseline that a reward has to beat, and a warm start for one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from torch import Tensor

from rlcf.config import SFTConfig
from rlcf.models.batches import CompletionBatch
from rlcf.models.policy import Policy
from rlcf.training.algorithms.base import Algorithm, RolloutBatch
from rlcf.training.algorithms.learner import Learner, Take


class SFT(Algorithm):
    """Cross-entropy of the references' tokens, at temperature 1 and a mean over all tokens of a minibatch."""

    name = "sft"
    learns_from: Literal["rollouts", "references"] = "references"

    def __init__(self, policy: Policy, config: SFTConfig, temperature: float, seed: int) -> None:  # noqa: ARG002
        self.config = config
        self.learner = Learner(policy, config, 1.0, seed)

    def update(self, batch: RolloutBatch, remaining: float = 1.0) -> dict[str, float]:
        all_of = batch.completions
        mask = all_of.mask[:, : self.config.max_tokens]
        cut = CompletionBatch(all_of.ids[:, : self.config.max_tokens], mask, all_of.owner)
        batch = replace(batch, completions=cut)

        def loss(log_probs: Tensor, take: Take) -> tuple[Tensor, dict[str, float]]:
            value = -log_probs.sum() / take(mask).sum().clamp(min=1)
            return value, {"cross_entropy": float(value.detach())}

        return self.learner.learn(batch, loss, mask, remaining, self.config.epochs)

    def state_dict(self) -> dict[str, Any]:
        return {"learner": self.learner.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.learner.load_state_dict(state["learner"])
