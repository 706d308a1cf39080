"""How the discriminator is fitted: before training, and after each update, with a replay of older programs.

What the fit wants of f is decided by the calibration (`rlcf.grounding.calibrations`).
"""

import copy
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor

from rlcf.config import DiscriminatorConfig
from rlcf.grounding.calibrations import CALIBRATIONS
from rlcf.grounding.judge.base import Example, Which
from rlcf.grounding.judge.discriminator import Discriminator
from rlcf.languages.base import Language
from rlcf.records import Task

_ANCHOR_TASKS = 512
"""References and stubs of at most this many tasks are used: encoding those of thousands takes minutes."""


_OTHERS = 4
"""Each anchor is compared with the references of this many other tasks in a step."""


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

        `accuracy`: share of pairs (reference, generated), in either order, in which it finds the reference.
        `reference`, `accepted`, `trivial`, `stub`: mean preference of such programs against the reference; `accepted`
        leaves the trivial ones out. `None` where there is no such program.
        """
        judged = list(zip(examples, self.discriminator.preference(examples).tolist(), strict=True))
        distinct = [g for e, g in judged if e.program.split() != e.reference.split()]  # others cannot be told apart
        return {
            "accuracy": _mean([0.5 if g == 0 else float(g < 0) for g in distinct]),
            "reference": 0.0 if examples else None,  # g of two equal programs: tanh 0
            "accepted": _mean([g for e, g in judged if e.accepted and not e.trivial]),
            "trivial": _mean([g for e, g in judged if e.trivial]),
            "stub": _mean(self.discriminator.preference(examples, "stub").tolist()),
        }

    def state_dict(self) -> dict[str, Any]:
        """Copies of the MLP, its optimiser, the replay and the state of the randomness."""
        return {
            "mlp": copy.deepcopy(self.discriminator.mlp.state_dict()),
            "optimizer": copy.deepcopy(self.optimizer.state_dict()),
            "replay": [asdict(e) for e in self.replay],
            "random": self.random.getstate(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restores what `state_dict` gave."""
        self.discriminator.mlp.load_state_dict(state["mlp"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.replay = deque((Example(**e) for e in state["replay"]), maxlen=self.config.replay)
        self.random.setstate(state["random"])

    def _fit(self, steps: int) -> FitReport:
        self.discriminator.train()
        losses = []
        for _ in range(steps if self.anchors else 0):
            loss = self._loss()
            if loss is None:
                break
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
            losses.append(float(loss.detach()))
        self.discriminator.eval()
        return FitReport(_mean(losses), len(losses))

    def _loss(self) -> Tensor | None:
        size = self.config.batch_size
        drawn = self.random.sample(self.anchors, min(len(self.anchors), size))
        anchors = [
            replace(e, program=drawn[(i + shift) % len(drawn)].reference)
            for shift in range(1, max(2, min(_OTHERS + 1, len(drawn))))
            for i, e in enumerate(drawn)
        ]
        rollouts = self.random.sample(self.replay, min(len(self.replay), size))
        return self.calibration.loss(self._f, anchors, rollouts, self.config.margin)

    def _f(self, examples: Sequence[Example], which: Which) -> Tensor:
        values: Tensor = self.discriminator(self.discriminator.features(examples, which))
        return values


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
