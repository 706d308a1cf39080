"""What was run or evaluated: from `run.json`, `config.json`, `evaluation.json`, whichever are there."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from rlcf.evaluation.formatting import duration, moment, number, percent, plural
from rlcf.report.load import JsonObject, RunData

_SETTINGS = {
    "Model": "policy.model",
    "Algorithm": "algorithm.name",
    "Reward": "grounding.mode",
    "Trained on": "tasks.train",
    "Evaluated on": "tasks.evaluate",
    "Seed": "train.seed",
}
_EVALUATION = {
    "Tasks": "tasks",
    "Split": "split",
    "Model": "model",
    "Samples": "completions",
    "Grounding": "grounding",
    "Time limit (s)": "timeout_s",
    "Evaluated": "date",
    "Machine": "machine",
    "Versions": "versions",
    "Command": "command",
}


def run_facts(run: RunData) -> list[tuple[str, str]]:
    """Label and value of what is known of a run; what is not known is left out."""
    settings = flat(run.config)
    known = {label: settings.get(key, "") for label, key in _SETTINGS.items()}
    known["Seed"] = known["Seed"] or plain(run.run.get("seed"))
    known |= {
        "Updates": _updates(run),
        "Rollouts": _rollouts(run),
        "From start to end": _duration(run),
        "Started": _time(run.run.get("started")),
        "State": plain(run.run.get("state")),
        "Machine": plain(run.run.get("machine")),
        "Versions": plain(run.run.get("versions")),
        "Command": _command(run.run.get("command")),
    }
    return [(label, value) for label, value in known.items() if value]


def evaluation_facts(about: JsonObject, *, brief: bool) -> list[tuple[str, str]]:
    """Label and value of what is known of an evaluation; `brief` leaves out the command."""
    known = {label: plain(about.get(key)) for label, key in _EVALUATION.items()}
    known["Evaluated"] = _time(about.get("date"))
    return [(label, value) for label, value in known.items() if value and not (brief and label == "Command")]


def setup(run: RunData) -> str:
    """What a run is, in a few words."""
    settings = flat(run.config)
    return ", ".join(filter(None, (settings.get(_SETTINGS[label]) for label in ("Model", "Algorithm", "Reward"))))


def differing_settings(runs: Sequence[RunData]) -> list[tuple[str, list[str]]]:
    """Settings that are not the same in all runs, with each run's value."""
    settings = [flat(run.config) for run in runs]
    keys = dict.fromkeys(key for one in settings for key in one)
    rows = [(key, [one.get(key, "–") for one in settings]) for key in keys]
    return [(key, values) for key, values in rows if len(set(values)) > 1]


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
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {plain(item)}" for key, item in value.items() if plain(item))
    if isinstance(value, list):
        return ", ".join(map(plain, value))
    return "" if value is None else str(value)


def _updates(run: RunData) -> str:
    done, planned = len(run.metrics), flat(run.config).get("train.updates", "")
    cut = run.run.get("state") != "finished" and planned.isdecimal() and done < int(planned)
    return f"{done} of {planned}" if cut else str(done)


def _rollouts(run: RunData) -> str:
    total, missing = (sum(int(number(row.get(key)) or 0) for row in run.metrics) for key in ("rollouts", "unscored"))
    if not total:
        return ""
    return f"{total}, none unscored" if not missing else f"{total}, {missing} unscored ({percent(missing / total)})"


def _duration(run: RunData) -> str:
    start, end = (moment(run.run.get(key)) for key in ("started", "finished"))
    if start and end and (start.tzinfo is None) == (end.tzinfo is None) and end >= start:
        return duration((end - start).total_seconds())
    phases = [row["seconds"] for row in run.metrics if isinstance(row.get("seconds"), Mapping)]
    total = sum(number(seconds.get("total")) or 0.0 for seconds in phases)
    return f"{duration(total)} in {plural(len(phases), 'update')}" if total else ""


def _time(value: object) -> str:
    time = moment(value)
    return "" if time is None else f"{time:%Y-%m-%d %H:%M} {time.tzname() or ''}".strip()


def _command(value: object) -> str:
    return shlex.join(map(str, value)) if isinstance(value, list) else plain(value)
