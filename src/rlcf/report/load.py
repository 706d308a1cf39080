"""Reads run directories. What a run has not written yet is absent here (`None`, empty), never invented."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcf.errors import DataError, UserError
from rlcf.evaluation.formatting import number
from rlcf.storage.jsonl import read_jsonl_tail_safe
from rlcf.storage.rundir import RunDir

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation of a policy: its summary as written, and its samples."""

    summary: Row
    results: list[Row]

    @property
    def scored(self) -> list[Row]:
        """The samples that have a verdict."""
        return [r for r in self.results if r.get("compiled") is not None or r.get("passed") is not None]


@dataclass(frozen=True, slots=True)
class EvaluationData:
    """What the page of an evaluation is made of."""

    name: str
    summary: Row
    results: list[Row]
    tasks: dict[str, Row]
    """The tasks by `task_id`, in the file's order; empty where they are not known."""
    about: Row
    """What was evaluated and how: `evaluation.json`."""


@dataclass(frozen=True, slots=True)
class RunData:
    """What one run directory holds, so far as it is there."""

    name: str
    run: Row
    config: Row
    metrics: list[Row]
    """One object per update, in order."""
    samples: dict[int, list[Row]]
    """Rollouts by update: the first, the last and some between."""
    tasks: dict[str, Row]
    """The held-out tasks by `task_id`, in the file's order."""
    before: Evaluation | None
    after: Evaluation | None
    rewards: dict[str, list[float]] | None
    """Rewards under the final grounding function, by kind of program."""


def load_runs(paths: Sequence[Path]) -> list[RunData]:
    """One `RunData` per folder, in the order given, each with a name of its own.

    Raises:
        UserError: a path is no run directory, or a file in it is damaged.
    """
    if not paths:
        raise UserError("no run directory given: name at least one folder that `rlcf train` left")
    return [load_run(path, name) for path, name in zip(paths, names(paths), strict=True)]


def load_run(path: Path, name: str) -> RunData:
    """All that the report needs of one run directory.

    Raises:
        UserError: the path is no run directory, or a file in it is damaged.
    """
    files = RunDir(path)
    _require_run(files)
    tasks = rows_of(files.evaluation_tasks)
    return RunData(
        name=name,
        run=json_object(files.run) or {},
        config=json_object(files.config) or {},
        metrics=_updates(rows_of(files.metrics)),
        samples=_samples(files),
        tasks={str(task.get("task_id", number)): task for number, task in enumerate(tasks)},
        before=_evaluation(files.evaluation("before")),
        after=_evaluation(files.evaluation("after")),
        rewards=_rewards(json_object(files.rewards)),
    )


def load_evaluation(path: Path, name: str, results: list[Row]) -> EvaluationData:
    """What stands beside an evaluation's results, so far as it is there.

    Args:
        path: the evaluation's folder, or a results file from elsewhere, of which nothing more is known.
        results: its samples, as `rlcf.evaluation.results` reads them.

    Raises:
        DataError: a file in the folder is damaged.
    """
    folders = (path, path.parent) if path.is_dir() else ()  # the evaluations of a run share the tasks beside them
    tasks = next((rows for folder in folders if (rows := rows_of(folder / "tasks.jsonl"))), [])
    by_id = {str(task.get("task_id")): task for task in tasks}
    summary, about = (json_object(path / file) or {} for file in ("summary.json", "evaluation.json"))
    return EvaluationData(name, summary, results, by_id, about)


def load_evaluations(paths: Sequence[Path], results: Sequence[list[Row]]) -> list[EvaluationData]:
    """`load_evaluation` of each, with names that tell them apart."""
    return [load_evaluation(*one) for one in zip(paths, names(paths), results, strict=True)]


def _require_run(files: RunDir) -> None:
    if not files.root.is_dir():
        raise UserError(f"{files.root} is no folder: give a run directory that `rlcf train` or `rlcf demo` left")
    expected = (files.run, files.config, files.metrics)
    if not any(file.is_file() for file in expected):
        names = ", ".join(file.name for file in expected)
        raise UserError(f"{files.root} is no run directory: none of {names} is in it; give one that `rlcf train` left")


def names(paths: Sequence[Path]) -> list[str]:
    """Folder names; where two are the same, with as many parents as tell them apart."""
    parts = [path.resolve().parts for path in paths]
    depth = 1
    while depth < max(map(len, parts)) and len({part[-depth:] for part in parts}) < len(set(parts)):
        depth += 1
    return ["/".join(part[-depth:]).replace("//", "/") for part in parts]


def json_object(path: Path) -> Row | None:
    if not path.is_file():
        return None
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(value, dict):
        raise DataError(f"{path}: expected a JSON object, found {type(value).__name__}")
    return value


def rows_of(path: Path) -> list[Row]:
    try:
        return read_jsonl_tail_safe(path)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}: {error}") from error


def _updates(rows: list[Row]) -> list[Row]:
    """In order of `update`; of an update that a resumed run wrote twice, the later line."""
    by_update: dict[int, Row] = {}
    for position, row in enumerate(rows, start=1):
        update = row.get("update")
        by_update[update if isinstance(update, int) else position] = row
    return [{**row, "update": update} for update, row in sorted(by_update.items())]


def _samples(files: RunDir) -> dict[int, list[Row]]:
    folder = files.samples(0).parent
    found = sorted(int(file.stem.removeprefix("update-")) for file in folder.glob("update-[0-9]*.jsonl"))
    return {update: rows_of(files.samples(update)) for update in _spread(found, 5)}


def _spread(values: Sequence[int], most: int) -> list[int]:
    """At most `most` of the values, evenly spaced, the first and the last among them."""
    if len(values) <= most:
        return list(values)
    return [values[round(k * (len(values) - 1) / (most - 1))] for k in range(most)]


def _evaluation(folder: Path) -> Evaluation | None:
    summary = json_object(folder / "summary.json")
    results = rows_of(folder / "results.jsonl")
    if summary is None and not results:
        return None
    return Evaluation(summary or {}, results)


def _rewards(value: Mapping[str, Any] | None) -> dict[str, list[float]] | None:
    if value is None:
        return None
    lists = {str(kind): items for kind, items in value.items() if isinstance(items, list)}
    return {kind: [x for x in map(number, items) if x is not None] for kind, items in lists.items()}
