"""What a run is made of: one frozen model per table of a recipe's TOML file. Defaults are those of the demo."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rlcf.config.algorithms import AlgorithmConfig, PPOConfig
from rlcf.config.table import Table

CalibrationName = Literal["least_squares", "margin", "group_rank", "pairwise"]


class PolicyConfig(Table):
    """The model that is trained."""

    model: str = "builtin:smollm2-135m"
    """A Hugging Face id, a folder, a GGUF file, or a built-in name; or a run's `adapter` folder, to go on from it."""
    training: Literal["lora", "full"] = "lora"
    lora_rank: int = Field(16, ge=1)
    """This and the next two: of a new adapter. One that training goes on from keeps its own."""
    lora_alpha: int = Field(32, ge=1)
    lora_layers: int | None = Field(12, ge=1)
    """Put the adapter on the last so many layers only: faster, for the lower ones then need no backward pass."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the base weights: `auto` is bfloat16 under LoRA, float32 in full training."""


class TasksConfig(Table):
    """What is trained on, and what is evaluated on."""

    train: str = "builtin:java"
    """A task file or built-in set; its tasks with split `heldout` are never trained on."""
    evaluate: str = "builtin:java"
    """A task file or built-in set; where its tasks have splits, those with split `heldout`."""


class GenerationConfig(Table):
    """How rollouts are sampled."""

    max_new_tokens: int = Field(96, ge=1)
    temperature: float = Field(0.6, gt=0)
    batch_rows: int = Field(64, ge=1)
    """Completions computed at once."""


class DiscriminatorConfig(Table):
    """The encoder with an MLP that compares a program with the reference."""

    encoder: str = "builtin:minilm"
    calibration: CalibrationName = "least_squares"
    """How f is fitted, and how its values become the reward of mode `hybrid`; `pairwise` is the paper's."""
    hidden: int = Field(128, ge=1)
    learning_rate: float = Field(1e-3, gt=0)
    weight_decay: float = Field(0.01, ge=0)
    distance: float = Field(0.5, gt=0)
    """How far f should put the policy's programs below the reference; stubs twice as far. Not in `pairwise`."""
    warmup_steps: int = Field(200, ge=0)
    """Steps on references, stubs and references of other tasks, before the first update."""
    refresh_steps: int = Field(30, ge=0)
    """Steps after each update, on new and replayed rollouts."""
    batch_size: int = Field(64, ge=2)
    replay: int = Field(1024, ge=1)
    """Rollouts remembered."""


class GroundingConfig(Table):
    """Verdicts and the scores of components → reward."""

    mode: Literal["compiler", "discriminator", "hybrid"] = "hybrid"
    components: dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]] | None = Field(None, min_length=1)
    """Weights of the reward's components, in place of those of the mode; the mode's gate stays."""
    trivial_reward: float = Field(-0.9, ge=-1, le=1)
    """`hybrid`: what an accepted program earns that is no better than a stub. Not in the calibration `pairwise`."""
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


class TrainConfig(Table):
    """The loop."""

    seed: int = 0
    updates: int = Field(14, ge=1)
    tasks_per_update: int = Field(6, ge=1)
    group_size: int = Field(8, ge=1)
    """Rollouts of each task."""
    checkpoint_every: int = Field(1, ge=1)
    keep_checkpoints: int = Field(2, ge=1)


class EvaluationConfig(Table):
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


class Recipe(Table):
    """A whole run."""

    policy: PolicyConfig = PolicyConfig()
    tasks: TasksConfig = TasksConfig()
    generation: GenerationConfig = GenerationConfig()
    grounding: GroundingConfig = GroundingConfig()
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    algorithm: AlgorithmConfig = PPOConfig()
    train: TrainConfig = TrainConfig()
    evaluation: EvaluationConfig = EvaluationConfig()

    @model_validator(mode="after")
    def _rejection_costs(self) -> Self:
        """In mode `discriminator` a rejection costs nothing: there is no blame to be placed."""
        if self.grounding.mode == "discriminator" and getattr(self.algorithm, "credit", "program") != "program":
            raise ValueError(
                "algorithm.credit = 'diagnostic' needs a reward that a rejection lowers: "
                "grounding.mode 'hybrid' or 'compiler', not 'discriminator'"
            )
        return self

    @model_validator(mode="after")
    def _group_has_others(self) -> Self:
        """A rollout that is compared with the others of its task needs others."""
        if self.train.group_size == 1 and getattr(self.algorithm, "compares_group", False):
            raise ValueError(
                f"train.group_size = 1 leaves '{self.algorithm.name}' nothing to compare a rollout with: "
                "take at least 2, or algorithm.name = 'ppo' with algorithm.centre = 'batch'"
            )
        return self
