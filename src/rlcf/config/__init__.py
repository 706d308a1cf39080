"""Recipes: their tables (`recipe`, `algorithms`, `languages`), and how they are read (`reading`)."""

from rlcf.config.algorithms import AlgorithmConfig, GRPOConfig, PPOConfig, RAFTConfig, RLOOConfig, SFTConfig
from rlcf.config.languages import JavaOptions, LanguageConfig, LanguageOptions
from rlcf.config.reading import load_recipe, make_recipe
from rlcf.config.recipe import (
    CalibrationName,
    DiscriminatorConfig,
    EvaluationConfig,
    GenerationConfig,
    GroundingConfig,
    PolicyConfig,
    Recipe,
    TasksConfig,
    TrainConfig,
)

__all__ = [
    "AlgorithmConfig",
    "CalibrationName",
    "DiscriminatorConfig",
    "EvaluationConfig",
    "GRPOConfig",
    "GenerationConfig",
    "GroundingConfig",
    "JavaOptions",
    "LanguageConfig",
    "LanguageOptions",
    "PPOConfig",
    "PolicyConfig",
    "RAFTConfig",
    "RLOOConfig",
    "Recipe",
    "SFTConfig",
    "TasksConfig",
    "TrainConfig",
    "load_recipe",
    "make_recipe",
]
