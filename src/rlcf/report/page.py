"""Assembles the page: what each part shows is decided here, how it looks in `templates/`.

One file, no server, and a script policy that lets this page's own script run and no other.
"""

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from rlcf.evaluation.compare import Comparison, compare_rows
from rlcf.evaluation.formatting import decimal, number, percent, points
from rlcf.evaluation.metrics import METRICS, UPDATE_METRICS
from rlcf.report import sides as tables
from rlcf.report.browser import evaluation_browser, run_browser
from rlcf.report.charts.canvas import Chart
from rlcf.report.charts.curves import comparison_charts, run_charts
from rlcf.report.charts.rewards import ordering, reward_chart, reward_rows
from rlcf.report.facts import differing_settings, evaluation_facts, flat, run_facts, setup
from rlcf.report.load import JsonObject, RunData, load_evaluation, load_runs, names
from rlcf.report.words import cautions, comparison_notes, evaluation_lead, run_lead
from rlcf.storage.atomic import write_text

_PAGE_BYTES = 2_800_000
_BROWSER_BYTES_MIN = 60_000


def write_report(runs: Sequence[Path], out: Path) -> Path:
    """Writes one page about the runs, comparing them when there are several, and returns its path.

    Raises:
        UserError: a path is no run directory, or a file in it is damaged.
        StorageError: `out` cannot be written.
    """
    write_text(out, render_report(runs))
    return out


def write_evaluation_report(evaluations: Sequence[Path], out: Path, comparison: Comparison | None = None) -> Path:
    """Writes the page of one evaluation, or of two, and returns its path; see `render_evaluation`."""
    write_text(out, render_evaluation(evaluations, comparison))
    return out


def render_report(runs: Sequence[Path]) -> str:
    """The page of `write_report` as a string. The same files give the same string."""
    loaded = load_runs(runs)
    charts = [run_charts(run, f"run-{place}") for place, run in enumerate(loaded, start=1)]
    several = len(loaded) > 1
    shared = comparison_charts(loaded) if several else []
    drawn = sum(len(chart.svg) for some in [*charts, shared] for chart in some)
    budget = max(_BROWSER_BYTES_MIN, (_PAGE_BYTES - drawn) // len(loaded) - 50_000)
    views = [
        _run_view(f"run-{place}", run, own, budget)
        for place, (run, own) in enumerate(zip(loaded, charts, strict=True), start=1)
    ]
    return render_page(
        title=" · ".join(run.name for run in loaded),
        runs=views,
        compared=_compared(views) if several else [],
        differing=differing_settings(loaded) if several else [],
        comparison_charts=shared,
    )


def render_evaluation(evaluations: Sequence[Path], comparison: Comparison | None = None) -> str:
    """The page of one evaluation (a folder, or a results file), or of A and B.

    Args:
        comparison: of A and B, where it is known already.

    Raises:
        DataError: one holds no results, a file is damaged, or two have no task in common.
    """
    loaded = [load_evaluation(path, name) for path, name in zip(evaluations, names(evaluations), strict=True)]
    if len(loaded) == 1:
        (one,) = loaded
        sides = tables.of_evaluation(one)
        kicker, title = "rlcf evaluation", one.name
        doubts = one.warnings
    else:
        a, b = loaded
        comparison = comparison or compare_rows(a.results, b.results, str(evaluations[0]), str(evaluations[1]))
        sides = tables.of_comparison(a, b, comparison)
        kicker, title = "rlcf evaluations compared", f"{a.name} and {b.name}"
        doubts = cautions(sides) + comparison_notes(comparison)
    view = {
        "kicker": kicker,
        "title": title,
        "lead": evaluation_lead(sides),
        "cautions": doubts,
        "facts": [(side.name, evaluation_facts(side.about, brief=len(loaded) > 1)) for side in loaded],
        "sides": sides,
        "browser": evaluation_browser(sides, _PAGE_BYTES),
    }
    return render_page(title, evaluation=view)


def _run_view(anchor: str, run: RunData, charts: list[Chart], budget: int) -> JsonObject:
    """One run as the template shows it."""
    sides = tables.of_run(run)
    rows = reward_rows(run.rewards)
    return {
        "anchor": anchor,
        "name": run.name,
        "setup": setup(run),
        "lead": run_lead(run, sides),
        "cautions": cautions(sides) if sides else [],
        "missing": _missing(run),
        "facts": run_facts(run),
        "sides": sides,
        "charts": charts,
        "reward_chart": reward_chart(run.rewards, f"{anchor}-rewards"),
        "reward_rows": rows,
        "reward_order": ordering(rows),
        "updates": len(run.metrics),
        "metrics": _metrics(run.metrics),
        "settings": flat(run.config),
        "browser": run_browser(run, sides, budget),
    }


def _compared(views: Sequence[JsonObject]) -> list[tuple[Any, list[Any]]]:
    """Each metric with its comparison in every run, in the runs' order."""
    found = [{one.metric.key: one for one in view["sides"].compared} if view["sides"] else {} for view in views]
    metrics = {key: one.metric for of_run in found for key, one in of_run.items()}
    order = sorted(metrics, key=list(METRICS).index)
    return [(metrics[key], [of_run.get(key) for of_run in found]) for key in order]


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


def _metrics(rows: Sequence[JsonObject]) -> list[tuple[str, str, list[str]]]:
    """A column for each metric, and for each component of the reward, that some update has."""
    means = [found if isinstance(found := row.get("components"), dict) else {} for row in rows]
    components = dict.fromkeys(name for of_update in means for name in of_update)
    return [
        (metric.label, metric.definition, [metric.value(number(row.get(key))) for row in rows])
        for key, metric in UPDATE_METRICS.items()
        if any(number(row.get(key)) is not None for row in rows)
    ] + [
        (f"Reward: {name}", "mean of this component", [decimal(number(of_update.get(name)), 3) for of_update in means])
        for name in components
    ]


def render_page(title: str, **shown: Any) -> str:
    """`templates/page.html` with what it shows, style and script included; what is not given is not shown."""
    parts = dict.fromkeys(("runs", "compared", "differing", "comparison_charts")) | {"evaluation": None, "mining": None}
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("rlcf.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"percent": percent, "points": points, "decimal": decimal}
    environment.globals["decimal"] = decimal
    style, script = (
        resources.files("rlcf.report").joinpath("templates", name).read_text(encoding="utf-8")
        for name in ("style.css", "browser.js")
    )
    html = environment.get_template("page.html").render(
        title=title,
        **{**parts, **shown},
        style=Markup(style),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    return html.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate from a model is no UTF-8
