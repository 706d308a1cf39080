"""Makes the parts of a run, each of them once, and hands them down."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rlcf.config import Recipe
from rlcf.config.algorithms import ReferencesTable
from rlcf.errors import ConfigError, DataError
from rlcf.generation.engine import Engine
from rlcf.generation.torch_engine import TorchEngine
from rlcf.grounding import Grounding
from rlcf.grounding.components import needs_reference
from rlcf.grounding.discriminator import Discriminator, Encoder
from rlcf.grounding.discriminator.training import DiscriminatorTrainer
from rlcf.grounding.recipe import recipe_of
from rlcf.languages.base import Language
from rlcf.languages.registry import load_language
from rlcf.models.policy import Policy
from rlcf.records import Task
from rlcf.storage.rundir import RunDir
from rlcf.tasks.loading import the_language
from rlcf.training import distributed
from rlcf.training.references import with_sound_references
from rlcf.training.trainer import Trainer


def make_trainer(
    recipe: Recipe, run_dir: RunDir, tasks: Sequence[Task], policy: Policy, engine: Engine | None = None
) -> tuple[Trainer, list[str]]:
    """The trainer of a recipe, and what a person should know before training starts, a line each.

    Close the trainer's `grounding` when you are done.

    Args:
        tasks: those that must not be trained on are left out.
        engine: samples the rollouts; by default in this process.

    Raises:
        ConfigError: the tasks are not in the recipe's language.
        DataError: there is no task to train on.
    """
    needs_references = isinstance(recipe.algorithm, ReferencesTable) or needs_reference(recipe.grounding)
    tasks = training_tasks(tasks, needs_references)
    language = load_language(the_language(tasks))
    if language.name != recipe.language.name:
        raise ConfigError(
            f"the tasks are in {language.name!r} and language.name is {recipe.language.name!r}: "
            f"add --set language.name={language.name}, or name other tasks"
        )
    grounding = _make_grounding(recipe, language)
    warnings = []
    if needs_references:
        try:
            sound = with_sound_references(grounding, tasks) if distributed.is_main() else None
        except DataError:
            grounding.close()
            raise
        tasks, warning = distributed.broadcast(sound) or (tasks, None)
        warnings = [warning] if warning else []
    trainer = Trainer(
        recipe,
        run_dir,
        tasks=tasks,
        language=language,
        policy=policy,
        engine=engine or TorchEngine(policy),
        grounding=grounding,
        discriminator_trainer=_make_discriminator_trainer(recipe, grounding, tasks),
    )
    return trainer, warnings


def training_tasks(tasks: Sequence[Task], needs_references: bool = True) -> list[Task]:
    """The tasks that may be trained on: none with split `heldout`, and only those with a reference where one is needed.

    Raises:
        DataError: nothing is left.
    """
    usable = [t for t in tasks if t.split != "heldout" and (t.canonical_solution or not needs_references)]
    if not usable:
        raise DataError("no task to train on: each needs a canonical_solution, and a split other than 'heldout'")
    return usable


def _make_grounding(recipe: Recipe, language: Language) -> Grounding:
    if "discriminator" not in recipe_of(recipe.grounding).weights:
        return Grounding(recipe.grounding, None, language, recipe.language)
    torch.manual_seed(recipe.train.seed)  # the MLP's first weights and its dropout
    discriminator = Discriminator(Encoder.load(recipe.discriminator.encoder), recipe.discriminator.hidden)
    return Grounding(recipe.grounding, discriminator, language, recipe.language)


def _make_discriminator_trainer(
    recipe: Recipe, grounding: Grounding, tasks: Sequence[Task]
) -> DiscriminatorTrainer | None:
    if grounding.discriminator is None:
        return None
    return DiscriminatorTrainer(
        grounding.discriminator, tasks, grounding.language, recipe.discriminator, recipe.train.seed
    )
