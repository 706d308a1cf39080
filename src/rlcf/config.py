"""Recipes: what a run is made of. One frozen model per table of a recipe's TOML file; defaults are those of the demo.

An unknown key is an error that names the nearest known one.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rlcf.errors import ConfigError


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PolicyConfig(_Table):
    """The model that is trained."""

    model: str = "builtin:smollm2-135m"
    """A Hugging Face id, a folder, a GGUF file, or a built-in name."""
    training: Literal["lora", "full"] = "lora"
    lora_rank: int = Field(16, ge=1)
    lora_alpha: int = Field(32, ge=1)
    lora_layers: int | None = Field(12, ge=1)
    """Put the adapter on the last so many layers only: faster, for the lower ones then need no backward pass."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the base weights: `auto` is bfloat16 under LoRA, float32 in full training."""


class TasksConfig(_Table):
    """What is trained on, and what is evaluated on."""

    train: str = "builtin:java"
    """A task file or built-in set; its tasks with split `heldout` are never trained on."""
    evaluate: str = "builtin:java"
    """A task file or built-in set; where its tasks have splits, those with split `heldout`."""


class GenerationConfig(_Table):
    """How rollouts are sampled."""

    max_new_tokens: int = Field(96, ge=1)
    temperature: float = Field(0.6, gt=0)
    batch_rows: int = Field(64, ge=1)
    """Completions computed at once."""


class DiscriminatorConfig(_Table):
    """The encoder with an MLP that compares a program with the reference."""

    encoder: str = "builtin:minilm"
    hidden: int = Field(128, ge=1)
    learning_rate: float = Field(1e-3, gt=0)
    weight_decay: float = Field(0.01, ge=0)
    distance: float = Field(0.5, gt=0)
    """How far f should put the policy's programs below the reference; stubs twice as far."""
    warmup_steps: int = Field(200, ge=0)
    """Steps on references, stubs and references of other tasks, before the first update."""
    refresh_steps: int = Field(30, ge=0)
    """Steps after each update, on new and replayed rollouts."""
    batch_size: int = Field(64, ge=2)
    replay: int = Field(1024, ge=1)
    """Rollouts remembered."""


class GroundingConfig(_Table):
    """Verdict and preference → reward."""

    mode: Literal["compiler", "discriminator", "hybrid"] = "hybrid"
    trivial_reward: float = Field(-0.9, ge=-1, le=1)
    """`hybrid`: what an accepted program earns that is no better than a stub."""
    workers: int = Field(2, ge=1)
    """Compiler processes."""
    timeout_s: float = Field(10.0, gt=0)
    """For one program."""
    remember_verdicts: bool = True
    """Ask the compiler about each different program once; rollouts repeat themselves."""
    class_path: tuple[str, ...] = ()
    """Jars and folders of classes that programs are checked with."""
    source_path: tuple[str, ...] = ()
    """Folders of a project's sources that programs are checked as a part of."""
    release: int | None = None
    """The version of the language to check for; by default the compiler's own."""


class PPOConfig(_Table):
    """Proximal policy optimisation (Schulman et al., 2017)."""

    name: Literal["ppo"] = "ppo"
    learning_rate: float = Field(2.2e-3, gt=0)
    anneal_to: float = Field(0.3, ge=0, le=1)
    """The learning rate falls linearly over the run, to this share of itself; 1 keeps it."""
    value_learning_rate: float = Field(2e-3, gt=0)
    epochs: int = Field(2, ge=1)
    minibatches: int = Field(4, ge=1)
    clip: float = Field(0.2, gt=0)
    """The probability ratio is clipped to 1 ± clip."""
    value_clip: float = Field(0.5, gt=0)
    """The value may move this far from the one at the rollout."""
    value_steps: int = Field(30, ge=1)
    """Steps of the value head after each update."""
    kl_coefficient: float = Field(0.05, ge=0)
    """Of the penalty against the reference model, per nat, in the reward at every token."""
    gamma: float = Field(1.0, gt=0, le=1)
    gae_lambda: float = Field(1.0, ge=0, le=1)
    """Below 1, the value function's word counts for more, and tokens far from the end earn less of the reward."""
    centre: Literal["group", "batch"] = "group"
    """Advantages are taken relative to the rollouts of the same task, or to the whole batch."""
    max_grad_norm: float = Field(1.0, gt=0)


class TrainConfig(_Table):
    """The loop."""

    seed: int = 0
    updates: int = Field(10, ge=1)
    tasks_per_update: int = Field(6, ge=1)
    group_size: int = Field(8, ge=1)
    """Rollouts of each task."""
    checkpoint_every: int = Field(1, ge=1)
    keep_checkpoints: int = Field(2, ge=1)


class EvaluationConfig(_Table):
    """The evaluations before and after training."""

    samples: int = Field(2, ge=1)
    """Completions for each task."""
    temperature: float = Field(0.4, ge=0)
    max_tasks: int | None = Field(None, ge=1)
    """The first so many tasks; all by default."""
    timeout_s: float = Field(10.0, gt=0)
    """For one run of a program."""
    execute: bool = True
    """Run the tests, in the sandbox."""


class Recipe(_Table):
    """A whole run."""

    policy: PolicyConfig = PolicyConfig()
    tasks: TasksConfig = TasksConfig()
    generation: GenerationConfig = GenerationConfig()
    grounding: GroundingConfig = GroundingConfig()
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    algorithm: PPOConfig = PPOConfig()
    train: TrainConfig = TrainConfig()
    evaluation: EvaluationConfig = EvaluationConfig()


def load_recipe(path: Path, settings: Sequence[str] = ()) -> Recipe:
    """Reads a TOML recipe, with `settings` such as `train.seed=1` or `policy.lora_layers=none` laid over it.

    Raises:
        ConfigError: the file cannot be read, a key is unknown or a value is wrong; one line names it.
    """
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the recipe {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    return make_recipe(tables, settings, where=str(path))


def make_recipe(tables: dict[str, Any], settings: Sequence[str] = (), where: str = "recipe") -> Recipe:
    """A recipe from plain values; see `load_recipe`."""
    for setting in settings:
        _lay_over(tables, setting)
    try:
        return Recipe.model_validate(tables)
    except ValidationError as error:
        raise ConfigError(f"{where}: {_first_problem(error)}") from error


def _lay_over(tables: dict[str, Any], setting: str) -> None:
    key, equals, text = setting.partition("=")
    *path, last = key.strip().split(".")
    if not equals or not path:
        raise ConfigError(f"--set {setting!r}: expected table.key=value, such as train.seed=1")
    table = tables
    for name in path:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise ConfigError(f"--set {setting!r}: {name!r} is a value, not a table")
    if text.strip() == "none":  # TOML has no word for it
        table[last] = None
        return
    try:
        table[last] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        table[last] = text.strip()  # a bare word is a string


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    place = [str(part) for part in problem["loc"]]
    key = ".".join(place)
    if problem["type"] != "extra_forbidden":
        return f"{key} = {problem['input']!r}: {problem['msg'][0].lower()}{problem['msg'][1:]}"
    known = _known_keys(place[:-1])
    close = difflib.get_close_matches(place[-1], known, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
    return f"unknown key {key!r}: {hint}"


def _known_keys(path: Sequence[str]) -> list[str]:
    table: type[BaseModel] = Recipe
    for name in path:
        annotation = table.model_fields[name].annotation
        assert isinstance(annotation, type)
        table = annotation
    return sorted(table.model_fields)
