"""Reads recipes. A mistake is one line; that of an unknown key names the nearest known one."""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from rlcf.config.algorithms import ALGORITHM_TABLES
from rlcf.config.languages import LANGUAGE_TABLES
from rlcf.config.recipe import JUDGE_TABLES, Recipe
from rlcf.errors import ConfigError

RENAMED = {
    "algorithm.centre": "algorithm.baseline",
    "generation.batch_rows": "generation.batch_size",
    "grounding.class_path": "language.class_path",
    "grounding.release": "language.release",
    "grounding.remember_verdicts": "grounding.cache_verdicts",
    "grounding.source_path": "language.source_path",
}
"""Keys of recipes of rlcf 0.1, and what they are called now."""

_MOVED_TABLES = {"discriminator": "[judge] with name = 'discriminator'"}

_UNIONS: dict[str, Mapping[str, type[BaseModel]]] = {
    "algorithm": ALGORITHM_TABLES,
    "judge": JUDGE_TABLES,
    "language": LANGUAGE_TABLES,
}
"""Tables whose key `name` decides which other keys they have."""
_LONGEST_VALUE = 60


def load_recipe(path: Path, settings: Sequence[str] = ()) -> Recipe:
    """Reads a TOML recipe; `settings`, such as `train.seed=1` or `policy.lora_layers=none`, override it.

    A task file that the recipe names is looked for beside the recipe, and then in the working folder.

    Raises:
        ConfigError: the file cannot be read, a key is unknown or a value is wrong; one line names it.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the recipe {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, a number too long for int(), nested too deeply
        raise ConfigError(f"{path} is not TOML: {error}") from error
    if isinstance(tables.get("tasks"), dict):
        tables["tasks"] = {key: _beside(path, name) for key, name in tables["tasks"].items()}
    return make_recipe(tables, settings, where=str(path))


def _beside(recipe: Path, name: object) -> object:
    """The whole path of a task file that stands beside the recipe; another name as it is."""
    if not isinstance(name, str) or Path(name).is_absolute():
        return name
    path = recipe.parent / name
    return str(path.resolve()) if os.path.isfile(path) else name  # noqa: PTH113 - also of what can be no name


def make_recipe(tables: dict[str, Any], settings: Sequence[str] = (), where: str = "recipe") -> Recipe:
    """A recipe from plain values; see `load_recipe`."""
    for setting in sorted(settings, key=lambda s: not s.partition("=")[0].strip().endswith(".name")):  # those first
        _override(tables, setting)
    for old, new in _MOVED_TABLES.items():
        if old in tables:
            raise ConfigError(f"{where}: the table {old!r} of rlcf 0.1 is now {new}")
    for old, new in RENAMED.items():
        table, _, key = old.partition(".")
        if isinstance(tables.get(table), dict) and key in tables[table]:
            raise ConfigError(f"{where}: the key {old!r} of rlcf 0.1 is now {new!r}")
    try:
        return Recipe.model_validate(tables)
    except ValidationError as error:
        raise ConfigError(f"{where}: {first_problem(error, Recipe)}") from error


def _override(tables: dict[str, Any], setting: str) -> None:
    key, equals, text = setting.partition("=")
    *path, last = key.strip().split(".")
    if not equals or not path:
        raise ConfigError(f"--set {setting!r}: expected table.key=value, such as train.seed=1")
    value = _value(setting, text)
    if path[0] in _UNIONS and [*path[1:], last] == ["name"] and _is_another(tables, path[0], value):
        tables[path[0]] = {}  # it has other keys, and its own defaults
    table = tables
    for name in path:
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise ConfigError(f"--set {setting!r}: {name!r} is a value, not a table")
    table[last] = value


def _value(setting: str, text: str) -> Any:
    if text.strip() == "none":  # TOML has no word for it
        return None
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text.strip()  # a bare word is a string
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"--set {setting[:_LONGEST_VALUE]!r} …: {error}") from error


def _is_another(tables: dict[str, Any], union: str, name: Any) -> bool:
    table = tables.get(union)
    return isinstance(table, dict) and table.get("name", getattr(Recipe(), union).name) != name


def first_problem(error: ValidationError, kind: type[BaseModel]) -> str:
    """The first mistake of a table that should be a `kind`, in one line."""
    problem = error.errors()[0]
    place = [str(part) for part in problem["loc"]]
    if problem["type"] == "union_tag_invalid":
        name = problem["input"].get("name") if isinstance(problem["input"], dict) else problem["input"]
        return f"{place[0]}.name = {name!r}: {_hint(str(name), sorted(_UNIONS[place[0]]))}"
    key = ".".join(place[:1] + place[2:] if place[:1] and place[0] in _UNIONS else place)  # not which of the union
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key!r}: {_hint(place[-1], _known_keys(kind, place[:-1]))}"
    if problem["type"] == "missing":
        return f"the key {key!r} is missing"
    if problem["type"] == "value_error":
        message = str(problem["ctx"]["error"])
        return f"{key}: {message}" if key else message
    return f"{key} = {_shown(problem['input'])}: {problem['msg'][0].lower()}{problem['msg'][1:]}"


def _shown(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # Python prints no integers of more than 4,300 digits
        return "a number of thousands of digits"
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _hint(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"


def _known_keys(kind: type[BaseModel], path: Sequence[str]) -> list[str]:
    """Those of the table at `path`, which of a union ends with the name of its member: `("algorithm", "ppo")`."""
    if path and path[0] in _UNIONS:
        return sorted(_UNIONS[path[0]][path[1]].model_fields)
    for name in path:
        if not name.isdigit():  # a place in a list
            kind = next(_tables_in(kind.model_fields[name].annotation), BaseModel)
    return sorted(kind.model_fields)


def _tables_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The tables in the type of a key, such as `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _tables_in(part)
