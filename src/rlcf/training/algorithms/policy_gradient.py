"""What the algorithms that learn from rewards have in common, whatever they make of them."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any

from rlcf.config import RewardTable
from rlcf.models.policy import Policy
from rlcf.training.algorithms.base import Algorithm, RolloutBatch
from rlcf.training.algorithms.groups import in_equal_groups, share_of_groups
from rlcf.training.algorithms.kl import KLCoefficient
from rlcf.training.algorithms.learner import Learner, Past


class PolicyGradient(Algorithm):
    """Looks back on the rollouts, has the subclass learn from them, and steers the KL coefficient."""

    reads_hidden = False
    """Whether `Past.hidden` is wanted."""

    def __init__(self, policy: Policy, config: RewardTable, temperature: float, seed: int) -> None:
        self.credit_before = config.blame_before
        self.compares_group = config.compares_group
        self.learner = Learner(policy, config, temperature, seed)
        self.kl = KLCoefficient(config)

    @abstractmethod
    def learn(self, batch: RolloutBatch, past: Past, remaining: float) -> dict[str, float]:
        """Improves the policy on a batch with at least one scored rollout; returns measurements by name."""

    def update(self, batch: RolloutBatch, remaining: float = 1.0) -> dict[str, float]:
        if not batch.scored.any():
            return {}
        prompts, completions = self.learner.policy.with_trunk(batch.prompts, batch.completions)
        batch = replace(batch, prompts=prompts, completions=completions)
        past = self.learner.look_back(batch, self.reads_hidden)
        measured = past.measurements()
        if self.compares_group:
            equal = in_equal_groups(batch.rewards, batch.scored, batch.completions.owner)
            measured["equal_groups"] = share_of_groups(equal, batch.scored, batch.completions.owner)
            batch = replace(batch, scored=batch.scored & ~equal)
        if batch.scored.any():
            measured |= self.learn(batch, replace(past, mask=past.mask * batch.scored[:, None]), remaining)
        measured["kl_coefficient"] = self.kl.value
        if self.credit_before < 1:
            measured["blame"] = float((batch.blame * past.mask).sum() / past.mask.sum().clamp(min=1))
        self.kl.adapt(measured["kl"])
        return measured

    def state_dict(self) -> dict[str, Any]:
        return {"learner": self.learner.state_dict(), "kl": self.kl.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.learner.load_state_dict(state["learner"])
        self.kl.load_state_dict(state["kl"])
