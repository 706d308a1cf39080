"""The curves of one run over its updates, and of several runs over each other."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from rlcf.evaluation.formatting import duration, number
from rlcf.evaluation.metrics import UPDATE_METRICS
from rlcf.report.charts.canvas import DASHES, SERIES_COLOURS, Chart, Key, colour, new_axes, to_svg
from rlcf.report.charts.lines import Series, line_chart
from rlcf.report.load import JsonObject, RunData

Read = Callable[[JsonObject], float | None]

_PHASES = (("generate", "blue"), ("check", "amber"), ("discriminate", "green"), ("update", "violet"))
_KINDS = (
    ("reference", "green", "solid"),
    ("accepted", "blue", "solid"),
    ("trivial", "amber", "dashed"),
    ("stub", "grey", "dotted"),
)


def field(name: str) -> Read:
    """Reads one number of a line of `metrics.jsonl`; `table.name` one of a table in it."""

    def read(row: JsonObject) -> float | None:
        for table in name.split(".")[:-1]:
            row = found if isinstance(found := row.get(table), dict) else {}
        return number(row.get(name.rpartition(".")[2]))

    return read


def run_charts(run: RunData, prefix: str) -> list[Chart]:
    """The small multiples of one run; a chart without a single value is left out."""

    def single(key: str, hue: str = "blue") -> Chart | None:
        return _metric_chart(f"{prefix}-{key}", key, [_series(run, UPDATE_METRICS[key].label, field(key), hue)])

    charts = [
        single("reward"),
        line_chart(
            f"{prefix}-compile",
            "Compile rate and triviality",
            [
                _series(run, "compile rate", field("compile_rate")),
                _series(run, "trivial", field("trivial_rate"), "amber", "dashed"),
            ],
            share=True,
            note="Shares of the scored rollouts.",
        ),
        single("mean_tokens"),
        *(single(key, "violet") for key in ("kl", "cross_entropy", "entropy")),
        line_chart(
            f"{prefix}-accuracy",
            "Discriminator’s accuracy",
            [_series(run, "accuracy", field("discriminator.accuracy"), "green")],
            share=True,
            note="Held-out pairs told apart.",
        ),
        line_chart(
            f"{prefix}-preference",
            "Preference by kind of program",
            [_series(run, kind, field(f"discriminator.{kind}"), hue, dash) for kind, hue, dash in _KINDS],
            note="Mean, −1 … 1.",
        ),
        time_chart(run.metrics, f"{prefix}-time"),
    ]
    return [chart for chart in charts if chart]


def _metric_chart(chart_id: str, key: str, series: Sequence[Series], note: str = "") -> Chart | None:
    metric = UPDATE_METRICS[key]
    unit = "" if metric.is_share or metric.unit in metric.definition else f", {metric.unit}"
    words = f"{metric.definition[:1].upper()}{metric.definition[1:]}{unit}. {note}".strip()
    return line_chart(chart_id, metric.label, series, share=metric.is_share, from_zero=bool(metric.unit), note=words)


def comparison_charts(runs: Sequence[RunData]) -> list[Chart]:
    """The same curve of every run in one chart."""
    styles = [
        (SERIES_COLOURS[i % len(SERIES_COLOURS)], list(DASHES)[i // len(SERIES_COLOURS) % len(DASHES)])
        for i in range(len(runs))
    ]

    def chart(key: str, note: str = "") -> Chart | None:
        series = [_series(run, run.name, field(key), *style) for run, style in zip(runs, styles, strict=True)]
        return _metric_chart(f"all-{key}", key, series, note)

    charts = [chart(key) for key in ("compile_rate", "trivial_rate", "mean_tokens")]
    charts.append(chart("reward", "Comparable only between runs of the same reward mode."))
    return [one for one in charts if one]


def _series(run: RunData, label: str, read: Read, hue: str = "blue", dash: str = "solid") -> Series:
    return Series(label, [row["update"] for row in run.metrics], list(map(read, run.metrics)), hue, dash)


def time_chart(metrics: Sequence[JsonObject], chart_id: str) -> Chart | None:
    """Seconds of each update by phase, stacked."""
    rows = [(row["update"], row["seconds"]) for row in metrics if isinstance(row.get("seconds"), Mapping)]
    stacks = [(phase, hue, [number(s.get(phase)) or 0.0 for _, s in rows]) for phase, hue in _PHASES]
    accounted = [sum(column) for column in zip(*(values for *_, values in stacks), strict=True)]
    rest = [max(0.0, (number(s.get("total")) or 0.0) - done) for (_, s), done in zip(rows, accounted, strict=True)]
    stacks = [stack for stack in [*stacks, ("other", "grey", rest)] if any(stack[2])]
    if not stacks:
        return None
    figure, axes = new_axes()
    edges = [update - 0.5 for update, _ in rows] + [rows[-1][0] + 0.5]
    floor = np.zeros(len(rows))
    for _, hue, values in stacks:
        axes.stairs(floor + values, edges, baseline=floor, fill=True, color=colour(hue), linewidth=0)
        floor = floor + values
    totals = [f"{phase} {duration(sum(values))}" for phase, _, values in stacks]
    keys = tuple(Key(phase, hue, "block") for phase, hue, _ in stacks)
    svg = to_svg(figure, chart_id, f"Time per update: in all, {', '.join(totals)}")
    return Chart("Time per update", svg, keys, f"Seconds. In all: {', '.join(totals)}.")
