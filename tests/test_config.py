"""Recipes: defaults, settings, and one line for each mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlcf.config import Recipe, load_recipe, make_recipe
from rlcf.errors import ConfigError

RECIPES = sorted((Path(__file__).parents[1] / "recipes").glob("*.toml"))


def test_settings_are_laid_over_the_recipe_and_typed(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("[train]\nseed = 3\nupdates = 2\n", encoding="utf-8")
    recipe = load_recipe(path, ["train.seed=7", "grounding.mode=compiler", "algorithm.clip=0.1"])
    assert (recipe.train.seed, recipe.train.updates) == (7, 2)
    assert (recipe.grounding.mode, recipe.algorithm.clip) == ("compiler", 0.1)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("train.sede=1", r"unknown key 'train\.sede': did you mean 'seed'\?"),
        ("trian.seed=1", r"unknown key 'trian': did you mean 'train'\?"),
        ("train.updates=0", r"train\.updates = 0: input should be greater than or equal to 1"),
        ("grounding.mode=compilr", r"grounding\.mode = 'compilr': input should be 'compiler'"),
        ("discriminator.calibration=marign", r"discriminator\.calibration = 'marign': input should be 'least_squares'"),
        ("seed", r"expected table\.key=value"),
        ("algorithm.name=gpro", r"algorithm\.name = 'gpro': did you mean 'grpo'\?"),
        ("algorithm.clpi=0.1", r"unknown key 'algorithm\.clpi': did you mean 'clip'\?"),
        ("algorithm.epochs=0", r"algorithm\.epochs = 0: input should be greater than or equal to 1"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(setting: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        make_recipe({}, [setting])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", [None, *RECIPES], ids=lambda p: p.stem if p else "nothing")
@pytest.mark.parametrize("name", ["ppo", "grpo", "rloo", "sft"])
def test_the_name_of_another_algorithm_is_enough_to_have_its_defaults(name: str, path: Path | None) -> None:
    settings = [f"algorithm.name={name}"]
    recipe = load_recipe(path, settings) if path else make_recipe({}, settings)
    assert recipe.algorithm.name == name
    if path is None or load_recipe(path).algorithm.name != name:
        defaults = make_recipe({"algorithm": {"name": name}, "grounding": {"mode": recipe.grounding.mode}})
        assert recipe.algorithm == defaults.algorithm


def test_keys_of_the_algorithm_that_a_setting_names_are_its_own_in_any_order() -> None:
    recipe = make_recipe({"algorithm": {"value_clip": 0.1}}, ["algorithm.epochs=3", "algorithm.name=grpo"])
    assert (recipe.algorithm.name, recipe.algorithm.epochs) == ("grpo", 3)
    with pytest.raises(ConfigError, match=r"unknown key 'algorithm\.value_clip': did you mean 'clip'\?"):
        make_recipe({}, ["algorithm.name=grpo", "algorithm.value_clip=1"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["algorithm.kl_target=0.1", "algorithm.kl_coefficient=0"], r"kl_coefficient has to be above 0$"),
        (["algorithm.credit=diagnostic", "grounding.mode=discriminator"], r"'hybrid' or 'compiler'"),
        (["train.group_size=1"], r"leaves 'ppo' nothing to compare a rollout with: take at least 2"),
        (["train.group_size=1", "algorithm.name=rloo"], r"leaves 'rloo' nothing to compare"),
    ],
)
def test_settings_that_contradict_each_other_are_one_line(settings: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        make_recipe({}, settings)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("settings", [["algorithm.centre=batch"], ["algorithm.name=sft"]])
def test_a_group_of_one_is_enough_where_nothing_is_compared_within_it(settings: list[str]) -> None:
    assert make_recipe({}, ["train.group_size=1", *settings]).train.group_size == 1


def test_a_recipe_that_is_no_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("seed = = 1", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"r\.toml is not TOML"):
        load_recipe(path)


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_every_recipe_in_the_repository_loads_and_shows_its_command(path: Path) -> None:
    load_recipe(path)
    assert path.read_text(encoding="utf-8").startswith("# rlcf train ")


def test_the_demo_recipe_is_what_the_demo_runs() -> None:
    demo = next(p for p in RECIPES if p.stem == "demo")
    assert load_recipe(demo) == Recipe()
