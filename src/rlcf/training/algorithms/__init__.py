"""The algorithms. `rlcf.config.algorithms.ALGORITHM_TABLES` is their registry."""

from __future__ import annotations

from importlib import import_module

from rlcf.config.algorithms import AlgorithmTable
from rlcf.training.algorithms.base import Algorithm, Minibatch, RolloutBatch

__all__ = ["Algorithm", "Minibatch", "RolloutBatch", "make_algorithm"]


def make_algorithm(config: AlgorithmTable) -> Algorithm:
    """The algorithm that a recipe's `[algorithm]` table names: the class of that name in the module of that name."""
    module = import_module(f"{__name__}.{config.name}")
    classes = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, Algorithm)]
    algorithm = next(c for c in classes if getattr(c, "name", None) == config.name)
    return algorithm(config)
