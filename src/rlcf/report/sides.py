"""The tables of one evaluation, or of two side by side: metrics, outcomes, first errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rlcf.errors import DataError
from rlcf.evaluation.compare import Compared, Comparison, compare_rows
from rlcf.evaluation.formatting import number, plural
from rlcf.evaluation.metrics import METRICS, metrics_of
from rlcf.evaluation.statistics import Estimate
from rlcf.evaluation.summary import first_error, is_scored, summarise
from rlcf.report.load import EvaluationData, JsonObject, RunData

_ERRORS_SHOWN = 12
_COUNTS = {
    "samples": "Samples",
    "unscored": "of them unscored",
    "distinct": "Distinct programs",
    "triviality_unknown": "Triviality unknown",
}
_OUTCOMES = {
    "passed": ("Passed", "its test said yes"),
    "failed": ("Wrong answer", "its test said no"),
    "error": ("Died when run", "an exception, an exit, a stack overflow"),
    "timeout": ("Ran out of time", "compiling or running"),
    "memory": ("Ran out of memory", "when run"),
    "rejected": ("Rejected", "by the compiler, alone or with its test"),
    "accepted": ("Accepted, not run", "its task has no test, or its language no runner"),
}


@dataclass(frozen=True, slots=True)
class Share:
    """A kind of sample, and its share of the scored samples on each side."""

    label: str
    note: str
    shares: list[float | None]

    @property
    def largest(self) -> float:
        return max((share for share in self.shares if share), default=0.0)

    @property
    def change(self) -> float | None:
        first, last = self.shares[0], self.shares[-1]
        return None if first is None or last is None else last - first


@dataclass(frozen=True, slots=True)
class Sides:
    """One evaluation, or two side by side."""

    titles: tuple[str, ...]
    """Of the columns: `Before` and `After`, `A` and `B`, or `Value` alone."""
    change: str
    """The title of the column with the difference; empty for one evaluation."""
    tasks: str
    """How many, in words."""
    evaluations: list[EvaluationData | None]
    summaries: list[JsonObject]
    """Each side's summary as written; what it does not say is computed from the samples."""
    compared: list[Compared]

    @property
    def counts(self) -> list[tuple[str, list[object]]]:
        """Label and number on each side, for what is not 0 everywhere."""
        rows = [(label, [summary.get(key) for summary in self.summaries]) for key, label in _COUNTS.items()]
        return [(label, numbers) for label, numbers in rows if any(numbers)]

    @property
    def outcomes(self) -> list[Share]:
        """What became of the programs."""
        counted = [Counter(str(s) for row in _scored(side) if (s := row.get("status"))) for side in self.evaluations]
        rows = [
            Share(*words, [n[status] / n.total() if n else None for n in counted])
            for status, words in _OUTCOMES.items()
        ]
        return [row for row in rows if any(row.shares)]

    @property
    def errors(self) -> list[Share]:
        """The most frequent first errors; what does not fit is added up in a last row."""
        sides = [_error_shares(*side) for side in zip(self.evaluations, self.summaries, strict=True)]
        frequency = {c: max((side or {}).get(c, 0.0) for side in sides) for side in sides for c in side or {}}
        codes = sorted(frequency, key=lambda code: (-frequency[code], code))
        examples = _examples(self.evaluations)

        def row(label: str, note: str, counted: Sequence[str]) -> Share:
            return Share(label, note, [None if s is None else sum(s.get(c, 0.0) for c in counted) for s in sides])

        rows = [row(examples.get(code, ""), code, [code]) for code in codes[:_ERRORS_SHOWN]]
        rest = codes[_ERRORS_SHOWN:]
        return [*rows, row("", f"{len(rest)} other codes", rest)] if rest else rows


def of_run(run: RunData) -> Sides | None:
    """Before and after training; `None` without an evaluation."""
    evaluations = [run.before, run.after]
    if run.before is None and run.after is None:
        return None
    summaries = [_summary(side) for side in evaluations]
    paired = _paired(run)
    known = [_estimates(summary) for summary in summaries]
    keys = {"trivial_rate", *known[0], *known[1]}
    compared = []
    for metric in metrics_of(keys, str((summaries[1] or summaries[0]).get("length_in", "tokens"))):
        a, b = (side.get(metric.key) for side in known)
        difference = paired.get(metric.key) or (Estimate(b.value - a.value) if a and b else None)
        compared.append(Compared(metric, 0, a, b, difference))
    tasks = plural((summaries[1] or summaries[0]).get("tasks", len(run.tasks)), "held-out task")
    return Sides(("Before", "After"), "Change", tasks, evaluations, summaries, compared)


def of_evaluation(side: EvaluationData) -> Sides:
    """One evaluation alone."""
    summary = _summary(side)
    known = _estimates(summary)
    compared = [Compared(m, 0, known[m.key], None, None) for m in metrics_of(known, str(summary.get("length_in")))]
    return Sides(("Value",), "", plural(summary.get("tasks", 0), "task"), [side], [summary], compared)


def of_comparison(a: EvaluationData, b: EvaluationData, comparison: Comparison) -> Sides:
    """Two evaluations on the tasks of both."""
    common = {row["task_id"] for row in a.results} & {row["task_id"] for row in b.results}
    kept: list[EvaluationData | None] = [
        replace(side, summary={}, results=[row for row in side.results if row["task_id"] in common]) for side in (a, b)
    ]
    tasks = plural(len(common), "task")
    return Sides(("A", "B"), "B − A", tasks, kept, [_summary(side) for side in kept], comparison.compared)


def _summary(side: EvaluationData | None) -> JsonObject:
    if side is None:
        return {}
    written = {key: value for key, value in side.summary.items() if value is not None}
    return (summarise(side.results, side.references) if side.results else {}) | written


def _estimates(summary: Mapping[str, Any]) -> dict[str, Estimate]:
    return {key: value for key in METRICS if (value := _estimate(summary.get(key))) is not None}


def _estimate(written: object) -> Estimate | None:
    found: Mapping[str, Any] = written if isinstance(written, Mapping) else {"value": written}
    value = number(found.get("value"))
    return None if value is None else Estimate(value, number(found.get("low")), number(found.get("high")))


def _paired(run: RunData) -> dict[str, Estimate | None]:
    """The differences by metric, where the samples of both sides are there."""
    if not (run.before and run.after and run.before.results and run.after.results):
        return {}
    try:
        found = compare_rows(run.before.results, run.after.results, "before", "after", run.after.references)
    except DataError:  # no task in common
        return {}
    return {one.metric.key: one.difference for one in found.compared}


def _error_shares(side: EvaluationData | None, summary: Mapping[str, Any]) -> dict[str, float] | None:
    """Code → the share of scored samples in which it is the first error."""
    if side is None or (side.results and all(row.get("compiled") is None for row in _scored(side))):
        return None  # results from elsewhere do not say what the compiler found
    counts, samples = summary.get("diagnostics"), number(summary.get("samples")) or 0.0
    scored = max(1.0, samples - (number(summary.get("unscored")) or 0.0))
    known = {code: number(count) for code, count in counts.items()} if isinstance(counts, Mapping) else {}
    return {code: count / scored for code, count in known.items() if count is not None}


def _examples(evaluations: Sequence[EvaluationData | None]) -> dict[str, str]:
    """Code → the shortest first message there is, so that the example stays readable."""
    examples: dict[str, str] = {}
    errors = (error for side in evaluations for row in _scored(side) if (error := first_error(row)))
    for error in errors:
        lines = (" ".join(line.split()) for line in str(error.get("message", "")).splitlines())
        message, code = " · ".join(filter(None, lines)), str(error.get("code"))
        if len(message) < len(examples.get(code, message + " ")):
            examples[code] = message
    return {code: text if len(text) <= 120 else f"{text[:119]}…" for code, text in examples.items()}


def _scored(side: EvaluationData | None) -> list[JsonObject]:
    return [row for row in side.results if is_scored(row)] if side else []
