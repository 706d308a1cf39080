"""The algorithms, by name. A new one adds its class here and its table to `rlcf.config`."""

from __future__ import annotations

from rlcf.config import PPOConfig
from rlcf.policy.policy import Policy
from rlcf.training.algorithms.base import Algorithm, RolloutBatch
from rlcf.training.algorithms.ppo import PPO

__all__ = ["PPO", "Algorithm", "RolloutBatch", "make_algorithm"]


def make_algorithm(policy: Policy, config: PPOConfig, temperature: float, seed: int) -> Algorithm:
    """The algorithm that a recipe's `[algorithm]` table names."""
    return PPO(policy, config, temperature, seed)
