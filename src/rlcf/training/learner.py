"""Steps of a policy on one update's rollouts: all that an algorithm's advantages and loss need around them."""

import math
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from rlcf.config.algorithms import AlgorithmTable, CriticTable, PenaltyTable, ReferencesTable, RolloutsTable
from rlcf.models.batches import CompletionBatch, PromptBatch, select_completions
from rlcf.models.policy import Policy
from rlcf.training import distributed
from rlcf.training.algorithms import Algorithm, Minibatch, RolloutBatch, make_algorithm
from rlcf.training.algorithms.groups import in_equal_groups, most_varied, share_of_groups
from rlcf.training.algorithms.losses import cross_entropy
from rlcf.training.critic import Critic
from rlcf.training.kl import KLCoefficient
from rlcf.training.optimiser import take_step


@dataclass(frozen=True, slots=True)
class TrainingBatch:
    """What one update learns from: rollouts, or references. Axes: P prompts, B completions, T completion tokens."""

    prompts: PromptBatch
    completions: CompletionBatch
    groups: Tensor
    """(B,) the number of each completion's group, from 0, without gaps."""
    rewards: Tensor
    """(B,) of each whole program; anything where `scored` is false, and for references."""
    scored: Tensor
    """(B,) bool: false for a rollout that a failing tool left without a reward."""
    action_mask: Tensor
    """(B, T) 1 at tokens that the policy wrote; 0 at padding, and at tokens that it was given."""
    credit_weights: Tensor
    """(B, T) in 0 … 1; see `rlcf.training.credit`."""
    learnt: Tensor
    """(B,) bool: false for a rollout that others are compared with, and that teaches nothing itself."""


class Learner:
    """Improves a policy by an algorithm: has the optimiser, the order of minibatches, KL coefficient and critic.

    Args:
        config: the recipe's `[algorithm]` table.
        temperature: the one that rollouts are sampled at.
        algorithm: by default the one that the table names.
    """

    def __init__(
        self, policy: Policy, config: AlgorithmTable, temperature: float, seed: int, algorithm: Algorithm | None = None
    ) -> None:
        self.policy = policy
        self.config = config
        self.algorithm = algorithm or make_algorithm(config)
        self.temperature = 1.0 if isinstance(config, ReferencesTable) else temperature
        self.compares_group = config.compares_group
        self.imitation_coefficient = config.imitation_coefficient if isinstance(config, RolloutsTable) else 0.0
        self.on_policy = config.epochs == 1 and not self.algorithm.needs_old_log_probs
        self.optimizer = torch.optim.AdamW(
            policy.trainable_parameters(), lr=config.learning_rate, betas=(0.9, 0.95), weight_decay=0.0
        )
        self.generator = torch.Generator().manual_seed(seed)
        self.kl = KLCoefficient(config) if isinstance(config, PenaltyTable) else None
        self.critic = Critic(config, policy) if isinstance(config, CriticTable) else None

    def update(
        self, batch: TrainingBatch, remaining: float = 1.0, references: TrainingBatch | None = None
    ) -> dict[str, float]:
        """Improves the policy on `batch`; returns measurements by name (see `docs/run-directory.md`).

        What is not scored moves nothing. Of several processes each is given the whole batch.

        Args:
            remaining: share of the training that is still to do, this update included; in (0, 1].
            references: of the update's tasks, to imitate besides; in an update without steps they are not read.

        Raises:
            TrainingError: a loss or its gradient is not finite; the weights are those of the last finite step.
        """
        if not batch.scored.any():
            return {}
        if isinstance(self.config, ReferencesTable):
            return self._learn(batch, self._rollouts(batch), None, remaining, int(batch.groups.max()) + 1, None)
        measured: dict[str, float] = {}
        count = int(batch.groups.max()) + 1
        if self.compares_group:
            equal = in_equal_groups(batch.rewards, batch.scored, batch.groups)
            measured["equal_groups"] = share_of_groups(equal, batch.scored, batch.groups)
            batch = _selected(batch, batch.scored & ~equal)
        if isinstance(self.config, RolloutsTable) and self.config.learn_from is not None and len(batch.rewards):
            batch = _selected(batch, most_varied(batch.rewards, batch.scored, batch.groups, self.config.learn_from))
        if len(batch.rewards):
            batch, references = self._with_frozen_states(batch), references and self._with_frozen_states(references)
            rollouts, hidden, recomputed = self._recompute(batch)
            measured |= recomputed | self._learn(batch, rollouts, hidden, remaining, count, references)
        if self.kl is not None:
            measured["kl_coefficient"] = self.kl.value
            if "kl" in measured:
                self.kl.adapt(measured["kl"])
        return measured

    def _with_frozen_states(self, batch: TrainingBatch) -> TrainingBatch:
        prompts, completions = self.policy.with_frozen_states(batch.prompts, batch.completions)
        return replace(batch, prompts=prompts, completions=completions)

    def _rollouts(self, batch: TrainingBatch) -> RolloutBatch:
        """The batch as the algorithm sees it, without log-probabilities."""
        mask = batch.action_mask * batch.scored[:, None].float()
        zeros = torch.zeros_like(mask)
        rewards = torch.where(batch.scored, batch.rewards, 0.0)
        kl = 0.0 if self.kl is None else self.kl.value
        return RolloutBatch(batch.groups, rewards, batch.scored, mask, zeros, zeros, batch.credit_weights, zeros, kl)

    @torch.no_grad()
    def _recompute(self, batch: TrainingBatch) -> tuple[RolloutBatch, Tensor | None, dict[str, float]]:
        """Log-probabilities under the policy before the update and under the reference model; `kl` and `entropy`.

        Where each minibatch is taken to be on-policy, those under the policy are 0, and `_step` measures.

        And, where there is a critic, the last hidden states (B', T, H) of this process's rows, `distributed.shard(B)`.
        """
        rollouts = self._rollouts(batch)
        mask, own = rollouts.mask, distributed.shard(len(rollouts.mask))
        log_probs, reference, entropy = (torch.zeros_like(mask) for _ in range(3))
        hidden = mask.new_zeros(*mask[own].shape, self.policy.hidden_size) if self.critic else None
        for rows in torch.arange(len(mask))[own].chunk(self.config.minibatches) if own.stop > own.start else ():
            prompts, part = select_completions(batch.prompts, batch.completions, rows)
            width = part.ids.shape[1]
            if not self.on_policy:
                scores = self.policy.log_probs(prompts, part, temperature=self.temperature, with_entropy=True)
                log_probs[rows, :width] = scores.log_probs
                if scores.entropy is not None:
                    entropy[rows, :width] = scores.entropy
                if hidden is not None:
                    hidden[rows - own.start, :width] = scores.hidden
            with self.policy.reference() as model:
                anchor = self.policy.log_probs(prompts, part, temperature=self.temperature, model=model)
            reference[rows, :width] = anchor.log_probs
        log_probs, reference, entropy = (distributed.all_reduce(x) for x in (log_probs, reference, entropy))
        rollouts = replace(rollouts, old_log_probs=log_probs * mask, ref_log_probs=reference * mask)
        measured = {} if self.on_policy else {"kl": _mean(rollouts.log_ratio, mask), "entropy": _mean(entropy, mask)}
        if isinstance(self.config, PenaltyTable) and self.config.weight_before_error < 1:
            measured["credit_weight"] = _mean(batch.credit_weights, mask)
        return rollouts, hidden, measured

    def _learn(
        self,
        batch: TrainingBatch,
        rollouts: RolloutBatch,
        hidden: Tensor | None,
        remaining: float,
        groups: int,
        references: TrainingBatch | None,
    ) -> dict[str, float]:
        """Steps over the minibatches, `epochs` times; the means of what the loss measures, and of `grad_norm`.

        Args:
            groups: how many there are in the update, those that teach nothing included.
        """
        if self.critic is not None and hidden is not None:
            rollouts = replace(rollouts, values=self.critic.values(hidden, rollouts.mask))
        with torch.no_grad():
            advantages = with_credit(self.algorithm.advantages(rollouts), rollouts.credit_weights)
            returns = self.algorithm.returns(rollouts) if self.critic is not None else None
        rollouts = _without(rollouts, ~batch.learnt)
        if self.algorithm.skips_zero_advantages:
            rollouts = _without(rollouts, ~advantages.any(-1))
        share = self.config.anneal_to + (1 - self.config.anneal_to) * remaining
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate * share
        steps = [
            self._step(batch, rollouts, advantages, rows, imitated)
            for _ in range(self.config.epochs)
            for rows, imitated in zip(self._minibatches(rollouts, groups), self._parts(references), strict=False)
        ]
        measured = {name: sum(step[name] for step in steps) / len(steps) for name in (steps[0] if steps else ())}
        if self.critic is not None and hidden is not None and returns is not None:
            measured |= self.critic.fit(hidden, rollouts, returns)
        return measured

    def _minibatches(self, rollouts: RolloutBatch, count: int) -> list[Tensor]:
        """The rows of each: whole groups in random order, without the rollouts that are not scored.

        A minibatch has as many groups as if all `count` had a scored rollout: where few have, an update takes fewer
        steps, and not as many on less. Groups stay together because their rollouts are compared, and share the work on
        their prompt.
        """
        groups, scored = rollouts.groups.cpu(), rollouts.scored.cpu()
        present = set(groups[scored].tolist())
        order = [g for g in torch.randperm(count, generator=self.generator).tolist() if g in present]
        size = math.ceil(count / self.config.minibatches)
        parts = [torch.tensor(order[start : start + size]) for start in range(0, len(order), size)]
        return [(torch.isin(groups, part) & scored).nonzero().squeeze(-1) for part in parts]

    def _parts(self, references: TrainingBatch | None) -> list[tuple[TrainingBatch, Tensor] | None]:
        """The references, and the rows of them that each minibatch of an epoch imitates.

        Where few groups leave fewer minibatches, the last parts are not imitated: a step has as many as always.
        """
        if references is None:
            return [None] * self.config.minibatches
        order = torch.randperm(len(references.rewards), generator=self.generator)
        parts = order.tensor_split(self.config.minibatches)
        return [(references, rows if len(rows) else order) for rows in parts]

    def _step(
        self,
        batch: TrainingBatch,
        rollouts: RolloutBatch,
        advantages: Tensor,
        rows: Tensor,
        imitated: tuple[TrainingBatch, Tensor] | None,
    ) -> dict[str, float]:
        """One step on the loss over `rows`; what it measured, and `grad_norm`."""
        log_probs, entropy = self._log_probs(batch, rows, self.temperature, self.on_policy)
        minibatch = _minibatch(rollouts, advantages, rows, log_probs.shape[1])
        log_probs = log_probs * minibatch.mask
        if self.on_policy:
            minibatch = replace(minibatch, old_log_probs=log_probs.detach())
        loss, measured = self.algorithm.loss(log_probs, minibatch)
        if self.on_policy:
            measured |= {"kl": _mean(minibatch.log_ratio, minibatch.mask), "entropy": _mean(entropy, minibatch.mask)}
        if imitated is not None:
            references, chosen = imitated
            of_references, _ = self._log_probs(references, chosen, 1.0, False)
            imitation = cross_entropy(of_references, references.action_mask[chosen, : of_references.shape[1]])
            loss = loss + self.imitation_coefficient * imitation
            measured["cross_entropy"] = float(imitation.detach())
        norm = take_step(self.optimizer, loss, max_norm=self.config.max_grad_norm)
        return {**measured, "grad_norm": norm}

    def _log_probs(
        self, batch: TrainingBatch, rows: Tensor, temperature: float, with_entropy: bool
    ) -> tuple[Tensor, Tensor]:
        """Log-probabilities and, on demand, entropies of `rows`, both (rows, T); 0 at padding.

        Of several processes each computes those of its share of the rows, and is given all of them. Its gradient
        reaches its own rows, and the sum of the gradients is that of one process.
        """
        width = max(1, int(batch.completions.mask[rows].sum(-1).max()))
        own = distributed.shard(len(rows))
        log_probs, entropy = (torch.zeros(len(rows), width, device=batch.rewards.device) for _ in range(2))
        if own.stop > own.start:
            prompts, part = select_completions(batch.prompts, batch.completions, rows[own])
            scores = self.policy.log_probs(prompts, part, temperature=temperature, with_entropy=with_entropy)
            around = (0, width - part.ids.shape[1], own.start, len(rows) - own.stop)
            log_probs = torch.nn.functional.pad(scores.log_probs, around)
            if scores.entropy is not None:
                entropy = torch.nn.functional.pad(scores.entropy, around)
        entropy = distributed.all_reduce(entropy) if with_entropy else entropy
        return distributed.all_reduce_with_own_gradient(log_probs), entropy

    def state_dict(self) -> dict[str, Any]:
        """All that a checkpoint needs beside the policy's weights."""
        return {
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "kl_coefficient": None if self.kl is None else self.kl.value,
            "critic": None if self.critic is None else self.critic.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restores what `state_dict` gave."""
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"])
        if self.kl is not None:
            self.kl.value = float(state["kl_coefficient"])
        if self.critic is not None:
            self.critic.load_state_dict(state["critic"])


def with_credit(advantages: Tensor, weights: Tensor) -> Tensor:
    """Negative advantages times each token's credit weight; the others as they are. All (B, T)."""
    return torch.where(advantages < 0, advantages * weights, advantages)


def _selected(batch: TrainingBatch, chosen: Tensor) -> TrainingBatch:
    """The rows that are `chosen` (B,); groups keep their numbers."""
    rows = {
        name: getattr(batch, name)[chosen]
        for name in ("groups", "rewards", "scored", "action_mask", "credit_weights", "learnt")
    }
    c = batch.completions
    return replace(batch, completions=CompletionBatch(c.ids[chosen], c.mask[chosen], c.prompt_index[chosen]), **rows)


def _without(rollouts: RolloutBatch, left_out: Tensor) -> RolloutBatch:
    """As if the rollouts that are `left_out` (B,) had not been scored."""
    return replace(rollouts, scored=rollouts.scored & ~left_out, mask=rollouts.mask * ~left_out[:, None])


def _minibatch(rollouts: RolloutBatch, advantages: Tensor, rows: Tensor, width: int) -> Minibatch:
    """Those of `rows`, cut to the first `width` tokens."""
    of_all = {field.name: getattr(rollouts, field.name) for field in fields(rollouts)} | {"advantages": advantages}
    cut = {name: x[rows, :width] if x.ndim == 2 else x[rows] for name, x in of_all.items() if isinstance(x, Tensor)}
    return Minibatch(**{**of_all, **cut})


def _mean(x: Tensor, mask: Tensor) -> float:
    """Over the tokens that `mask` counts."""
    return float((x * mask).sum() / mask.sum().clamp(min=1))
