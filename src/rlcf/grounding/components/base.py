"""The contract of a reward component: programs in, a score for each out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rlcf.config import GroundingConfig
from rlcf.languages.base import Language, Resource
from rlcf.records import Task, Verdict

if TYPE_CHECKING:
    from rlcf.grounding.discriminator import Discriminator


@dataclass(frozen=True, slots=True)
class Batch:
    """Programs that are scored together; item i of each list belongs together. All have a verdict."""

    tasks: Sequence[Task]
    completions: Sequence[str]
    verdicts: Sequence[Verdict]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a component may use. All of it belongs to the `Grounding` that made it."""

    config: GroundingConfig
    language: Language
    gated: bool
    """Whether the batches hold accepted programs only; see `RewardRecipe.gate`."""
    check: Callable[[Sequence[str]], list[Verdict | None]]
    """Verdicts of further programs, such as references; `None` where the compiler failed."""
    discriminator: Discriminator | None = None


class Component(Resource):
    """Scores programs. It is made once for a grounding function and closed with it.

    A new one is a subclass with a name, given to `rlcf.grounding.components.register`.
    """

    name: ClassVar[str]
    """What `grounding.components` calls it, and the key of its score in `Score.components`."""
    needs_reference: ClassVar[bool] = False
    """Whether it compares with `Task.canonical_solution`: tasks without one are then refused."""
    optional: ClassVar[bool] = False
    """Whether a score of `None` leaves the reward to the other components. Otherwise it makes the program unscored."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    @abstractmethod
    def score(self, batch: Batch) -> list[float | None]:
        """A score for each program, in −1 … 1; `None` where there is nothing to say, or a tool failed on it.

        Raises:
            ToolError: a tool is missing or failed: the whole batch is then unscored.
        """

    def close(self) -> None:
        """Ends what the component has started; safe to call twice."""
