"""How the discriminator is fitted: before training, and after each update, with a replay of older programs.

What the fit wants of f is decided by the calibration (`rlcf.grounding.calibrations`).
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
from rlcf.grounding.calibrations import CALIBRATIONS, Anchors
from rlcf.grounding.discriminator.model import Discriminator, Example
from rlcf.languages.base import Language
from rlcf.records import Task

_ANCHOR_TASKS = 512
"""References and stubs of at most this many tasks are used: encoding those of thousands takes minutes."""


@dataclass(frozen=True, slots=True)
class FitReport:
    """The result of one fit."""

    loss: float | None
    """Mean over the steps; `None` when there was nothing to fit on."""
    steps: int


class DiscriminatorTrainer:
    """Fits a discriminator by the calibration that the config names, and keeps a replay of what it was fitted on."""

    def __init__(
        self,
        discriminator: Discriminator,
        tasks: Sequence[Task],
        language: Language,
        config: DiscriminatorConfig,
        seed: int,
    ) -> None:
        self.discriminator = discriminator
        self.config = config
        self.calibration = CALIBRATIONS[config.calibration]
        discriminator.calibration = config.calibration
        compared = [t for t in tasks if t.canonical_solution]
        if len(compared) > _ANCHOR_TASKS:
            compared = random.Random(seed).sample(compared, _ANCHOR_TASKS)
        self.anchors = [Example.of(language, t, t.canonical_solution or "") for t in compared]
        self.replay: deque[Example] = deque(maxlen=config.replay)
        self.random = random.Random(seed)
        self.optimizer = torch.optim.AdamW(
            discriminator.mlp.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )

    def warm_up(self) -> FitReport:
        """Before training: on references, stubs and references of other tasks, where the calibration uses them."""
        return self._fit(self.config.warmup_steps)

    def refresh(self, examples: Sequence[Example]) -> FitReport:
        """After an update: adds the newest programs to the replay, and fits on them and on older ones."""
        self.replay.extend(examples)
        return self._fit(self.config.refresh_steps)

    def measure(self, examples: Sequence[Example]) -> dict[str, float | None]:
        """The discriminator's accuracy and preferences on `examples`; call it before `refresh`: then they are held out.

        `accuracy`: share of (reference, generated) pairs, in shuffled order, in which it finds the reference.
        `reference`, `accepted`, `trivial`, `stub`: mean preference of such programs against the reference; `accepted`
        leaves the trivial ones out. `None` where there is no such program.
        """
        return {
            "accuracy": self._accuracy(examples),
            "reference": 0.0 if examples else None,  # g of two equal programs: tanh 0
            "accepted": self._mean_preference([e for e in examples if e.accepted and not e.trivial], "program"),
            "trivial": self._mean_preference([e for e in examples if e.trivial], "program"),
            "stub": self._mean_preference(examples, "stub"),
        }

    def _accuracy(self, examples: Sequence[Example]) -> float | None:
        examples = [e for e in examples if e.program.split() != e.reference.split()]  # those cannot be told apart
        if not examples:
            return None
        pairs = [(e.reference, e.program) if self.random.random() < 0.5 else (e.program, e.reference) for e in examples]
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
        """Restores what `state_dict` gave."""
        self.discriminator.mlp.load_state_dict(state["mlp"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.replay = deque((Example(**e) for e in state["replay"]), maxlen=self.config.replay)
        version, internal, gauss = state["random"]
        self.random.setstate((version, tuple(internal), gauss))

    def _fit(self, steps: int) -> FitReport:
        if not self.anchors:
            return FitReport(None, 0)
        self.discriminator.train()
        losses = []
        for _ in range(steps):
            loss = self._loss()
            if loss is None:
                break
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
            losses.append(loss.detach())
        self.discriminator.eval()
        return FitReport(float(torch.stack(losses).mean()) if losses else None, len(losses))

    def _loss(self) -> Tensor | None:
        size = self.config.batch_size
        drawn = self.random.sample(self.anchors, min(len(self.anchors), size))
        anchors = Anchors(
            prompts=[e.prompt for e in drawn],
            references=[e.reference for e in drawn],
            stubs=[e.stub for e in drawn],
        )
        rollouts = self.random.sample(self.replay, min(len(self.replay), size))
        return self.calibration.loss(self._f, anchors, rollouts, self.config.margin)

    def _f(self, prompts: Sequence[str], programs: Sequence[str]) -> Tensor:
        values: Tensor = self.discriminator(self.discriminator.features(prompts, programs))
        return values
