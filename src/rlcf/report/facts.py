"""What was run: facts from `run.json` and `config.json`, whichever of them are there."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from rlcf.evaluation.formatting import duration, moment, number, percent, plural
from rlcf.report.load import RunData

_NAMING = ("name", "mode", "kind", "type", "id", "path")
"""Keys under which a table says what it is."""
_PATHS = {
    "Model": ("config.policy.model", "config.model", "run.model"),
    "Algorithm": ("config.algorithm", "run.algorithm"),
    "Reward": ("config.grounding.mode", "config.reward", "run.reward"),
    "Trained on": ("config.tasks.train",),
    "Evaluated on": ("config.tasks.evaluate",),
    "Seed": ("run.seed", "config.train.seed", "config.seed"),
}
"""Where a setting may stand: the recipe's place first, then plainer ones."""


def facts(run: RunData) -> list[tuple[str, str]]:
    """Label and value of what is known; what is not known is left out."""
    known = [(label, setting(run, label)) for label in _PATHS]
    known += [
        ("Updates", _updates(run)),
        ("Rollouts", _rollouts(run)),
        ("Duration", _duration(run)),
        ("Started", _started(run)),
        ("State", plain(run.run.get("state"))),
        ("Machine", plain(run.run.get("machine"))),
        ("Versions", plain(run.run.get("versions"))),
        ("Command", _command(run.run.get("command"))),
    ]
    return [(label, value) for label, value in known if value]


def setting(run: RunData, label: str) -> str:
    """The value of one of the named settings; empty when the run does not say."""
    known = {"config": run.config, "run": run.run}
    for path in _PATHS[label]:
        value = _name(_at(known, path))
        if value:
            return value
    return ""


def flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """A nested recipe as `key.key` → text."""
    settings: dict[str, str] = {}
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            settings |= flat(value, f"{prefix}{key}.")
        else:
            settings[f"{prefix}{key}"] = plain(value) or "–"
    return settings


def plain(value: object) -> str:
    """Any JSON value in one line for people; empty for nothing."""
    if value is None or value == "" or value == {} or value == []:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(item)}" for key, item in value.items() if plain(item))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(plain(item) for item in value)
    return str(value)


def _at(tree: object, path: str) -> object:
    for key in path.split("."):
        if not isinstance(tree, Mapping):
            return None
        tree = tree.get(key)
    return tree


def _name(value: object) -> str:
    if isinstance(value, Mapping):
        return next((plain(value[key]) for key in _NAMING if isinstance(value.get(key), str)), "")
    return plain(value)


def _updates(run: RunData) -> str:
    planned = next(
        (n for path in ("train.updates", "updates") if (n := number(_at(run.config, path)))),
        None,
    )
    done = len(run.metrics)
    if planned and done < planned:
        return f"{done} of {planned:g}"
    return str(done)


def _rollouts(run: RunData) -> str:
    total = sum(int(number(row.get("rollouts")) or 0) for row in run.metrics)
    missing = sum(int(number(row.get("unscored")) or 0) for row in run.metrics)
    if not total:
        return ""
    return f"{total}, none unscored" if not missing else f"{total}, {missing} unscored ({percent(missing / total)})"


def _duration(run: RunData) -> str:
    written = number(run.run.get("seconds"))
    if written is not None:
        return duration(written)
    start = moment(run.run.get("started") or run.run.get("start"))
    end = moment(run.run.get("finished") or run.run.get("end"))
    if start and end and (start.tzinfo is None) == (end.tzinfo is None) and end >= start:
        return duration((end - start).total_seconds())
    phases = [row["seconds"] for row in run.metrics if isinstance(row.get("seconds"), Mapping)]
    total = sum(number(seconds.get("total")) or 0.0 for seconds in phases)
    return f"{duration(total)} in {plural(len(phases), 'update')}" if total else ""


def _started(run: RunData) -> str:
    start = moment(run.run.get("started") or run.run.get("start"))
    return "" if start is None else f"{start:%Y-%m-%d %H:%M} {start.tzname() or ''}".strip()


def _command(value: object) -> str:
    if isinstance(value, list):
        return shlex.join(str(item) for item in value)
    return plain(value)
