"""Two evaluations on the tasks that both have: each measure, and the paired difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rlcf.errors import DataError
from rlcf.evaluation.metrics import Result
from rlcf.evaluation.results import load_results
from rlcf.evaluation.statistics import Estimate, Sums, estimate, paired_difference
from rlcf.evaluation.summary import Measured, is_scored, length_unit, measure, word_count


def compare(a: Path, b: Path) -> dict[str, Any]:
    """What `comparison.json` holds: counts, and for each measure `a`, `b` and `difference` (b − a).

    Raises:
        DataError: one of them holds no results, or they have no task in common.
    """
    return compare_rows(load_results(a), load_results(b), str(a), str(b))


def compare_rows(rows_a: Sequence[Result], rows_b: Sequence[Result], a: str, b: str) -> dict[str, Any]:
    """`compare` of results that are read already; `a` and `b` name them.

    Raises:
        DataError: they have no task in common.
    """
    tasks_a, tasks_b = ({row["task_id"]: None for row in rows} for rows in (rows_a, rows_b))
    common = [task_id for task_id in tasks_a if task_id in tasks_b]
    if not common:
        raise DataError(
            f"{a} and {b} have no task in common: {len(tasks_a)} tasks such as {next(iter(tasks_a))!r}, "
            f"and {len(tasks_b)} such as {next(iter(tasks_b))!r}"
        )
    in_both = set(common)
    kept = [[row for row in rows if row["task_id"] in in_both] for rows in (rows_a, rows_b)]
    scored = [[row for row in rows if is_scored(row)] for rows in kept]
    unit, *sides = _in_one_unit(*scored)
    return {
        "a": a,
        "b": b,
        "tasks": len(common),
        "only_a": len(tasks_a) - len(common),
        "only_b": len(tasks_b) - len(common),
        "samples": {"a": len(kept[0]), "b": len(kept[1])},
        "unscored": {"a": len(kept[0]) - len(scored[0]), "b": len(kept[1]) - len(scored[1])},
        "length_in": unit,
        "measures": _measures(measure(sides[0], {}), measure(sides[1], {}), common),
    }


def _measures(a: dict[str, Measured], b: dict[str, Measured], tasks: Sequence[str]) -> dict[str, Any]:
    """Each measure on the tasks that have it on both sides; where only one side has it, on that side's."""
    compared: dict[str, Any] = {}
    for name in dict.fromkeys((*a, *b)):
        sums_a, sums_b = _in_order(a.get(name, {}), tasks), _in_order(b.get(name, {}), tasks)
        pairs = [(x, y) for x, y in zip(sums_a, sums_b, strict=True) if x[1] and y[1]]
        if pairs:
            sums_a, sums_b = [x for x, _ in pairs], [y for _, y in pairs]
        found = {"a": estimate(sums_a), "b": estimate(sums_b)}
        found["difference"] = paired_difference(sums_a, sums_b) if pairs else None
        if found["a"] or found["b"]:
            compared[name] = {"tasks": len(pairs)} | {side: _written(value) for side, value in found.items()}
    return compared


def _in_order(measured: Measured, tasks: Sequence[str]) -> list[Sums]:
    return [measured.get(task_id, (0.0, 0)) for task_id in tasks]


def _written(found: Estimate | None) -> dict[str, float | None] | None:
    return asdict(found) if found else None


def _in_one_unit(a: Sequence[Result], b: Sequence[Result]) -> tuple[str, Sequence[Result], Sequence[Result]]:
    """Both with lengths in the same unit: a model's tokens, or words and signs where one side has no tokens."""
    units = length_unit(a), length_unit(b)
    if units[0] == units[1]:
        return units[0], a, b
    a, b = ([{**row, "tokens": word_count(row["completion"])} for row in rows] for rows in (a, b))
    return "words", a, b
