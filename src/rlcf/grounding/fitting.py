"""How the discriminator is fitted: to keep programs a set distance apart, and no further.

The plain recipe, a log-likelihood over (reference, generated) pairs, drives the two apart without end; then g sits at
−1 for all that the policy writes, the earnest sketch and the empty body alike, and what remains of the reward is the
compiler's (`docs/concepts.md`, *The reward*). Here f learns where programs stand below the reference,

    one distance:   what the policy wrote, the reference of another task
    two distances:  a stub, a trivial program

by least squares, as in least-squares GANs (Mao et al., 2017, arXiv 1611.04076): too far apart is as wrong as too near,
so a discriminator that is always right still says by how much.
"""

from __future__ import annotations

import copy
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from rlcf.config import DiscriminatorConfig
from rlcf.grounding.discriminator import Discriminator
from rlcf.records import Task


@dataclass(frozen=True, slots=True)
class Example:
    """One generated program, beside what it is compared with."""

    prompt: str
    generated: str
    reference: str
    stub: str
    trivial: bool
    accepted: bool


@dataclass(frozen=True, slots=True)
class FitReport:
    """What one fit came to."""

    loss: float | None
    """Mean over the steps; `None` when there was nothing to fit on."""
    steps: int


class Fitter:
    """Fits a discriminator, and keeps a replay of what it was fitted on."""

    def __init__(
        self,
        discriminator: Discriminator,
        tasks: Sequence[Task],
        stubs: Sequence[str],
        config: DiscriminatorConfig,
        seed: int,
    ) -> None:
        self.discriminator = discriminator
        self.config = config
        self.tasks = [(t, s) for t, s in zip(tasks, stubs, strict=True) if t.canonical_solution]
        self.replay: deque[Example] = deque(maxlen=config.replay)
        self.random = random.Random(seed)
        self.optimizer = torch.optim.AdamW(
            discriminator.mlp.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )

    def warm_up(self) -> FitReport:
        """Before training: references above stubs and above the references of other tasks."""
        return self._fit(self.config.warmup_steps)

    def refresh(self, examples: Sequence[Example]) -> FitReport:
        """After an update: takes in the newest programs and fits on them and on older ones."""
        self.replay.extend(examples)
        return self._fit(self.config.refresh_steps)

    def measure(self, examples: Sequence[Example]) -> dict[str, float | None]:
        """How the discriminator stands on `examples`. Ask before `refresh` takes them in: then they are held out.

        `accuracy`: share of (reference, generated) pairs, in shuffled order, in which it finds the reference.
        `reference`, `accepted`, `trivial`, `stub`: mean preference of such programs against the reference; `accepted`
        leaves the trivial ones out. `None` where there is no such program.
        """
        return {
            "accuracy": self._accuracy(examples),
            "reference": 0.0 if examples else None,  # g of two equal programs: tanh 0
            "accepted": self._mean_preference([e for e in examples if e.accepted and not e.trivial], "generated"),
            "trivial": self._mean_preference([e for e in examples if e.trivial], "generated"),
            "stub": self._mean_preference(examples, "stub"),
        }

    def _accuracy(self, examples: Sequence[Example]) -> float | None:
        examples = [e for e in examples if e.generated.split() != e.reference.split()]  # those cannot be told apart
        if not examples:
            return None
        pairs = [
            (e.reference, e.generated) if self.random.random() < 0.5 else (e.generated, e.reference) for e in examples
        ]
        g = self.discriminator.preference([e.prompt for e in examples], [a for a, _ in pairs], [b for _, b in pairs])
        right = [
            (float(value) > 0) == (first == e.reference)
            for value, (first, _), e in zip(g, pairs, examples, strict=True)
        ]
        return sum(right) / len(right)

    def _mean_preference(self, examples: Sequence[Example], which: str) -> float | None:
        if not examples:
            return None
        g = self.discriminator.preference(
            [e.prompt for e in examples],
            [getattr(e, which) for e in examples],
            [e.reference for e in examples],
        )
        return float(g.mean())

    def state_dict(self) -> dict[str, Any]:
        """Copies of the MLP, its optimiser, the replay and the state of the randomness."""
        version, internal, gauss = self.random.getstate()
        return {
            "mlp": copy.deepcopy(self.discriminator.mlp.state_dict()),
            "optimizer": copy.deepcopy(self.optimizer.state_dict()),
            "replay": [asdict(e) for e in self.replay],
            "random": [version, list(internal), gauss],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes back what `state_dict` gave."""
        self.discriminator.mlp.load_state_dict(state["mlp"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.replay = deque((Example(**e) for e in state["replay"]), maxlen=self.config.replay)
        version, internal, gauss = state["random"]
        self.random.setstate((version, tuple(internal), gauss))

    def _fit(self, steps: int) -> FitReport:
        if not self.tasks or steps == 0:
            return FitReport(None, 0)
        self.discriminator.train()
        losses = []
        for _ in range(steps):
            loss = self._loss()
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
            losses.append(loss.detach())
        self.discriminator.eval()
        return FitReport(float(torch.stack(losses).mean()), steps)

    def _loss(self) -> Tensor:
        distance = self.config.distance
        drawn = self.random.sample(self.tasks, min(len(self.tasks), self.config.batch_size))
        prompts = [t.prompt for t, _ in drawn]
        references = [t.canonical_solution or "" for t, _ in drawn]
        others = references[1:] + references[:1]
        f_reference = self._f(prompts, references)
        loss = _apart(f_reference, self._f(prompts, [s for _, s in drawn]), 2 * distance)
        loss = loss + _apart(f_reference, self._f(prompts, others), distance)
        if self.replay:
            loss = loss + self._loss_of_generated()
        return loss

    def _loss_of_generated(self) -> Tensor:
        drawn = self.random.sample(self.replay, min(len(self.replay), self.config.batch_size))
        prompts = [e.prompt for e in drawn]
        distances = torch.tensor([2.0 if e.trivial else 1.0 for e in drawn]) * self.config.distance
        f_reference = self._f(prompts, [e.reference for e in drawn])
        return _apart(f_reference, self._f(prompts, [e.generated for e in drawn]), distances)

    def _f(self, prompts: Sequence[str], completions: Sequence[str]) -> Tensor:
        values: Tensor = self.discriminator(self.discriminator.features(prompts, completions))
        return values


def _apart(better: Tensor, worse: Tensor, distance: Tensor | float) -> Tensor:
    """Mean squared error of the distance from `worse` up to `better`."""
    return ((better - worse - distance) ** 2).mean()
