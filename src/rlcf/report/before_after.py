"""Before and after: the measures of an evaluation, their changes, and 95 % intervals that resample tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rlcf.evaluation.formatting import number
from rlcf.evaluation.metrics import METRICS, Metric, Sums
from rlcf.evaluation.statistics import Estimate, estimate, paired_difference
from rlcf.evaluation.summary import by_task
from rlcf.report.load import Evaluation, Row, RunData

_AGREES = 1e-3
"""How far a value recomputed from the samples may lie from the summary's and still be the same measure."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure before and after training."""

    measure: Metric
    before: Estimate | None
    after: Estimate | None
    change: Estimate | None


COMPILE, TRIVIAL, NONTRIVIAL, EXECUTE, PASS, LENGTH, RELATIVE_LENGTH, PREFERENCE = MEASURES = tuple(
    METRICS[key]
    for key in (
        "compile_rate",
        "trivial_rate",
        "nontrivial_rate",
        "execute_rate",
        "pass@1",
        "mean_tokens",
        "relative_length",
        "preference",
    )
)


def compare(run: RunData) -> dict[str, Comparison]:
    """Every measure of a run by its key, before and after; empty when the run has no evaluation."""
    if run.before is None and run.after is None:
        return {}
    sides = (run.before, run.after)
    scored = [[] if side is None else side.scored for side in sides]
    task_ids = list(dict.fromkeys(str(row.get("task_id")) for rows in scored for row in rows))
    return {m.key: _compare_one(m, sides, scored, task_ids, run.tasks) for m in MEASURES}


def _compare_one(
    measure: Metric,
    sides: Sequence[Evaluation | None],
    scored: Sequence[Sequence[Row]],
    task_ids: Sequence[str],
    tasks: Mapping[str, Row],
) -> Comparison:
    early, late = (_by_task(measure, rows, task_ids, tasks) for rows in scored)
    before, after = (_written(side, measure) or estimate(sums) for side, sums in zip(sides, (early, late), strict=True))
    change = None
    if before and after:
        change = Estimate(after.value - before.value)
        if _same(before, early) and _same(after, late):
            change = paired_difference(early, late)
    return Comparison(measure, before, after, change)


def _written(side: Evaluation | None, measure: Metric) -> Estimate | None:
    """The estimate that `summary.json` gives."""
    value = side.summary.get(measure.key) if side is not None else None
    if isinstance(value, Mapping):
        middle = number(value.get("value"))
        return None if middle is None else Estimate(middle, number(value.get("low")), number(value.get("high")))
    plain = number(value)
    return None if plain is None else Estimate(plain)


def _by_task(measure: Metric, rows: Sequence[Row], task_ids: Sequence[str], tasks: Mapping[str, Row]) -> list[Sums]:
    """Per task: the sum of the measure over its samples, and how many have it."""
    groups = by_task(rows)
    sums = []
    for task_id in task_ids:
        reference = tasks.get(task_id, {}).get("canonical_solution")
        known = reference if isinstance(reference, str) else None
        sums.append(measure.of_task(groups.get(task_id, []), known) if measure.of_task else (0.0, 0))
    return sums


def _same(written: Estimate, measured: Sequence[Sums]) -> bool:
    """Whether the samples give the value that the summary has: only then is it the same measure."""
    count = sum(n for _, n in measured)
    if not count:
        return False
    mean = sum(s for s, _ in measured) / count
    return abs(written.value - mean) <= _AGREES * max(1.0, abs(mean))


def unscored(side: Evaluation | None) -> int | None:
    """Samples that a failing tool left without a verdict; `None` without an evaluation."""
    if side is None:
        return None
    written: Any = side.summary.get("unscored")
    return written if isinstance(written, int) else len(side.results) - len(side.scored)


def sample_count(side: Evaluation | None) -> int | None:
    """Samples of an evaluation, the unscored among them; `None` without an evaluation."""
    if side is None:
        return None
    written: Any = side.summary.get("samples")
    return written if isinstance(written, int) else len(side.results)


def task_count(run: RunData) -> int:
    """Held-out tasks evaluated."""
    for side in (run.after, run.before):
        if side is not None:
            written: Any = side.summary.get("tasks")
            return written if isinstance(written, int) else len({row.get("task_id") for row in side.results})
    return len(run.tasks)
