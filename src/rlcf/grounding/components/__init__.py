"""The components of the reward: programs in, a score for each out.

A new one is a subclass of `Component` and a line in `COMPONENTS`; `grounding.components` then takes its name.
"""

from __future__ import annotations

import importlib
from abc import abstractmethod
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from rlcf.config import GroundingConfig
from rlcf.errors import ConfigError, unknown
from rlcf.grounding.recipe import recipe_of
from rlcf.languages.base import Resource
from rlcf.records import Task, Verdict

if TYPE_CHECKING:
    from rlcf.grounding.grounding import Grounding


class Failed(Enum):
    """Instead of a score: a tool failed on this program, which says nothing of it. Its reward is then `None`."""

    FAILED = "failed"


class Component(Resource):
    """Scores programs. It is made once for a grounding function, may use its parts, and is closed with it."""

    name: ClassVar[str]
    """Its name in `grounding.components` and in `Score.components`."""
    needs_reference: ClassVar[bool] = False
    """Whether it compares with `Task.canonical_solution`: tasks without one are then refused."""
    optional: ClassVar[bool] = False
    """Whether a score of `None` leaves the reward to the other components. Otherwise it makes the program unscored."""

    def __init__(self, grounding: Grounding) -> None:
        self.grounding = grounding

    @abstractmethod
    def score(
        self, tasks: Sequence[Task], completions: Sequence[str], verdicts: Sequence[Verdict]
    ) -> Sequence[float | Failed | None]:
        """A score for each program of a batch, in −1 … 1; `None` where there is nothing to say.

        Raises:
            ToolError: a tool failed, also when it was tried again: the whole batch is then unscored.
        """

    def warning(self) -> str | None:
        """One line for people where it will have nothing to say on this machine; a run shows it before it trains."""
        return None

    def close(self) -> None:
        """Ends what the component has started; safe to call twice."""


COMPONENTS: dict[str, str | type[Component]] = {
    "behaviour": "rlcf.grounding.components.behaviour:BehaviourComponent",
    "compiler": "rlcf.grounding.components.compiler:CompilerComponent",
    "judge": "rlcf.grounding.components.judge:JudgeComponent",
    "tests": "rlcf.grounding.components.tests:TestsComponent",
}
"""Name: a class, or `module:class`, which is imported when it is first used: the compiler alone needs no torch."""


def component_class(name: str) -> type[Component]:
    """The component called `name`; where there is none, a `ConfigError` lists those there are."""
    if name not in COMPONENTS:
        raise ConfigError(unknown("grounding component", name, sorted(COMPONENTS)))
    found = COMPONENTS[name]
    if isinstance(found, str):
        module, _, attribute = found.partition(":")
        found = getattr(importlib.import_module(module), attribute)
    assert isinstance(found, type)
    return found


def needs_reference(config: GroundingConfig) -> bool:
    """Whether the reward of `config` compares with references."""
    return any(component_class(name).needs_reference for name in recipe_of(config).weights)
