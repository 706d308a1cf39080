"""Recipes: defaults, settings, and one line for each mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rlcf.config import JavaOptions, Recipe, demo_recipe, load_recipe, make_recipe
from rlcf.config.algorithms import ALGORITHM_TABLES
from rlcf.config.recipe import TasksConfig
from rlcf.errors import ConfigError

RECIPES = sorted((Path(__file__).parents[1] / "recipes").glob("*.toml"))


def test_settings_override_the_recipe_and_are_typed(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("[train]\nseed = 3\nupdates = 2\n", encoding="utf-8")
    recipe = load_recipe(path, ["train.seed=7", "grounding.mode=compiler", "algorithm.clip=0.1"])
    assert (recipe.train.seed, recipe.train.updates) == (7, 2)
    assert (recipe.grounding.mode, recipe.algorithm.clip) == ("compiler", 0.1)


def test_task_files_stand_beside_their_recipe_or_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one beside the recipe goes first, and has its whole path: a run may go on from another folder."""
    for folder in ("corpus", "here"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "tasks.jsonl").touch()
    monkeypatch.chdir(tmp_path / "here")
    recipe = Path("../corpus/recipe.toml")
    recipe.write_text('[tasks]\ntrain = "tasks.jsonl"\nevaluate = "others.jsonl"\n', encoding="utf-8")
    beside = str(tmp_path.resolve() / "corpus" / "tasks.jsonl")
    assert load_recipe(recipe).tasks == TasksConfig(train=beside, evaluate="others.jsonl")
    told = load_recipe(recipe, ["tasks.train=tasks.jsonl", "tasks.evaluate=builtin:java"])
    assert told.tasks == TasksConfig(train="tasks.jsonl", evaluate="builtin:java")
    recipe.write_text(f'tasks = {{ train = "{"x" * 5000}", evaluate = "a\\u0000b" }}\n', encoding="utf-8")
    assert load_recipe(recipe).tasks == TasksConfig(train="x" * 5000, evaluate="a\0b")
    recipe.write_text("tasks = 3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="tasks = 3"):
        load_recipe(recipe)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("train.sede=1", r"unknown key 'train\.sede': did you mean 'seed'\?"),
        ("trian.seed=1", r"unknown key 'trian': did you mean 'train'\?"),
        ("train.updates=0", r"train\.updates = 0: input should be greater than or equal to 1"),
        ("grounding.mode=compilr", r"grounding\.mode = 'compilr': input should be 'compiler'"),
        ("judge.layer=2.0", r"judge\.layer = 2\.0: input should be less than or equal to 1"),
        ("seed", r"expected table\.key=value"),
        ("algorithm.name=gpro", r"algorithm\.name = 'gpro': did you mean 'grpo'\?"),
        ("algorithm.clpi=0.1", r"unknown key 'algorithm\.clpi': did you mean 'clip'\?"),
        ("algorithm.epochs=0", r"algorithm\.epochs = 0: input should be greater than or equal to 1"),
        ("language.class_pth=a.jar", r"unknown key 'language\.class_pth': did you mean 'class_path'\?"),
        ("language.name=3", r"language\.name = 3: input should be a valid string"),
        ("language=java", r"expected table\.key=value"),
        (
            "discriminator.margin=1.0",
            r"the table 'discriminator' of rlcf 0\.1 is now \[judge\] with name = 'discriminator'",
        ),
        ("judge.name=alinged", r"judge\.name = 'alinged': did you mean 'aligned'\?"),
        ("judge.margin=0.1", r"unknown key 'judge\.margin': known are"),
        ("algorithm.centre=batch", r"the key 'algorithm\.centre' of rlcf 0\.1 is now 'algorithm\.baseline'"),
        ("generation.batch_rows=8", r"the key 'generation\.batch_rows' of rlcf 0\.1 is now 'generation\.batch_size'"),
        ("grounding.class_path=['a.jar']", r"'grounding\.class_path' of rlcf 0\.1 is now 'language\.class_path'"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(setting: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        make_recipe({}, [setting])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("algorithm.learning_rate=inf", r"algorithm\.learning_rate = inf: input should be a finite number"),
        ("algorithm.kl_target=nan", r"input should be a finite number"),
        ("judge.layer=inf", r"input should be a finite number"),
        ("grounding.timeout_s=inf", r"grounding\.timeout_s = inf: input should be"),
        ("grounding.timeout_s=1e9", r"input should be less than or equal to 86400"),
        ("evaluation.timeout_s=nan", r"input should be"),
        ("grounding.workers=100000", r"input should be less than or equal to 1024"),
        ("train.seed=true", r"train\.seed = True: input should be a valid integer"),
        ("train.seed='1'", r"train\.seed = '1': input should be a valid integer"),
        ("train.seed=1.0", r"train\.seed = 1\.0: input should be a valid integer"),
        ("train.seed=-1", r"input should be greater than or equal to 0"),
        ("train.seed=9223372036854775808", r"train\.seed = 9223372036854775808: input should be less than"),
        ("train.seed=0x" + "f" * 5000, r"train\.seed = a number of thousands of digits: "),
        ("train.seed=" + "9" * 5000, r"^--set 'train\.seed=9+' …: Exceeds the limit"),
        ("train.seed=" + "[" * 5000, r"^--set 'train\.seed=\[+' …: maximum recursion depth exceeded"),
        ("train.updates=10000000000", r"input should be less than or equal to 1000000"),
        ("generation.max_new_tokens=-1", r"input should be greater than or equal to 1"),
        ("generation.temperature=true", r"generation\.temperature = True: input should be a valid number"),
        ("evaluation.execute=1", r"evaluation\.execute = 1: input should be a valid boolean"),
        ("language.release=true", r"language\.release = True: input should be a valid integer"),
        ("language.class_path=a.jar", r"language\.class_path = 'a\.jar': input should be a valid tuple"),
        ("language.class_path=[1]", r"language\.class_path\.0 = 1: input is not a valid path"),
        ("tasks.train=['a', 'b']", r"tasks\.train = \['a', 'b'\]: input should be a valid string"),
        ("tasks.train=2024-01-01", r"input should be a valid string"),
    ],
)
def test_a_number_or_type_that_makes_no_sense_is_one_short_line(setting: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        make_recipe({}, [setting])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_the_name_of_a_language_decides_which_keys_its_table_has() -> None:
    recipe = make_recipe({"language": {"class_path": ["a.jar"]}}, ["language.release=11"])
    assert recipe.language == JavaOptions(class_path=(Path("a.jar"),), release=11)
    assert recipe.model_dump(mode="json")["language"] == {
        "name": "java",
        "class_path": ["a.jar"],
        "source_path": [],
        "release": 11,
        "limit_modules": [],
    }
    other = make_recipe({"language": {"class_path": ["a.jar"]}}, ["language.name=cobol"])
    assert other.model_dump(mode="json")["language"] == {"name": "cobol"}
    with pytest.raises(ConfigError, match=r"unknown key 'language\.class_path': known are name"):
        make_recipe({"language": {"name": "cobol", "class_path": []}})


@pytest.mark.parametrize("path", [None, *RECIPES], ids=lambda p: p.stem if p else "nothing")
@pytest.mark.parametrize("name", sorted(ALGORITHM_TABLES))
def test_the_name_of_another_algorithm_is_enough_to_have_its_defaults(name: str, path: Path | None) -> None:
    settings = [f"algorithm.name={name}"]
    recipe = load_recipe(path, settings) if path else make_recipe({}, settings)
    assert recipe.algorithm.name == name
    if path is None or load_recipe(path).algorithm.name != name:
        defaults = make_recipe({"algorithm": {"name": name}, "grounding": {"mode": recipe.grounding.mode}})
        assert recipe.algorithm == defaults.algorithm


def test_keys_of_the_algorithm_that_a_setting_names_are_its_own_in_any_order() -> None:
    recipe = make_recipe({"algorithm": {"divide_by_length": True}}, ["algorithm.epochs=3", "algorithm.name=ppo"])
    assert (recipe.algorithm.name, recipe.algorithm.epochs) == ("ppo", 3)
    with pytest.raises(ConfigError, match=r"unknown key 'algorithm\.value_clip': did you mean 'clip'\?"):
        make_recipe({}, ["algorithm.name=grpo", "algorithm.value_clip=1"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["algorithm.kl_target=0.1", "algorithm.kl_coefficient=0"], r"kl_coefficient has to be above 0$"),
        (["algorithm.credit=diagnostic", "grounding.mode=judge"], r"'hybrid' or 'compiler'"),
        (["train.group_size=1"], r"leaves 'grpo' nothing to compare a rollout with: take at least 2"),
        (["train.group_size=1", "algorithm.name=rloo"], r"leaves 'rloo' nothing to compare"),
    ],
)
def test_settings_that_contradict_each_other_are_one_line(settings: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        make_recipe({}, settings)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("settings", [["algorithm.name=ppo", "algorithm.baseline=batch"], ["algorithm.name=sft"]])
def test_a_group_of_one_is_enough_where_nothing_is_compared_within_it(settings: list[str]) -> None:
    assert make_recipe({}, ["train.group_size=1", *settings]).train.group_size == 1


@pytest.mark.parametrize(
    "content", [b"seed = = 1", b"\xff\x00", b"a = " + b"[" * 100_000, b"[train]\nseed = " + b"9" * 5000]
)
def test_a_recipe_that_is_no_toml_is_one_line_that_names_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"r\.toml is not TOML") as caught:
        load_recipe(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(ConfigError, match=r"cannot read the recipe .*: Is a directory"):
        load_recipe(tmp_path)


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_every_recipe_in_the_repository_loads_and_shows_its_command(path: Path) -> None:
    load_recipe(path)
    assert path.read_text(encoding="utf-8").startswith("# rlcf train ")


@pytest.mark.parametrize("name", ["ppo", "rloo", "raft", "sft"])
def test_the_recipe_of_an_algorithm_shows_all_its_keys_with_their_defaults(name: str) -> None:
    path = next(p for p in RECIPES if p.stem == name)
    table = load_recipe(path).algorithm
    assert table == type(table)()
    for key in type(table).model_fields:
        assert re.search(rf"^(# )?{key} = ", path.read_text(encoding="utf-8"), re.MULTILINE), key


def test_the_demo_recipe_is_what_the_demo_runs_and_shows_every_key() -> None:
    demo = next(p for p in RECIPES if p.stem == "demo")
    assert load_recipe(demo) == demo_recipe()
    shown = re.split(r"^\[(\w+)\]$", demo.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    for name, text in zip(shown[::2], shown[1::2], strict=True):
        keys = re.findall(r"^(?:# )?(\w+) = ", text, re.MULTILINE)
        assert sorted(keys) == sorted(type(getattr(Recipe(), name)).model_fields)
    assert set(shown[::2]) == set(Recipe.model_fields)


def test_the_demo_in_another_language_differs_in_its_tasks_alone() -> None:
    java, python = (demo_recipe(["train.seed=3"], language).model_dump() for language in ("java", "python"))
    differing = {key for key in java if java[key] != python[key]}
    assert differing == {"language", "tasks"}
    assert python["language"]["name"] == "python"
    assert python["tasks"] == {"train": "builtin:python", "evaluate": "builtin:python"}
