"""Two evaluations on the tasks that both have: each metric, and the paired difference."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rlcf.errors import DataError
from rlcf.evaluation.metrics import Metric, Result, Sums, metrics_of
from rlcf.evaluation.results import load_results
from rlcf.evaluation.statistics import Estimate, estimate, paired_difference
from rlcf.evaluation.summary import Measured, is_scored, length_unit, measure, word_count

_COUNTS = ("a", "b", "tasks", "only_a", "only_b", "samples", "unscored", "length_in")


@dataclass(frozen=True, slots=True)
class Compared:
    """One metric of A and of B on the tasks that have it in both; where only one side has it, on that side's."""

    metric: Metric
    tasks: int
    """That have it on both sides."""
    a: Estimate | None
    b: Estimate | None
    difference: Estimate | None
    """b − a, paired by task."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two evaluations; all is on the tasks that both have."""

    a: str
    b: str
    tasks: int
    only_a: int
    only_b: int
    samples: dict[str, int]
    """By side, `a` and `b`."""
    unscored: dict[str, int]
    length_in: str
    """The unit in which the lengths of both are: `tokens` or `words`."""
    compared: list[Compared]

    def to_json(self) -> dict[str, Any]:
        """What `comparison.json` holds."""
        found = {field: getattr(self, field) for field in _COUNTS}
        return found | {"measures": {one.metric.key: _written(one) for one in self.compared}}


def _written(one: Compared) -> dict[str, Any]:
    sides = {"a": one.a, "b": one.b, "difference": one.difference}
    return {"tasks": one.tasks} | {side: found and asdict(found) for side, found in sides.items()}


def compare(a: Path, b: Path) -> Comparison:
    """Two folders of evaluations, or results files; a `DataError` where they have no results or no task in common."""
    return compare_rows(load_results(a), load_results(b), str(a), str(b))


def compare_rows(
    rows_a: Sequence[Result],
    rows_b: Sequence[Result],
    a: str,
    b: str,
    references: Mapping[str, str | None] | None = None,
) -> Comparison:
    """`compare` of results that are read already; `a` and `b` name them."""
    tasks_a, tasks_b = ({row["task_id"]: None for row in rows} for rows in (rows_a, rows_b))
    common = {task_id: None for task_id in tasks_a if task_id in tasks_b}
    if not common:
        raise DataError(
            f"{a} and {b} have no task in common: {len(tasks_a)} tasks such as {next(iter(tasks_a))!r}, "
            f"and {len(tasks_b)} such as {next(iter(tasks_b))!r}"
        )
    kept = [[row for row in rows if row["task_id"] in common] for rows in (rows_a, rows_b)]
    scored = [[row for row in rows if is_scored(row)] for rows in kept]
    unit, *sides = _in_one_unit(*scored)
    measured = [measure(rows, references or {}) for rows in sides]
    metrics = metrics_of(measured[0].keys() | measured[1].keys(), unit)
    compared = [_compared(m, measured[0].get(m.key, {}), measured[1].get(m.key, {}), list(common)) for m in metrics]
    return Comparison(
        a,
        b,
        tasks=len(common),
        only_a=len(tasks_a) - len(common),
        only_b=len(tasks_b) - len(common),
        samples={"a": len(kept[0]), "b": len(kept[1])},
        unscored={"a": len(kept[0]) - len(scored[0]), "b": len(kept[1]) - len(scored[1])},
        length_in=unit,
        compared=[one for one in compared if one.a or one.b],
    )


def _compared(metric: Metric, a: Measured, b: Measured, tasks: Sequence[str]) -> Compared:
    none: Sums = (0.0, 0)
    sums = [(a.get(task_id, none), b.get(task_id, none)) for task_id in tasks]
    pairs = [(x, y) for x, y in sums if x[1] and y[1]]
    sums_a, sums_b = zip(*(pairs or sums), strict=True)
    difference = paired_difference(sums_a, sums_b) if pairs else None
    return Compared(metric, len(pairs), estimate(sums_a), estimate(sums_b), difference)


def _in_one_unit(a: Sequence[Result], b: Sequence[Result]) -> tuple[str, Sequence[Result], Sequence[Result]]:
    """Both with lengths in the same unit: a model's tokens, or words and signs where one side has no tokens."""
    units = length_unit(a), length_unit(b)
    if units[0] == units[1]:
        return units[0], a, b
    a, b = ([{**row, "tokens": word_count(row["completion"])} for row in rows] for rows in (a, b))
    return "words", a, b


def with_interval(metric: Metric, found: Estimate | None, *, change: bool = False) -> str:
    """`31.2 % (24.0…38.5)`, or without the interval where there is none; with `change`, as a difference."""
    show, bound = (metric.change, metric.change_bound) if change else (metric.value, metric.bound)
    if found is None or found.low is None:
        return show(None if found is None else found.value)
    return f"{show(found.value)} ({bound(found.low)}…{bound(found.high)})"
