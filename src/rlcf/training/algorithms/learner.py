"""What the algorithms share: scoring rollouts again, minibatches, and steps that only finite losses take."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rlcf.config.algorithms import GradientTable
from rlcf.errors import TrainingError
from rlcf.models.batches import select_rows
from rlcf.models.policy import Policy
from rlcf.training import distributed
from rlcf.training.algorithms.base import RolloutBatch

Take = Callable[[Tensor], Tensor]
"""Cuts a (B, T) tensor to the rows and columns of a minibatch."""
Loss = Callable[[Tensor, Take], tuple[Tensor, dict[str, float]]]
"""From a minibatch's log-probabilities, 0 at padding: its loss, and measurements by name; all of them means over
its tokens, weighted as `Learner.learn` is told."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is fixed about the rollouts while the policy is updated on them. All (B, T), 0 at padding."""

    mask: Tensor
    """1 at tokens that count: those of scored rollouts."""
    log_probs: Tensor
    """Under the policy as it was before the update."""
    reference: Tensor
    """Log-probabilities under the reference model."""
    entropy: Tensor
    hidden: Tensor | None
    """(B, T, H) the policy's last hidden states, for an algorithm that asks for them. Of several processes each
    has those of its own rows, which are `distributed.shard(B)`, and 0 for the others."""

    @property
    def log_ratio(self) -> Tensor:
        """log π − log π_ref of each token that counts, in nats: its mean estimates the KL divergence."""
        return (self.log_probs - self.reference) * self.mask

    def measurements(self) -> dict[str, float]:
        """`kl` and `entropy`, in nats a token."""
        count = self.mask.sum().clamp(min=1)
        return {
            "kl": float((self.log_ratio * self.mask).sum() / count),
            "entropy": float((self.entropy * self.mask).sum() / count),
        }


class Learner:
    """The policy's optimiser and the order of its minibatches."""

    def __init__(self, policy: Policy, config: GradientTable, temperature: float, seed: int) -> None:
        self.policy = policy
        self.config = config
        self.temperature = temperature
        self.optimizer = torch.optim.AdamW(
            policy.trainable_parameters(), lr=config.learning_rate, betas=(0.9, 0.95), weight_decay=0.0
        )
        self.generator = torch.Generator().manual_seed(seed)

    @torch.no_grad()
    def look_back(self, batch: RolloutBatch, with_hidden: bool = False) -> Past:
        """Scores the rollouts again under the policy that drew them and under the reference model."""
        mask = batch.completions.mask * batch.scored[:, None]
        log_probs, reference, entropy = (torch.zeros(mask.shape, device=mask.device) for _ in range(3))
        shape = (*mask.shape, self.policy.hidden_size)
        hidden = torch.zeros(shape, device=mask.device) if with_hidden else None
        own = torch.arange(len(mask))[distributed.shard(len(mask))]
        for rows in own.chunk(self.config.minibatches) if len(own) else ():
            prompts, part = select_rows(batch.prompts, batch.completions, rows)
            width = part.ids.shape[1]
            scores = self.policy.score(prompts, part, temperature=self.temperature, with_entropy=True)
            log_probs[rows, :width] = scores.log_probs
            if scores.entropy is not None:
                entropy[rows, :width] = scores.entropy
            if hidden is not None:
                hidden[rows, :width] = scores.hidden
            with self.policy.reference() as model:
                anchor = self.policy.score(prompts, part, temperature=self.temperature, model=model)
            reference[rows, :width] = anchor.log_probs
        log_probs, reference, entropy = (distributed.all_reduce(x) for x in (log_probs, reference, entropy))
        return Past(mask, log_probs, reference, entropy, hidden)

    def learn(
        self, batch: RolloutBatch, loss: Loss, weights: Tensor, remaining: float, epochs: int = 1
    ) -> dict[str, float]:
        """Steps over the scored rows, `epochs` times; the means of what `loss` measures, and of `grad_norm`.

        Args:
            weights: (B, T) what each token counts for in the means that `loss` gives. Of several processes each is
                asked for the mean over its rows; by these weights they add up to the mean over the minibatch.

        Raises:
            TrainingError: a loss or its gradient is not finite; it has not reached the weights.
        """
        least = self.config.anneal_to
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate * (least + (1 - least) * remaining)
        steps = [self._step(batch, loss, weights, rows) for _ in range(epochs) for rows in self._minibatches(batch)]
        return _mean_of_steps(steps)

    def _minibatches(self, batch: RolloutBatch) -> list[Tensor]:
        """Whole groups in random order; rollouts that are not scored are left out.

        A minibatch has as many groups as if all had a scored rollout: where few have, an update takes fewer steps, and
        not as many on less. Groups stay together because their rollouts share the work on their prompt.
        """
        owner, scored = batch.completions.owner.cpu(), batch.scored.cpu()
        present, count = set(owner[scored].tolist()), len(batch.prompts.ids)
        groups = [g for g in torch.randperm(count, generator=self.generator).tolist() if g in present]
        size = math.ceil(count / self.config.minibatches)
        parts = [torch.tensor(groups[start : start + size]) for start in range(0, len(groups), size)]
        return [(torch.isin(owner, part) & scored).nonzero().squeeze(-1) for part in parts]

    def _step(self, batch: RolloutBatch, loss: Loss, weights: Tensor, rows: Tensor) -> dict[str, float]:
        """One step on the loss over `rows`; what this process's share of them adds to each measurement."""
        own = rows[distributed.shard(len(rows))]
        value = torch.zeros((), device=batch.rewards.device)
        measured: dict[str, float] = {}
        if len(own):
            prompts, part = select_rows(batch.prompts, batch.completions, own)
            width = part.ids.shape[1]
            scores = self.policy.score(prompts, part, temperature=self.temperature)
            value, measured = loss(scores.log_probs, lambda x: x[own, :width])
            if len(own) < len(rows):
                portion = weights[own].sum() / weights[rows].sum().clamp(min=1e-9)
                value = value * portion
                measured = {name: number * float(portion) for name, number in measured.items()}
        self.optimizer.zero_grad()
        norm = backward(value, self.policy.trainable_parameters(), self.config.max_grad_norm)
        self.optimizer.step()
        return {**measured, "grad_norm": norm / distributed.world_size()}

    def state_dict(self) -> dict[str, Any]:
        return {"optimizer": self.optimizer.state_dict(), "generator": self.generator.get_state()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"])


def _mean_of_steps(steps: list[dict[str, float]]) -> dict[str, float]:
    """By name; of several processes, what their shares add up to. One without rows of its own measured nothing."""
    if distributed.world_size() > 1:
        every = distributed.all_gather([steps])
        names = [name for process in every for step in process for name in step]
        steps = [
            {name: sum(step.get(name, 0.0) for step in same) for name in dict.fromkeys(names)}
            for same in zip(*every, strict=True)
        ]
    return {name: sum(s[name] for s in steps) / len(steps) for name in steps[0]} if steps else {}


def backward(
    loss: Tensor, parameters: list[nn.Parameter], max_norm: float = float("inf"), key: str = "learning_rate"
) -> float:
    """The gradient of `loss`, cut to `max_norm`; returns its norm from before that.

    Of several processes, the gradient of the sum of their losses, the same on each.

    Args:
        key: of `[algorithm]`, what to lower when it is not finite.

    Raises:
        TrainingError: the loss or its gradient is not finite.
    """
    found = distributed.all_reduce(loss.detach())
    if not torch.isfinite(found):
        raise TrainingError(f"the loss is {float(found)}: lower algorithm.{key} (the last checkpoint is good)")
    if loss.requires_grad:
        loss.backward()  # type: ignore[no-untyped-call]
    distributed.all_reduce_gradients(parameters)
    norm = float(nn.utils.clip_grad_norm_(parameters, max_norm))
    if not norm < float("inf"):
        raise TrainingError(f"the gradient is {norm}: lower algorithm.{key} (the last checkpoint is good)")
    return norm
