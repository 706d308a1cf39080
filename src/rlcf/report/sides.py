"""The tables of one evaluation, or of two side by side: metrics, outcomes, first errors."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rlcf.evaluation.agreement import Agreement, agreements
from rlcf.evaluation.compare import Compared, Comparison, compare_rows
from rlcf.evaluation.formatting import plural
from rlcf.evaluation.metrics import metrics_of
from rlcf.evaluation.summary import counts, estimates, first_error, is_scored, length_unit
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
    "accepted": ("Accepted, not run", "its task has no test that counts, or its language no runner"),
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
    compared: list[Compared]

    @property
    def length_in(self) -> str:
        """The unit of the lengths of all sides."""
        lengths = [one.metric.unit for one in self.compared if one.metric.key == "mean_tokens"]
        return "words" if lengths and lengths[0].startswith("words") else "tokens"

    @property
    def counted(self) -> list[dict[str, Any]]:
        """Each side's counts, as in `summary.json`."""
        return [counts(side.results) if side else {} for side in self.evaluations]

    @property
    def counts(self) -> list[tuple[str, list[object]]]:
        """Label and number on each side, for what is not 0 everywhere."""
        rows = [(label, [found.get(key) for found in self.counted]) for key, label in _COUNTS.items()]
        return [(label, numbers) for label, numbers in rows if any(numbers)]

    @property
    def agreements(self) -> list[tuple[str, list[Agreement | None]]]:
        """Each score's agreement with the tests on each side, by the score's name."""
        sides = [agreements(side.results) if side else {} for side in self.evaluations]
        return [(name, [found.get(name) for found in sides]) for name in {n: None for found in sides for n in found}]

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
        sides = [_error_shares(_scored(side)) for side in self.evaluations]
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
    there = [side for side in (run.before, run.after) if side]
    if not there:
        return None
    tasks = plural(len({row["task_id"] for row in there[-1].results}), "held-out task")
    return Sides(("Before", "After"), "Change", tasks, [run.before, run.after], _compared(run.before, run.after))


def of_evaluation(side: EvaluationData) -> Sides:
    """One evaluation alone."""
    tasks = plural(len({row["task_id"] for row in side.results}), "task")
    return Sides(("Value",), "", tasks, [side], _compared(side, None))


def of_comparison(a: EvaluationData, b: EvaluationData, comparison: Comparison) -> Sides:
    """Two evaluations on the tasks of both."""
    common = {row["task_id"] for row in a.results} & {row["task_id"] for row in b.results}
    kept = [replace(side, results=[row for row in side.results if row["task_id"] in common]) for side in (a, b)]
    return Sides(("A", "B"), "B − A", plural(len(common), "task"), [*kept], comparison.compared)


def _compared(a: EvaluationData | None, b: EvaluationData | None) -> list[Compared]:
    """The metrics of both, or of the one that is there."""
    if a and b:
        return compare_rows(a.results, b.results, a.name, b.name, b.references).compared
    scored, side = _scored(a or b), a or b
    found = estimates(scored, side.references if side else {})
    metrics = metrics_of(found, length_unit(scored))
    return [Compared(m, 0, found[m.key] if a else None, None if a else found[m.key], None) for m in metrics]


def _error_shares(scored: Sequence[JsonObject]) -> dict[str, float] | None:
    """Code → the share of scored samples in which it is the first error."""
    if all(row.get("compiled") is None for row in scored):
        return None  # results from elsewhere do not say what the compiler found
    codes = Counter(str(error.get("code")) for row in scored if (error := first_error(row)))
    return {code: count / len(scored) for code, count in codes.items()}


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
