"""Assembles the page: what each part shows is decided here, how it looks in `templates/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from rlcf.evaluation.formatting import number
from rlcf.evaluation.metrics import UPDATE_METRICS
from rlcf.report.before_after import (
    MEASURES,
    TRIVIAL,
    Comparison,
    compare,
    sample_count,
    task_count,
    unscored,
)
from rlcf.report.browser import browser_json
from rlcf.report.charts.canvas import Chart
from rlcf.report.charts.curves import comparison_charts, run_charts
from rlcf.report.charts.rewards import RewardRow, ordering, reward_chart, reward_rows
from rlcf.report.comparison import compared, differing_settings, setup
from rlcf.report.diagnostics import DiagnosticRow, diagnostic_table
from rlcf.report.facts import facts, flat
from rlcf.report.headline import cautions, lead
from rlcf.report.html import LEAST_BROWSER_BYTES, PAGE_BYTES, render
from rlcf.report.load import RunData, load_runs
from rlcf.storage.atomic import write_text


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as the template shows it."""

    anchor: str
    name: str
    setup: str
    lead: str
    cautions: list[str]
    missing: list[str]
    facts: list[tuple[str, str]]
    counts: list[tuple[str, int | None, int | None]]
    tasks: int
    comparisons: list[Comparison]
    charts: list[Chart]
    reward_chart: Chart | None
    reward_rows: list[RewardRow]
    reward_order: str
    diagnostics: list[DiagnosticRow]
    most_frequent: float
    """The largest share among the diagnostics: the bars' full width."""
    metrics: list[list[str]]
    settings: dict[str, str]
    browser: Markup | None


def write_report(runs: Sequence[Path], out: Path) -> Path:
    """Writes one page about the runs, comparing them when there are several, and returns its path.

    Raises:
        UserError: a path is no run directory, or a file in it is damaged.
        StorageError: `out` cannot be written.
    """
    write_text(out, render_report(runs))
    return out


def render_report(runs: Sequence[Path]) -> str:
    """The page as a string. The same files give the same string.

    Raises:
        UserError: a path is no run directory, or a file in it is damaged.
    """
    loaded = load_runs(runs)
    results = [compare(run) for run in loaded]
    charts = [run_charts(run, f"run-{place}") for place, run in enumerate(loaded, start=1)]
    several = len(loaded) > 1
    shared = comparison_charts(loaded) if several else []
    drawn = sum(len(chart.svg) for some in [*charts, shared] for chart in some)
    budget = max(LEAST_BROWSER_BYTES, (PAGE_BYTES - drawn) // len(loaded) - 50_000)
    views = [
        _view(f"run-{place}", run, found, own, budget)
        for place, (run, found, own) in enumerate(zip(loaded, results, charts, strict=True), start=1)
    ]
    return render(
        title=" · ".join(run.name for run in loaded),
        runs=views,
        compared=compared(results) if several else [],
        differing=differing_settings(loaded) if several else [],
        comparison_charts=shared,
        update_metrics=list(UPDATE_METRICS.values()),
        evaluation=None,
    )


def _view(anchor: str, run: RunData, found: dict[str, Comparison], charts: list[Chart], budget: int) -> RunView:
    rewards = run.rewards or {}
    rows = reward_rows(rewards)
    data = browser_json(run, budget)
    frequent = diagnostic_table(run.before, run.after)
    return RunView(
        anchor=anchor,
        name=run.name,
        setup=setup(run),
        lead=lead(run, found),
        cautions=cautions(run, found),
        missing=_missing(run),
        facts=facts(run),
        counts=_counts(run),
        tasks=task_count(run),
        comparisons=[c for m in MEASURES if (c := found.get(m.key)) and (c.before or c.after or m is TRIVIAL)],
        charts=charts,
        reward_chart=reward_chart(rewards, f"{anchor}-rewards"),
        reward_rows=rows,
        reward_order=ordering(rows),
        diagnostics=frequent,
        most_frequent=max((s for row in frequent for s in (row.before, row.after) if s), default=1.0),
        metrics=[_metric_cells(row) for row in run.metrics],
        settings=flat(run.config),
        browser=None if data is None else Markup(data),
    )


def _counts(run: RunData) -> list[tuple[str, int | None, int | None]]:
    if run.before is None and run.after is None:
        return []
    return [
        ("Samples", sample_count(run.before), sample_count(run.after)),
        ("of them unscored", unscored(run.before), unscored(run.after)),
    ]


def _missing(run: RunData) -> list[str]:
    """What the page cannot show, and which file would hold it."""
    absent = [
        (not run.run, "what was run (run.json)"),
        (not run.config, "the settings (config.json)"),
        (not run.metrics, "the curves: no update is finished (metrics.jsonl)"),
        (run.before is None, "the policy before training (evaluation/before)"),
        (run.after is None, "the trained policy (evaluation/after)"),
        (not run.rewards, "rewards by kind of program (evaluation/rewards.json)"),
        (not run.tasks and bool(run.before or run.after), "prompts and references (evaluation/tasks.jsonl)"),
        (not run.samples, "training rollouts (samples/)"),
    ]
    return [text for is_absent, text in absent if is_absent]


def _metric_cells(row: Mapping[str, Any]) -> list[str]:
    return [metric.value(number(row.get(key))) for key, metric in UPDATE_METRICS.items()]
