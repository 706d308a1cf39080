"""How the scores of components add up to a reward. The modes are data: weights, and a gate.

`docs/concepts.md`, *The reward*, describes the modes, and why `hybrid` is not simply the paper's pairwise rule.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from rlcf.config import GroundingConfig
from rlcf.errors import ConfigError, unknown

Mode = Literal["compiler", "judge", "hybrid"]

REJECTED, ACCEPTED = -1.0, 1.0


def between(trivial_reward: float, share: float) -> float:
    """The reward of an accepted program that earns a `share` of the range up to 1; exact for 0 and 1."""
    return trivial_reward * (1 - share) + ACCEPTED * share


@dataclass(frozen=True, slots=True)
class RewardRecipe:
    """Weights of components, by name, and whether the compiler's verdict is a gate."""

    weights: Mapping[str, float]
    """Above 0. The reward is the weighted mean of the components' scores, so it stays in −1 … 1."""
    gate: bool
    """A program that the compiler does not accept earns `REJECTED`, and only the compiler's component scores it."""

    def reward(
        self, accepted: bool, scores: Mapping[str, float | None], optional: Collection[str] = ()
    ) -> float | None:
        """The reward of one program; `None` where a component that is not `optional` has no score.

        An optional component without a score is left out of the mean: the others decide.
        """
        if self.gate and not accepted:
            return REJECTED
        given = {name: scores[name] for name in self.weights if scores[name] is not None or name not in optional}
        if not given or None in given.values():
            return None
        total = sum(self.weights[name] * score for name, score in given.items() if score is not None)
        return total / sum(self.weights[name] for name in given)


MODES: dict[Mode, RewardRecipe] = {
    "compiler": RewardRecipe({"compiler": 1.0}, gate=True),
    "judge": RewardRecipe({"judge": 1.0}, gate=False),
    "hybrid": RewardRecipe({"judge": 1.0, "behaviour": 3.0}, gate=True),
}


def recipe_of(config: GroundingConfig) -> RewardRecipe:
    """The mode's recipe, with the weights of `grounding.components` where they are given.

    An unknown mode is a `ConfigError`.
    """
    if config.mode not in MODES:
        raise ConfigError(unknown("grounding mode", config.mode, MODES))
    recipe = MODES[config.mode]
    return recipe if config.components is None else replace(recipe, weights=config.components)
