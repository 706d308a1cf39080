"""Recipes: their tables (`recipe`, `algorithms`, `languages`), and how they are read (`reading`)."""

from rlcf.config.algorithms import GRPOConfig
from rlcf.config.languages import JavaOptions
from rlcf.config.reading import load_recipe, make_recipe
from rlcf.config.recipe import (
    AlignedConfig,
    CalibrationName,
    DiscriminatorConfig,
    GroundingConfig,
    PolicyConfig,
    Recipe,
)

__all__ = [
    "AlignedConfig",
    "CalibrationName",
    "DiscriminatorConfig",
    "GRPOConfig",
    "GroundingConfig",
    "JavaOptions",
    "PolicyConfig",
    "Recipe",
    "load_recipe",
    "make_recipe",
]
