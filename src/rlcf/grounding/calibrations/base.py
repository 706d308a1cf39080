"""What a calibration decides: where the fit wants the values of f, and what these are worth in the reward."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from rlcf.grounding.reward import ACCEPTED

ValueFunction = Callable[[Sequence[str], Sequence[str]], Tensor]
"""`(N,)` prompts and completions → `(N,)` values of f, with gradient."""

_LEAST_SPAN = 0.5
"""Below this distance between f(reference) and f(stub) the discriminator has no scale to measure on."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """What is known of N training tasks without any rollout; row i of each list belongs together."""

    prompts: list[str]
    references: list[str]
    stubs: list[str]

    @property
    def others(self) -> list[str]:
        """For each task the reference of another one."""
        return self.references[1:] + self.references[:1]


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
class Judged:
    """How one accepted program compares with its task's reference and stub: f of each, and its size."""

    program: float
    reference: float
    stub: float
    size: float | None = 1.0
    """The program's statements, as a share of the reference's; `None` where a tool could not tell."""
    trivial: bool = False
    task_id: str = ""

    @property
    def way(self) -> float:
        """Where f puts the program on the way from the stub (0) to the reference (1), clipped."""
        span = max(self.reference - self.stub, _LEAST_SPAN)
        return min(1.0, max(0.0, (self.program - self.stub) / span))


class Calibration(ABC):
    """How f is fitted, and how its values become the reward of mode `hybrid`. Without a state of its own."""

    @abstractmethod
    def loss(self, f: ValueFunction, anchors: Anchors, rollouts: Sequence[Example], distance: float) -> Tensor | None:
        """The loss of one step of the fit, a scalar; `None` where there is nothing that it could be fitted on.

        Args:
            rollouts: drawn from the replay; empty before the first update.
            distance: `discriminator.distance`.
        """

    @abstractmethod
    def rewards(self, judged: Sequence[Judged], trivial_reward: float) -> list[float | None]:
        """The rewards of the accepted programs of one batch, in −1 … 1; `None` where a tool failed."""


class Anchored(Calibration):
    """A calibration that pays a trivial program `trivial_reward`, and from there up to 1 by progress."""

    def rewards(self, judged: Sequence[Judged], trivial_reward: float) -> list[float | None]:
        rewards: list[float | None] = [trivial_reward] * len(judged)
        earnest = [i for i, j in enumerate(judged) if not j.trivial]
        for i, progress in zip(earnest, self.progress([judged[i] for i in earnest]), strict=True):
            rewards[i] = None if progress is None else trivial_reward + (ACCEPTED - trivial_reward) * progress
        return rewards

    @abstractmethod
    def progress(self, earnest: Sequence[Judged]) -> list[float | None]:
        """How far each accepted program that is not trivial has come, in 0 … 1; `None` where a tool failed."""
