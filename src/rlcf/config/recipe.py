"""What a run is made of: one frozen model per table of a recipe's TOML file. Defaults are those of the demo."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from rlcf.config.algorithms import AlgorithmConfig, GRPOConfig, WarmStartTable
from rlcf.config.languages import JavaOptions, LanguageConfig
from rlcf.config.table import Count, NonNegative, Positive, Seconds, Seed, Share, Steps, Table, Workers, keyed_by_name

CalibrationName = Literal["least_squares", "margin", "group_rank", "pairwise"]
FimMode = Literal["auto", "off"]


class PolicyConfig(Table):
    """The model that is trained."""

    model: str = "builtin:smollm2-135m"
    """A Hugging Face id, a folder, a GGUF file, or a built-in name; or a run's `adapter` folder, to go on from it."""
    training: Literal["lora", "full"] = "lora"
    lora_rank: Count = 16
    """This and the next two: of a new adapter. One that training goes on from keeps its own."""
    lora_alpha: Count = 32
    lora_layers: Count | None = 12
    """Adapt only this number of layers, the last ones: faster, for the layers below need no backward pass. Of an
    encoder-decoder, the decoder's layers are the last ones."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the base weights: `auto` is bfloat16 under LoRA, float32 in full training. Processors without products in
    bfloat16 compute with the rounded weights of `auto` in float32, which is several times as fast there."""
    fim: FimMode = "auto"
    """Fill-in-the-middle: `auto` shows the model what follows the completion too, in tasks with a suffix, if its
    tokenizer has the tokens for it, and lets an encoder-decoder fill a gap; `off` shows the prompt alone."""


class TasksConfig(Table):
    """What is trained on, and what is evaluated on."""

    train: str = "builtin:java-easy"
    """A task file, beside the recipe or in the working folder, or a built-in set; its tasks with split `heldout` are
    never trained on."""
    evaluate: str = "builtin:java-easy"
    """A task file or built-in set; where its tasks have splits, those with split `heldout`."""


class GenerationConfig(Table):
    """How rollouts are sampled."""

    max_new_tokens: Count = 96
    temperature: Positive = 0.8
    batch_size: Count = 64
    """Completions computed at a time."""


class JudgeTable(Table):
    """What every judge has: it compares a program with the reference."""

    name: str


class AlignedConfig(JudgeTable):
    """A frozen language model: its token states of the program, aligned with the reference's, and its likelihood."""

    name: Literal["aligned"] = "aligned"
    model: str = "policy"
    """`policy` is the policy's reference model, which is in memory already; or a model as in `policy.model`."""
    layer: Share = 0.6
    """Which layer's states are aligned, as a share of the model's depth."""


class DiscriminatorConfig(JudgeTable):
    """An encoder with an MLP that is fitted to tell the policy's programs from references, as in the paper."""

    name: Literal["discriminator"] = "discriminator"
    encoder: str = "builtin:minilm"
    calibration: CalibrationName = "least_squares"
    """How f is fitted, and how its values become the reward of mode `hybrid`; `pairwise` is the paper's."""
    hidden: Count = 128
    learning_rate: Positive = 1e-3
    weight_decay: NonNegative = 0.01
    margin: Positive = 0.5
    """How far f should put the policy's programs below the reference; stubs twice as far. Not in `pairwise`."""
    warmup_steps: Steps = 200
    """Steps on references, stubs and references of other tasks, before the first update."""
    refresh_steps: Steps = 30
    """Steps after each update, on new and replayed rollouts."""
    batch_size: Count = Field(64, ge=2)
    replay: Count = 1024
    """The size of the replay buffer, in rollouts."""


JUDGE_TABLES: dict[str, type[JudgeTable]] = {
    table.model_fields["name"].default: table for table in (AlignedConfig, DiscriminatorConfig)
}
"""The table of each judge by its name."""

if TYPE_CHECKING:
    JudgeConfig = JudgeTable
else:
    JudgeConfig = keyed_by_name(JUDGE_TABLES, default="aligned")


class GroundingConfig(Table):
    """Verdicts and the scores of components → reward."""

    mode: Literal["compiler", "judge", "hybrid"] = "hybrid"
    components: dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]] | None = Field(None, min_length=1)
    """Weights of the reward's components, in place of those of the mode; the mode's gate stays."""
    trivial_reward: float = Field(-0.9, ge=-1, le=1)
    """`hybrid`: what an accepted program earns that is no better than a stub. Not in the calibration `pairwise`."""
    workers: Workers = 2
    """Compiler processes."""
    timeout_s: Seconds = 10.0
    """For one program."""
    cache_verdicts: bool = True
    """Check each different program a single time; rollouts repeat themselves."""


class TrainConfig(Table):
    """The loop."""

    seed: Seed = 0
    updates: Count = 18
    max_tokens: Count | None = None
    """Training ends before that with the update that reaches this number of tokens: sampled, or of references."""
    tasks_per_update: Count = 10
    shuffle: bool = True
    """Tasks in an order that the seed decides; or in that of their file, such as from easy to hard."""
    group_size: Count = 8
    """Rollouts of each task."""
    checkpoint_every: Count = 1
    keep_checkpoints: Count = 2


class EvaluationConfig(Table):
    """The evaluations before and after training."""

    samples: Count = 2
    """Completions for each task."""
    temperature: NonNegative = 0.4
    max_tasks: Count | None = None
    """Only this number of tasks, drawn by their ids: the same for every seed. All by default."""
    timeout_s: Seconds = 10.0
    """For one run of a program."""
    execute: bool = True
    """Run the tests, in the sandbox."""


class Recipe(Table):
    """A whole run."""

    policy: PolicyConfig = PolicyConfig()
    tasks: TasksConfig = TasksConfig()
    language: LanguageConfig = JavaOptions()
    generation: GenerationConfig = GenerationConfig()
    grounding: GroundingConfig = GroundingConfig()
    judge: JudgeConfig = AlignedConfig()
    warm_start: WarmStartTable = WarmStartTable()
    algorithm: AlgorithmConfig = GRPOConfig()
    train: TrainConfig = TrainConfig()
    evaluation: EvaluationConfig = EvaluationConfig()

    @model_validator(mode="after")
    def _rejection_costs(self) -> Self:
        """In mode `judge` a rejection costs nothing, so there is no negative advantage to distribute."""
        if self.grounding.mode == "judge" and getattr(self.algorithm, "credit", "program") != "program":
            raise ValueError(
                "algorithm.credit = 'diagnostic' needs a reward that a rejection lowers: "
                "grounding.mode 'hybrid' or 'compiler', not 'judge'"
            )
        return self

    @model_validator(mode="after")
    def _group_has_others(self) -> Self:
        """An algorithm that compares the rollouts of a task needs at least two of them."""
        if self.train.group_size == 1 and getattr(self.algorithm, "compares_group", False):
            raise ValueError(
                f"train.group_size = 1 leaves '{self.algorithm.name}' nothing to compare a rollout with: "
                "take at least 2, or algorithm.name = 'ppo' with algorithm.baseline = 'batch'"
            )
        return self
