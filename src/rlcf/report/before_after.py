"""Before and after: the measures of an evaluation, their changes, and 95 % intervals that resample tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rlcf.evaluation.statistics import Estimate, Sums, estimate, paired_difference
from rlcf.report.formatting import SHARE, Scale, number, plain_scale
from rlcf.report.load import Evaluation, Row, RunData

_AGREES = 1e-3
"""How far a value recomputed from the samples may lie from the summary's and still be the same measure."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Something measured on every sample; its value is the mean over the samples that have it."""

    key: str
    """Its name in `summary.json`; an empty one stands only in the report."""
    label: str
    meaning: str
    of_sample: Callable[[Row, Row], float | None] = lambda _sample, _task: None
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
REPEATED = Measure("repeated_rate", "Repeated", "an earlier sample of its task again")
TRUNCATED = Measure("truncated_rate", "Truncated", "cut at the limit of tokens")
PAIRWISE = Measure("pairwise", "Preference, all", "a rejected program counts as −1", scale=plain_scale(2))
MEASURES = (COMPILE, TRIVIAL, EARNEST, EXECUTE, PASS, LENGTH, RELATIVE_LENGTH, PREFERENCE)


_EVALUATED = (COMPILE, TRIVIAL, LENGTH, EXECUTE, PASS, REPEATED, TRUNCATED, PREFERENCE, PAIRWISE)


def evaluated(keys: Iterable[str], length_in: str = "tokens") -> list[Measure]:
    """The measures that have these names in `summary.json`, in the order in which people read them.

    Args:
        length_in: the unit of the lengths, as in `summary.json`.
    """
    known = set(keys)
    measures: list[Measure] = []
    for measure in _EVALUATED:
        if measure is LENGTH and length_in == "words":
            measure = replace(LENGTH, meaning="words and signs a completion")
        if measure.key in known:
            measures.append(measure)
        if measure is PASS:
            ks = sorted(
                int(key[5:]) for key in known if key.startswith("pass@") and key[5:].isdigit() and key != "pass@1"
            )
            measures += [Measure(f"pass@{k}", f"pass@{k}", f"one of {k} samples passes") for k in ks]
    return measures


def compare(run: RunData) -> dict[str, Comparison]:
    """Every measure of a run by its label, before and after; empty when the run has no evaluation."""
    if run.before is None and run.after is None:
        return {}
    sides = (run.before, run.after)
    scored = [[] if side is None else side.scored for side in sides]
    task_ids = list(dict.fromkeys(str(row.get("task_id")) for rows in scored for row in rows))
    return {m.label: _compare_one(m, sides, scored, task_ids, run.tasks) for m in MEASURES}


def _compare_one(
    measure: Measure,
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


def _written(side: Evaluation | None, measure: Measure) -> Estimate | None:
    """The estimate that `summary.json` gives."""
    value = side.summary.get(measure.key) if side is not None and measure.key else None
    if isinstance(value, Mapping):
        middle = number(value.get("value"))
        return None if middle is None else Estimate(middle, number(value.get("low")), number(value.get("high")))
    plain = number(value)
    return None if plain is None else Estimate(plain)


def _by_task(measure: Measure, rows: Sequence[Row], task_ids: Sequence[str], tasks: Mapping[str, Row]) -> list[Sums]:
    """Per task: the sum of the measure over its samples, and how many have it."""
    values: dict[str, list[float]] = {task_id: [] for task_id in task_ids}
    for row in rows:
        task_id = str(row.get("task_id"))
        value = measure.of_sample(row, tasks.get(task_id, {}))
        if value is not None:
            values[task_id].append(value)
    return [(sum(found, 0.0), len(found)) for found in values.values()]


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
