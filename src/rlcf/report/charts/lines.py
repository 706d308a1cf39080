"""A chart of one or more series over the updates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from rlcf.evaluation.formatting import decimal, percent
from rlcf.report.charts.canvas import DASHES, Chart, Key, colour, new_axes, to_svg

_MARKERS_UP_TO = 40
"""Beyond so many updates a point a value is noise: the value goes faint, a running mean carries the line."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values over updates; `None` leaves a gap."""

    label: str
    updates: Sequence[int]
    values: Sequence[float | None]
    colour: str
    dash: str = "solid"

    @property
    def measured(self) -> list[tuple[int, float]]:
        return [(u, v) for u, v in zip(self.updates, self.values, strict=True) if v is not None]


def line_chart(
    chart_id: str,
    title: str,
    series: Sequence[Series],
    *,
    share: bool = False,
    from_zero: bool = False,
    note: str = "",
) -> Chart | None:
    """The series that have a value in one chart; `None` when none has.

    Args:
        share: the values are shares, shown as 0 … 100 %.
        from_zero: the scale shows 0, so that a fall looks as deep as it is.
    """
    drawn = [one for one in series if one.measured]
    if not drawn:
        return None
    figure, axes = new_axes()
    longest = max(len(one.updates) for one in drawn)
    window = max(5, longest // 20) if longest > _MARKERS_UP_TO else 1
    for one in drawn:
        _draw(axes, one, window)
    _scales(axes, [update for one in drawn for update, _ in one.measured], share)
    if from_zero:
        low, high = axes.get_ylim()
        axes.set_ylim(bottom=min(0.0, low), top=max(0.0, high))
    smoothed = f" Bold: running mean over {window} updates." if window > 1 else ""
    keys = tuple(Key(one.label, one.colour, one.dash) for one in drawn) if len(series) > 1 else ()
    return Chart(title, to_svg(figure, chart_id, _describe(title, drawn, share)), keys, note + smoothed)


def _scales(axes: Axes, updates: Sequence[int], share: bool) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    if min(updates) == max(updates):
        axes.set_xticks([updates[0]])
    if share:
        axes.set_ylim(-0.02, 1.02)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], [f"{tick} %" for tick in (0, 25, 50, 75, 100)])
    else:
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.yaxis.set_major_formatter(ScalarFormatter(useOffset=False))


def _draw(axes: Axes, series: Series, window: int) -> None:
    values = [math.nan if value is None else value for value in series.values]
    hue = colour(series.colour)
    if window > 1:
        axes.plot(series.updates, values, linewidth=0.8, alpha=0.35, color=hue)
        values = _running_mean(series.values, window)
    (line,) = axes.plot(series.updates, values, linewidth=1.8, color=hue, linestyle=DASHES[series.dash])
    if window == 1:
        line.set(marker="o", markersize=3.2)


def _running_mean(values: Sequence[float | None], window: int) -> list[float]:
    """Centred; at the ends over what there is."""
    half = window // 2
    means = []
    for index in range(len(values)):
        near = [v for v in values[max(0, index - half) : index + half + 1] if v is not None]
        means.append(sum(near) / len(near) if near else math.nan)
    return means


def _describe(title: str, series: Sequence[Series], share: bool) -> str:
    parts = []
    for one in series:
        (first, early), (last, late) = one.measured[0], one.measured[-1]
        show = percent if share else decimal
        parts.append(f"{one.label} {show(early)} in update {first}, {show(late)} in update {last}")
    return f"{title}: {'; '.join(parts)}"
