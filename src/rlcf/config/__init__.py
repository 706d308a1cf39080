"""Recipes: their tables (`recipe`, `algorithms`, `languages`), how they are read (`reading`), and that of the demo."""

from rlcf.config.algorithms import GRPOConfig
from rlcf.config.demo import demo_recipe
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
    "demo_recipe",
    "load_recipe",
    "make_recipe",
]
