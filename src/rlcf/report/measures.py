"""Before and after: the measures of an evaluation, their changes, and 95 % intervals that resample tasks."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rlcf.report.formatting import SHARE, Scale, number, plain_scale
from rlcf.report.load import Evaluation, Row, RunData

RESAMPLES = 1000
_AGREES = 1e-3
"""How far a value recomputed from the samples may lie from the summary's and still be the same measure."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval, where one could be had."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """Something measured on every sample; its value is the mean over the samples that have it."""

    key: str
    """Its name in `summary.json`; an empty one stands only in the report."""
    label: str
    meaning: str
    of_sample: Callable[[Row, Row], float | None]
    """The sample's and its task's value; `None` leaves the sample out."""
    scale: Scale = SHARE

    @property
    def is_rate(self) -> bool:
        return self.scale is SHARE


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure before and after training."""

    measure: Measure
    before: Estimate | None
    after: Estimate | None
    change: Estimate | None


def _field(name: str) -> Callable[[Row, Row], float | None]:
    def read(sample: Row, _task: Row) -> float | None:
        value = sample.get(name)
        return float(value) if isinstance(value, bool) else number(value)

    return read


def _earnest(sample: Row, _task: Row) -> float | None:
    if sample.get("compiled") is None or sample.get("trivial") is None:
        return None
    return float(bool(sample["compiled"]) and not sample["trivial"])


def _relative_length(sample: Row, task: Row) -> float | None:
    reference, completion = task.get("canonical_solution"), sample.get("completion")
    if not isinstance(reference, str) or not isinstance(completion, str) or not reference.strip():
        return None
    return len(completion.strip()) / len(reference.strip())


COMPILE = Measure("compile_rate", "Compile rate", "accepted by the compiler", _field("compiled"))
TRIVIAL = Measure("trivial_rate", "Trivial", "accepted, but ignores its input", _field("trivial"))
EARNEST = Measure("", "Compiles, not trivial", "the two rows above in one", _earnest)
EXECUTE = Measure("execute_rate", "Execute rate", "ran to the end of its test", _field("executed"))
PASS = Measure("pass@1", "pass@1", "its test says yes", _field("passed"))
LENGTH = Measure("mean_tokens", "Mean length", "tokens a completion", _field("tokens"), plain_scale(1))
RELATIVE_LENGTH = Measure("", "Length ÷ reference", "in characters, mean ratio", _relative_length, plain_scale(2))
PREFERENCE = Measure("preference", "Preference", "of accepted programs, −1 … 1", _field("preference"), plain_scale(2))
MEASURES = (COMPILE, TRIVIAL, EARNEST, EXECUTE, PASS, LENGTH, RELATIVE_LENGTH, PREFERENCE)


def compare(run: RunData) -> dict[str, Comparison]:
    """Every measure of a run by its label, before and after; empty when the run has no evaluation."""
    if run.before is None and run.after is None:
        return {}
    sides = (run.before, run.after)
    scored = [[] if side is None else side.scored for side in sides]
    task_ids = list(dict.fromkeys(str(row.get("task_id")) for rows in scored for row in rows))
    generator = random.Random(0)  # the same page from the same files, always
    draws = [generator.choices(range(len(task_ids)), k=len(task_ids)) for _ in range(RESAMPLES if task_ids else 0)]
    return {m.label: _compare_one(m, sides, scored, task_ids, run.tasks, draws) for m in MEASURES}


def _compare_one(
    measure: Measure,
    sides: Sequence[Evaluation | None],
    scored: Sequence[Sequence[Row]],
    task_ids: Sequence[str],
    tasks: Mapping[str, Row],
    draws: Sequence[Sequence[int]],
) -> Comparison:
    resampled = [_resampled(_by_task(measure, rows, task_ids, tasks), draws) for rows in scored]
    measured = [means[0] if means else None for means in resampled]
    shown = [_written(side, measure) or _estimate(own) for side, own in zip(sides, resampled, strict=True)]
    before, after = shown
    change = None
    if before and after:
        change = Estimate(after.value - before.value)
        if _same(before, measured[0]) and _same(after, measured[1]):
            change = _with_interval(change.value, _differences(*resampled))
    return Comparison(measure, before, after, change)


def _written(side: Evaluation | None, measure: Measure) -> Estimate | None:
    """The estimate that `summary.json` gives."""
    value = side.summary.get(measure.key) if side is not None and measure.key else None
    if isinstance(value, Mapping):
        middle = number(value.get("value"))
        return None if middle is None else Estimate(middle, number(value.get("low")), number(value.get("high")))
    plain = number(value)
    return None if plain is None else Estimate(plain)


def _by_task(
    measure: Measure, rows: Sequence[Row], task_ids: Sequence[str], tasks: Mapping[str, Row]
) -> tuple[list[float], list[int]]:
    """Per task: the sum of the measure over its samples, and how many have it."""
    place = {task_id: index for index, task_id in enumerate(task_ids)}
    sums, counts = [0.0] * len(task_ids), [0] * len(task_ids)
    for row in rows:
        task_id = str(row.get("task_id"))
        value = measure.of_sample(row, tasks.get(task_id, {}))
        if value is not None:
            sums[place[task_id]] += value
            counts[place[task_id]] += 1
    return sums, counts


def _resampled(columns: tuple[list[float], list[int]], draws: Sequence[Sequence[int]]) -> list[float | None]:
    """The measure on the tasks themselves, then on each draw of them; empty without any sample."""
    sums, counts = columns
    if not sum(counts):
        return []
    means: list[float | None] = [sum(sums) / sum(counts)]
    for draw in draws:
        count = sum(map(counts.__getitem__, draw))
        means.append(sum(map(sums.__getitem__, draw)) / count if count else None)
    return means


def _estimate(means: Sequence[float | None]) -> Estimate | None:
    if not means or means[0] is None:
        return None
    return _with_interval(means[0], [mean for mean in means[1:] if mean is not None])


def _differences(before: Sequence[float | None], after: Sequence[float | None]) -> list[float]:
    pairs = zip(before[1:], after[1:], strict=True)
    return [late - early for early, late in pairs if early is not None and late is not None]


def _with_interval(value: float, resampled: Sequence[float]) -> Estimate:
    if len(resampled) < 2:
        return Estimate(value)
    ordered = sorted(resampled)
    last = len(ordered) - 1
    return Estimate(value, ordered[round(0.025 * last)], ordered[round(0.975 * last)])


def _same(written: Estimate, measured: float | None) -> bool:
    return measured is not None and abs(written.value - measured) <= _AGREES * max(1.0, abs(measured))


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
