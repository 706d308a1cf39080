"""The `[algorithm]` table: its key `name` says which of these it is.

To a new algorithm belong a table here, its name in `ALGORITHM_TABLES` and its place in `AlgorithmConfig`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from rlcf.config.table import Table


class GradientTable(Table):
    """What every algorithm here has: steps of AdamW on minibatches."""

    learning_rate: float = Field(2.2e-3, gt=0)
    anneal_to: float = Field(0.3, ge=0, le=1)
    """The learning rate falls linearly over the run, to this share of itself; 1 keeps it."""
    minibatches: int = Field(4, ge=1)
    max_grad_norm: float = Field(1.0, gt=0)


class RewardTable(GradientTable):
    """What every algorithm that learns from rewards has."""

    kl_coefficient: float = Field(0.03, ge=0)
    """Of the penalty against the reference model, per nat, at every token."""
    kl_target: float | None = Field(None, gt=0)
    """Nats a token: `kl_coefficient` is then only where the coefficient starts, and is steered towards this KL."""
    kl_gain: float = Field(1.0, gt=0)
    """How fast it is steered: at most by a fifth of this share an update."""
    credit: Literal["program", "diagnostic"] = "program"
    """Blame all tokens of a rejected program alike, or what stands before its first error less."""
    credit_before: float = Field(0.2, ge=0, le=1)
    """`diagnostic`: the share of the blame that falls on tokens before the line of the first error."""

    @property
    def blame_before(self) -> float:
        """What a token before a rejected program's first error counts for in its blame."""
        return self.credit_before if self.credit == "diagnostic" else 1.0

    @property
    def compares_group(self) -> bool:
        """Whether a rollout is measured against the others of its task: then a group of equal rewards says nothing."""
        return True

    @model_validator(mode="after")
    def _steerable(self) -> Self:
        if self.kl_target is not None and self.kl_coefficient == 0:
            raise ValueError("kl_target steers kl_coefficient by factors, so kl_coefficient has to be above 0")
        return self


class PPOConfig(RewardTable):
    """Proximal policy optimisation (Schulman et al., 2017)."""

    name: Literal["ppo"] = "ppo"
    value_learning_rate: float = Field(2e-3, gt=0)
    epochs: int = Field(2, ge=1)
    clip: float = Field(0.2, gt=0)
    """The probability ratio is clipped to 1 ± clip."""
    value_clip: float = Field(0.5, gt=0)
    """The value may move this far from the one at the rollout."""
    value_steps: int = Field(30, ge=1)
    """Steps of the value head after each update."""
    gamma: float = Field(1.0, gt=0, le=1)
    gae_lambda: float = Field(1.0, ge=0, le=1)
    """Below 1, the value function's word counts for more, and tokens far from the end earn less of the reward."""
    centre: Literal["group", "batch"] = "group"
    """Advantages are taken relative to the rollouts of the same task, or to the whole batch."""

    @property
    def compares_group(self) -> bool:
        return self.centre == "group"


class GRPOConfig(RewardTable):
    """Group relative policy optimisation (Shao et al., 2024), by default as Dr. GRPO (Liu et al., 2025) has it."""

    name: Literal["grpo"] = "grpo"
    epochs: int = Field(2, ge=1)
    clip: float = Field(0.2, gt=0)
    """The probability ratio is clipped to 1 ± clip."""
    divide_by_deviation: bool = False
    """Divide a group's advantages by the standard deviation of its rewards, as GRPO was published."""
    divide_by_length: bool = False
    """Divide a rollout's loss by its length, as GRPO was published; otherwise all tokens count alike."""


class RLOOConfig(RewardTable):
    """REINFORCE with a leave-one-out baseline (Ahmadian et al., 2024)."""

    name: Literal["rloo"] = "rloo"
    learning_rate: float = Field(8e-4, gt=0)
    """Lower than elsewhere: nothing clips how far a step takes a blamed program's probability down."""


class SFTConfig(GradientTable):
    """Supervised fine-tuning on the references: no rollouts, no reward."""

    name: Literal["sft"] = "sft"
    learning_rate: float = Field(5e-4, gt=0)
    epochs: int = Field(1, ge=1)
    """Passes over the references of an update."""
    max_tokens: int = Field(1024, ge=1)
    """References are cut behind so many tokens."""


ALGORITHM_TABLES: dict[str, type[GradientTable]] = {
    "ppo": PPOConfig,
    "grpo": GRPOConfig,
    "rloo": RLOOConfig,
    "sft": SFTConfig,
}


def _name_of(table: Any) -> str:
    return str(table.get("name", "ppo") if isinstance(table, dict) else getattr(table, "name", table))


AlgorithmConfig = Annotated[
    Annotated[PPOConfig, Tag("ppo")]
    | Annotated[GRPOConfig, Tag("grpo")]
    | Annotated[RLOOConfig, Tag("rloo")]
    | Annotated[SFTConfig, Tag("sft")],
    Discriminator(_name_of),
]
"""One of `ALGORITHM_TABLES`; without a name it is `ppo`."""
