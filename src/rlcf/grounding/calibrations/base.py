"""What a calibration decides: where the fit wants the values of f, and what these are worth in the reward."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from rlcf.grounding.judge.base import Example, Which
from rlcf.grounding.recipe import between

ValueFunction = Callable[[Sequence[Example], Which], Tensor]
"""`(N,)` values of f for one program of each example, with gradient."""

OTHER_TASK = 1.5
"""Margins between a reference and that of another task: below what the policy writes for this one."""
_MIN_SPAN = 0.5
"""Below this difference between f(reference) and f(stub) the discriminator has no scale to measure on."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one accepted program compares with its task's reference and stub: f of each, and its size."""

    program: float
    reference: float
    stub: float
    size: float | None = 1.0
    """The program's statements, as a share of the reference's; `None` where a tool failed."""
    trivial: bool = False
    task_id: str = ""

    @property
    def progress(self) -> float:
        """The program's position by f between the stub (0) and the reference (1), clipped."""
        span = max(self.reference - self.stub, _MIN_SPAN)
        return min(1.0, max(0.0, (self.program - self.stub) / span))


class Calibration(ABC):
    """How f is fitted, and how its values become the reward of an accepted program. Without a state of its own."""

    @abstractmethod
    def loss(
        self, f: ValueFunction, anchors: Sequence[Example], rollouts: Sequence[Example], margin: float
    ) -> Tensor | None:
        """The loss of one step of the fit, a scalar; `None` where there is nothing to fit on.

        Args:
            anchors: of training tasks, known without any rollout: the program is the reference of another task.
            rollouts: drawn from the replay; empty before the first update.
            margin: `judge.margin`.
        """

    @abstractmethod
    def rewards(self, comparisons: Sequence[Comparison], trivial_reward: float) -> list[float | None]:
        """The rewards of the accepted programs of one batch, in −1 … 1; `None` where a tool failed."""


class Anchored(Calibration):
    """A calibration that pays a trivial program `trivial_reward`, and other programs a fraction of the rest up to 1."""

    def rewards(self, comparisons: Sequence[Comparison], trivial_reward: float) -> list[float | None]:
        rewards: list[float | None] = [trivial_reward] * len(comparisons)
        others = [i for i, c in enumerate(comparisons) if not c.trivial]
        for i, fraction in zip(others, self.fractions([comparisons[i] for i in others]), strict=True):
            rewards[i] = None if fraction is None else between(trivial_reward, fraction)
        return rewards

    @abstractmethod
    def fractions(self, comparisons: Sequence[Comparison]) -> list[float | None]:
        """What each non-trivial program earns of the range from `trivial_reward` to 1; `None` where a tool failed."""
