"""The algorithms, by name. A new one adds its class here and its table to `rlcf.config`."""

from __future__ import annotations

from rlcf.config import AlgorithmConfig
from rlcf.models.policy import Policy
from rlcf.training.algorithms.base import Algorithm, RolloutBatch
from rlcf.training.algorithms.grpo import GRPO
from rlcf.training.algorithms.ppo import PPO
from rlcf.training.algorithms.rloo import RLOO
from rlcf.training.algorithms.sft import SFT

__all__ = ["ALGORITHMS", "GRPO", "PPO", "RLOO", "SFT", "Algorithm", "RolloutBatch", "make_algorithm"]

ALGORITHMS: dict[str, type[Algorithm]] = {a.name: a for a in (PPO, GRPO, RLOO, SFT)}


def make_algorithm(policy: Policy, config: AlgorithmConfig, temperature: float, seed: int) -> Algorithm:
    """The algorithm that a recipe's `[algorithm]` table names."""
    return ALGORITHMS[config.name](policy, config, temperature, seed)
