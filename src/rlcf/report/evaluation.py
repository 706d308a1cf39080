"""The page of one evaluation, or of two beside each other on the tasks that both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from rlcf.evaluation.compare import Comparison, compare_rows
from rlcf.evaluation.formatting import moment, number
from rlcf.evaluation.metrics import metrics_of
from rlcf.evaluation.results import load_results
from rlcf.evaluation.statistics import Estimate
from rlcf.report.before_after import Comparison as BeforeAfter
from rlcf.report.before_after import sample_count, unscored
from rlcf.report.diagnostics import DiagnosticRow, diagnostic_table
from rlcf.report.evaluation_browser import evaluation_browser_json
from rlcf.report.evaluation_words import compared_cautions, compared_lead, evaluation_lead
from rlcf.report.facts import plain
from rlcf.report.html import PAGE_BYTES, render
from rlcf.report.load import Evaluation, EvaluationData, Row, load_evaluations
from rlcf.storage.atomic import write_text

_STATUSES = (
    ("passed", "Passed", "its test said yes"),
    ("failed", "Wrong answer", "its test said no"),
    ("error", "Died when run", "an exception, an exit, a stack overflow"),
    ("timeout", "Ran out of time", "compiling or running"),
    ("memory", "Ran out of memory", "when run"),
    ("rejected", "Rejected", "by the compiler"),
    ("accepted", "Accepted, not run", "its task has no test"),
)
_ABOUT = (
    ("tasks", "Tasks"),
    ("split", "Split"),
    ("model", "Model"),
    ("completions", "Samples"),
    ("timeout_s", "Time limit (s)"),
    ("date", "Evaluated"),
    ("machine", "Machine"),
    ("versions", "Versions"),
    ("command", "Command"),
)


@dataclass(frozen=True, slots=True)
class StatusRow:
    """What became of so many samples; shares are of the scored ones."""

    label: str
    meaning: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """What the template shows; `before` is the evaluation, or A, and `after` is B."""

    kicker: str
    title: str
    lead: str
    cautions: list[str]
    two: bool
    names: list[tuple[str, list[tuple[str, str]]]]
    """Each side's name, and facts about it."""
    tasks: int
    comparisons: list[BeforeAfter]
    counts: list[tuple[str, int | None, int | None]]
    statuses: list[StatusRow]
    diagnostics: list[DiagnosticRow]
    most_frequent: float
    browser: Markup | None


def write_evaluation_report(sides: Sequence[EvaluationData], out: Path, comparison: Comparison | None = None) -> Path:
    """Writes the page of one evaluation, or of two with their `comparison`, and returns its path.

    Raises:
        StorageError: `out` cannot be written.
    """
    write_text(out, render_evaluation(sides, comparison))
    return out


def report_evaluations(paths: Sequence[Path], out: Path) -> Path:
    """Writes the page of one evaluation, or of two, and returns its path.

    Raises:
        DataError: a folder holds no results, or two have no task in common.
    """
    rows = [load_results(path) for path in paths]
    comparison = compare_rows(rows[0], rows[1], str(paths[0]), str(paths[1])) if len(paths) == 2 else None
    return write_evaluation_report(load_evaluations(paths, rows), out, comparison)


def render_evaluation(sides: Sequence[EvaluationData], comparison: Comparison | None = None) -> str:
    """The page as a string. The same files give the same string.

    Args:
        sides: one evaluation, or A and B.
        comparison: what `rlcf.evaluation.compare` found between A and B; needed when there are two.
    """
    view = _one(sides[0]) if comparison is None else _two(sides[0], sides[1], comparison)
    return render(title=view.title, runs=[], compared=[], differing=[], update_metrics=[], evaluation=view)


def _one(side: EvaluationData) -> EvaluationView:
    summary, found = side.summary, Evaluation(side.summary, side.results)
    length_in = str(summary.get("length_in", "tokens"))
    measures = metrics_of(
        [
            key
            for key, value in summary.items()
            if isinstance(value, Mapping) and number(value.get("value")) is not None
        ],
        length_in,
    )
    comparisons = [BeforeAfter(m, _estimate(summary[m.key]), None, None) for m in measures]
    tasks = len({row.get("task_id") for row in side.results})
    return _view(
        [side],
        found,
        None,
        length_in,
        kicker="rlcf evaluation",
        title=side.name,
        lead=evaluation_lead(tasks, comparisons),
        cautions=[str(line) for line in summary.get("warnings") or summary.get("notices") or []],
        tasks=tasks,
        comparisons=comparisons,
    )


def _two(a: EvaluationData, b: EvaluationData, comparison: Comparison) -> EvaluationView:
    common = {row.get("task_id") for row in a.results} & {row.get("task_id") for row in b.results}
    found = [Evaluation({}, [row for row in side.results if row.get("task_id") in common]) for side in (a, b)]
    comparisons = [BeforeAfter(c.metric, c.a, c.b, c.difference) for c in comparison.compared]
    return _view(
        [a, b],
        found[0],
        found[1],
        comparison.length_in,
        kicker="rlcf evaluations compared",
        title=f"{a.name} and {b.name}",
        lead=compared_lead(len(common), comparisons),
        cautions=compared_cautions(comparison, comparisons),
        tasks=len(common),
        comparisons=comparisons,
    )


def _view(
    sides: Sequence[EvaluationData], first: Evaluation, second: Evaluation | None, length_in: str, **shown: Any
) -> EvaluationView:
    found = [side for side in (first, second) if side is not None]
    titles = (
        ["Samples"] if second is None else [f"{letter}: {side.name}" for letter, side in zip("AB", sides, strict=True)]
    )
    known = {task_id: task for side in reversed(sides) for task_id, task in side.tasks.items()}
    rows = [(title, side.results) for title, side in zip(titles, found, strict=True)]
    data = evaluation_browser_json(known, rows, PAGE_BYTES, length_in)
    frequent = diagnostic_table(first, second)
    return EvaluationView(
        two=second is not None,
        names=[(side.name, _facts(side.about, brief=second is not None)) for side in sides],
        counts=_counts(first, second),
        statuses=_statuses(first, second),
        diagnostics=frequent,
        most_frequent=max((s for row in frequent for s in (row.before, row.after) if s), default=1.0),
        browser=None if data is None else Markup(data),
        **shown,
    )


def _facts(about: Row, brief: bool) -> list[tuple[str, str]]:
    """Label and value of what is known of an evaluation."""
    known = {label: plain(about.get(key)) for key, label in _ABOUT}
    date = moment(about.get("date"))
    known["Evaluated"] = "" if date is None else f"{date:%Y-%m-%d %H:%M} {date.tzname() or ''}".strip()
    return [(label, value) for label, value in known.items() if value and not (brief and label == "Command")]


def _counts(first: Evaluation, second: Evaluation | None) -> list[tuple[str, int | None, int | None]]:
    return [
        ("Samples", sample_count(first), sample_count(second)),
        ("of them unscored", unscored(first), unscored(second)),
        ("Distinct programs", _distinct(first), _distinct(second)),
    ]


def _distinct(side: Evaluation | None) -> int | None:
    if side is None:
        return None
    return len({(row.get("task_id"), str(row.get("completion")).strip()) for row in side.scored})


def _statuses(first: Evaluation, second: Evaluation | None) -> list[StatusRow]:
    rows = [
        StatusRow(label, meaning, _share(first, status), _share(second, status)) for status, label, meaning in _STATUSES
    ]
    return [row for row in rows if row.before or row.after]


def _share(side: Evaluation | None, status: str) -> float | None:
    known = [row.get("status") for row in side.scored if row.get("status") is not None] if side else []
    return known.count(status) / len(known) if known else None


def _estimate(written: Mapping[str, Any] | None) -> Estimate | None:
    if written is None or (value := number(written.get("value"))) is None:
        return None
    return Estimate(value, number(written.get("low")), number(written.get("high")))
