"""The `[algorithm]` table: its key `name` says which of these it is.

`ALGORITHM_TABLES` is the registry of algorithms. The class of the algorithm `x` stands in
`rlcf/training/algorithms/x.py`, which is imported only when a policy is trained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from rlcf.config.table import Count, NonNegative, Positive, Share, Steps, Table, keyed_by_name


class AlgorithmTable(Table):
    """What every algorithm has: steps of AdamW on minibatches."""

    name: str
    learning_rate: Positive = 2.2e-3
    anneal_to: Share = 0.3
    """The learning rate falls linearly over the run, to this share of itself; 1 keeps it."""
    minibatches: Count = 4
    max_grad_norm: Positive = 1.0
    epochs: Count = 1
    """Passes over the rollouts (or references) of an update."""

    @property
    def compares_group(self) -> bool:
        """Whether a rollout is compared with the others of its task: then a group of equal rewards says nothing."""
        return False


class ReferencesTable(AlgorithmTable):
    """An algorithm that learns from the tasks' references: no rollouts, no reward."""

    max_tokens: Count = 1024
    """References are cut after this many tokens."""


class RolloutsTable(AlgorithmTable):
    """An algorithm that learns from rollouts and their rewards, group by group."""

    learn_from: int | None = Field(None, ge=2)
    """Learn from this number of a group's rollouts only, those whose rewards vary most; all by default."""
    mask_truncated: bool = False
    """Nothing is learnt from rollouts that were cut at the limit of tokens; others are still compared with them."""
    imitation_coefficient: NonNegative = 0.0
    """Of the cross-entropy of references, a term of the loss."""
    imitated: Count | None = None
    """How many references an update imitates; by default those of its own tasks.

    They are drawn as an update's tasks are: each once before any comes again, in the same order. Without an
    `imitation_coefficient` it says nothing.
    """

    @property
    def compares_group(self) -> bool:
        return True


class PenaltyTable(RolloutsTable):
    """With a KL penalty against the reference model, and advantages that may be negative."""

    kl_coefficient: NonNegative = 0.03
    """Of the penalty against the reference model, per nat, at every token."""
    kl_target: Positive | None = None
    """Nats a token: `kl_coefficient` is then only where the coefficient starts, and is steered towards this KL."""
    kl_gain: Positive = 1.0
    """How fast it is steered: at most by a fifth of this share an update."""
    credit: Literal["program", "diagnostic"] = "program"
    """All tokens of a rejected program carry its negative advantage, or those before its first error carry less."""
    credit_before: Share = 0.2
    """`diagnostic`: the weight of tokens before the line of the first error."""

    @property
    def weight_before_error(self) -> float:
        """The credit weight of the tokens before a rejected program's first error."""
        return self.credit_before if self.credit == "diagnostic" else 1.0

    @model_validator(mode="after")
    def _steerable(self) -> Self:
        if self.kl_target is not None and self.kl_coefficient == 0:
            raise ValueError("kl_target steers kl_coefficient by factors, so kl_coefficient has to be above 0")
        return self


class CriticTable(PenaltyTable):
    """With a critic: a value head on the policy's hidden states."""

    value_learning_rate: Positive = 2e-3
    value_clip: Positive = 0.5
    """The value may move this far from the one at the rollout."""
    value_steps: Count = 30
    """Steps of the value head after each update."""
    gamma: float = Field(1.0, gt=0, le=1)
    gae_lambda: Share = 1.0
    """Below 1, the value function counts for more, and tokens far from the end earn less of the reward."""


class PPOConfig(CriticTable):
    """Proximal policy optimisation (Schulman et al., 2017)."""

    name: Literal["ppo"] = "ppo"
    epochs: Count = 2
    clip: Positive = 0.2
    """The probability ratio is clipped to 1 ± clip."""
    clip_high: Positive | None = None
    """Upwards to 1 + clip_high, where it is set."""
    baseline: Literal["group", "batch"] = "group"
    """Advantages are taken relative to the rollouts of the same task, or to the whole batch."""

    @property
    def compares_group(self) -> bool:
        return self.baseline == "group"


class GRPOConfig(PenaltyTable):
    """Group relative policy optimisation (Shao et al., 2024), by default as Dr. GRPO (Liu et al., 2025) has it."""

    name: Literal["grpo"] = "grpo"
    learning_rate: Positive = 1e-3
    """Lower than PPO's: the policy has to stay near the model it started from, or it forgets what it knows."""
    minibatches: Count = 2
    epochs: Count = 1
    """One: each minibatch is then taken to be on-policy, and no log-probabilities from before the update are computed.
    With more than one minibatch, the later ones are so but for the steps before them, which nothing corrects."""
    clip: Positive = 0.2
    """The probability ratio is clipped to 1 ± clip. With one epoch it is taken to be 1."""
    clip_high: Positive | None = None
    """Upwards to 1 + clip_high, where it is set."""
    divide_by_deviation: bool = False
    """Divide a group's advantages by the standard deviation of its rewards, as GRPO was published."""
    divide_by_length: bool = False
    """Divide a rollout's loss by its length, as GRPO was published; otherwise every token has the same weight."""


class RLOOConfig(PenaltyTable):
    """REINFORCE with a leave-one-out baseline (Ahmadian et al., 2024)."""

    name: Literal["rloo"] = "rloo"
    learning_rate: Positive = 8e-4
    """Lower than elsewhere: nothing clips how far a step takes down a rejected program's probability."""
    epochs: Literal[1] = 1
    """One: nothing corrects for a policy that has moved away from the one that drew the rollouts."""


class RAFTConfig(RolloutsTable):
    """Reward-ranked fine-tuning (Dong et al., 2023)."""

    name: Literal["raft"] = "raft"
    learning_rate: Positive = 5e-4
    imitate_above: float = Field(-1.0, ge=-1, lt=1)
    """Only rollouts with more reward than this are imitated; −1 is what a rejected program earns."""


class SFTConfig(ReferencesTable):
    """Supervised fine-tuning on the references."""

    name: Literal["sft"] = "sft"
    learning_rate: Positive = 5e-4


class WarmStartTable(ReferencesTable):
    """The `[warm_start]` table: a few updates of supervised fine-tuning before the algorithm's first one."""

    name: Literal["sft"] = "sft"
    updates: Steps = 0
    """None: training begins with the policy as it is."""
    tasks_per_update: Count = 50
    learning_rate: Positive = 5e-4
    minibatches: Count = 2


ALGORITHM_TABLES: dict[str, type[AlgorithmTable]] = {
    table.model_fields["name"].default: table for table in (PPOConfig, GRPOConfig, RLOOConfig, RAFTConfig, SFTConfig)
}
"""The registry: the table of each algorithm by its name."""


if TYPE_CHECKING:
    AlgorithmConfig = AlgorithmTable
else:
    AlgorithmConfig = keyed_by_name(ALGORITHM_TABLES, default="grpo")
