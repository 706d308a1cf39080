"""How scores of components add up: the modes, and recipes of one's own."""

from __future__ import annotations

from typing import get_args

import pytest

from rlcf.config import GroundingConfig
from rlcf.grounding.recipe import MODES, Mode, RewardRecipe, recipe_of


def test_every_mode_has_a_recipe() -> None:
    assert set(MODES) == set(get_args(Mode))


@pytest.mark.parametrize(
    ("mode", "accepted", "scores", "expected"),
    [
        ("compiler", True, {"compiler": 1.0}, 1.0),
        ("compiler", False, {"compiler": -1.0}, -1.0),
        ("judge", False, {"judge": 0.3}, 0.3),
        ("judge", True, {"judge": -0.9}, -0.9),
        ("judge", True, {"judge": None}, None),
        ("hybrid", False, {"compiler": -1.0, "judge": None}, -1.0),
        ("hybrid", True, {"compiler": 1.0, "judge": 0.2, "behaviour": 0.6}, 0.5),
        ("hybrid", True, {"compiler": 1.0, "judge": 0.2, "behaviour": None}, 0.2),
        ("hybrid", True, {"compiler": 1.0, "judge": None, "behaviour": 0.6}, None),
    ],
)
def test_each_mode_pays_what_it_says(
    mode: Mode, accepted: bool, scores: dict[str, float | None], expected: float | None
) -> None:
    reward = MODES[mode].reward(accepted, scores, {"behaviour"})
    assert reward == (None if expected is None else pytest.approx(expected))


MIXED = RewardRecipe({"a": 3.0, "b": 1.0}, gate=True)


def test_the_reward_is_the_weighted_mean_of_the_scores() -> None:
    assert MIXED.reward(True, {"a": 0.5, "b": -0.5}) == 0.25
    assert MIXED.reward(False, {"a": 0.5, "b": -0.5}) == -1.0


def test_a_missing_score_makes_a_program_unscored_unless_its_component_is_optional() -> None:
    assert MIXED.reward(True, {"a": 0.5, "b": None}) is None
    assert MIXED.reward(True, {"a": 0.5, "b": None}, optional={"b"}) == 0.5
    assert MIXED.reward(True, {"a": None, "b": None}, optional={"a", "b"}) is None


def test_a_recipes_components_replace_the_weights_of_the_mode_and_keep_its_gate() -> None:
    recipe = recipe_of(GroundingConfig(mode="judge", components={"compiler": 2.0}))
    assert (recipe.weights, recipe.gate) == ({"compiler": 2.0}, False)
