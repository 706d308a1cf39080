"""Reads run directories and evaluations. What is not written yet is absent here (`None`, empty), never invented."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rlcf.errors import UserError
from rlcf.evaluation.formatting import number
from rlcf.evaluation.results import ABOUT, RESULTS, SUMMARY, is_evaluation, load_results
from rlcf.storage.jsonl import read_json, read_jsonl_tail_safe
from rlcf.storage.rundir import RunDir

JsonObject = dict[str, Any]

_RENAMED = {"remembered": "cache_hits", "blame": "credit_weight", "notices": "warnings"}
"""Fields of 0.1, in `metrics.jsonl` and `summary.json`, and what they are called now."""


@dataclass(frozen=True, slots=True)
class EvaluationData:
    """One evaluation. All numbers come from its samples."""

    name: str
    results: list[JsonObject]
    tasks: dict[str, JsonObject]
    """The tasks by `task_id`, in the file's order; empty where they are not known."""
    about: JsonObject
    """What was evaluated and how: `evaluation.json`."""
    warnings: list[str]
    """What the summary says is missing."""

    @property
    def references(self) -> dict[str, str | None]:
        """Each task's canonical solution."""
        return {i: r for i, task in self.tasks.items() if isinstance(r := task.get("canonical_solution"), str)}


@dataclass(frozen=True, slots=True)
class RunData:
    """What one run directory holds, as far as it is there."""

    name: str
    run: JsonObject
    config: JsonObject
    metrics: list[JsonObject]
    """One object per update, in order."""
    samples: dict[int, list[JsonObject]]
    """Rollouts by update: the first, the last and some between."""
    tasks: dict[str, JsonObject]
    """The held-out tasks by `task_id`, in the file's order."""
    before: EvaluationData | None
    after: EvaluationData | None
    rewards: dict[str, list[float]]
    """Rewards under the final grounding function, by kind of program."""
    data: JsonObject = field(default_factory=dict)
    """Where the training tasks come from."""


def load_runs(paths: Sequence[Path]) -> list[RunData]:
    """One `RunData` per folder, in the order given, each with a name of its own.

    Raises:
        UserError: a path is no run directory, or a file in it is damaged.
    """
    if not paths:
        raise UserError("no run directory given: name at least one folder that `rlcf train` wrote")
    return [load_run(path, name) for path, name in zip(paths, names(paths), strict=True)]


def load_run(path: Path, name: str) -> RunData:
    """All that the report needs of one run directory; see `load_runs` for the errors."""
    files = RunDir(path)
    expected = (files.run, files.config, files.metrics)
    if not path.is_dir():
        raise UserError(f"{path} is no folder: give a run directory that `rlcf train` or `rlcf demo` wrote")
    if not any(file.is_file() for file in expected):
        wanted = ", ".join(file.name for file in expected)
        raise UserError(f"{path} is no run directory: none of {wanted} is in it; give one that `rlcf train` wrote")
    rewards = _object(files.rewards)
    return RunData(
        name,
        run=_object(files.run),
        config=_object(files.config),
        metrics=_updates(read_jsonl_tail_safe(files.metrics)),
        samples=_samples(files),
        tasks=_tasks(files.evaluation_tasks),
        before=_of_run(files.evaluation("before")),
        after=_of_run(files.evaluation("after")),
        rewards={kind: _numbers(items) for kind, items in rewards.items() if isinstance(items, list)},
        data=_object(files.data),
    )


def load_evaluation(path: Path, name: str) -> EvaluationData:
    """An evaluation's folder, or a results file from elsewhere, of which nothing more is known.

    Raises:
        DataError: it holds no results, or a file in it is damaged.
    """
    results = load_results(path)
    if not path.is_dir():
        return EvaluationData(name, results, {}, {}, [])
    tasks = _tasks(path / "tasks.jsonl") or _tasks(path.parent / "tasks.jsonl")  # a run's evaluations share theirs
    warnings = _object(path / SUMMARY).get("warnings")
    listed = [str(line) for line in warnings] if isinstance(warnings, list) else []
    return EvaluationData(name, results, tasks, _object(path / ABOUT), listed)


def names(paths: Sequence[Path]) -> list[str]:
    """Folder names; where two are the same, with as many parents as tell them apart."""
    parts = [path.resolve().parts for path in paths]
    depth = 1
    while depth < max(map(len, parts)) and len({part[-depth:] for part in parts}) < len(set(parts)):
        depth += 1
    return ["/".join(part[-depth:]).replace("//", "/") for part in parts]


def _of_run(folder: Path) -> EvaluationData | None:
    there = is_evaluation(folder) and (folder / RESULTS).stat().st_size
    return load_evaluation(folder, folder.name) if there else None


def _object(path: Path) -> JsonObject:
    return _renamed(read_json(path)) if path.is_file() else {}


def _renamed(row: JsonObject) -> JsonObject:
    return {_RENAMED.get(key, key): value for key, value in row.items()}


def _tasks(path: Path) -> dict[str, JsonObject]:
    return {str(task.get("task_id", place)): task for place, task in enumerate(read_jsonl_tail_safe(path))}


def _updates(rows: list[JsonObject]) -> list[JsonObject]:
    """In order of `update`; of an update that a resumed run wrote twice, the later line."""
    by_update: dict[int, JsonObject] = {}
    for position, row in enumerate(rows, start=1):
        update = row.get("update")
        by_update[update if isinstance(update, int) else position] = _renamed(row)
    return [{**row, "update": update} for update, row in sorted(by_update.items())]


def _samples(files: RunDir) -> dict[int, list[JsonObject]]:
    stems = [file.stem.removeprefix("update-") for file in files.samples(0).parent.glob("update-*.jsonl")]
    found = sorted(int(stem) for stem in stems if stem.isdecimal())
    if len(found) > 5:
        found = [found[round(k * (len(found) - 1) / 4)] for k in range(5)]
    return {update: read_jsonl_tail_safe(files.samples(update)) for update in found}


def _numbers(items: Sequence[object]) -> list[float]:
    return [value for value in map(number, items) if value is not None]


def text_of(row: Mapping[str, Any], name: str) -> str | None:
    """A field that is text and not empty."""
    value = row.get(name)
    return value if isinstance(value, str) and value else None
