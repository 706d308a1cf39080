"""The algorithms. `rlcf.config.algorithms.ALGORITHM_TABLES` is their registry."""

from importlib import import_module

from rlcf.config.algorithms import AlgorithmTable
from rlcf.training.algorithms.base import Algorithm, Minibatch, RolloutBatch

__all__ = ["Algorithm", "Minibatch", "RolloutBatch", "make_algorithm"]


def make_algorithm(config: AlgorithmTable) -> Algorithm:
    """The algorithm that a recipe's `[algorithm]` table names: the class of that name in the module of that name."""
    members = vars(import_module(f"{__name__}.{config.name}")).values()
    algorithm: type[Algorithm] = next(m for m in members if getattr(m, "name", None) == config.name)
    return algorithm(config)
