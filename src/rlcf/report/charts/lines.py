"""A chart of one or more series over the updates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from rlcf.evaluation.formatting import decimal, percent
from rlcf.report.charts.canvas import DASHES, Chart, Key, colour, new_axes, to_svg

_MARKERS_UP_TO = 40
"""Beyond this many updates single values are noise: they are drawn faint, and a running mean carries the line."""


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
    chart_id: str, title: str, series: Sequence[Series], *, share: bool = False, from_zero: bool = False, note: str = ""
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
    window = max(5, longest // 20 | 1) if longest > _MARKERS_UP_TO else 1  # odd, so that it has a middle
    for one in drawn:
        _draw(axes, one, window)
    updates = {update for one in drawn for update, _ in one.measured}
    if len(updates) == 1:
        axes.set_xticks([*updates])
    if share:
        axes.set_ylim(-0.02, 1.02)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], [f"{tick} %" for tick in (0, 25, 50, 75, 100)])
    elif from_zero:
        low, high = axes.get_ylim()
        axes.set_ylim(bottom=min(0.0, low), top=max(0.0, high))
    smoothed = f" Bold: running mean over {window} updates." if window > 1 else ""
    keys = tuple(Key(one.label, one.colour, one.dash) for one in drawn) if len(series) > 1 else ()
    return Chart(title, to_svg(figure, chart_id, _describe(title, drawn, share)), keys, note + smoothed)


def _draw(axes: Axes, series: Series, window: int) -> None:
    values = np.array(series.values, dtype=np.float64)  # `None` becomes NaN, which is a gap
    hue = colour(series.colour)
    if window > 1:
        axes.plot(series.updates, values, linewidth=0.8, alpha=0.35, color=hue)
        near = np.lib.stride_tricks.sliding_window_view(np.pad(values, window // 2, constant_values=np.nan), window)
        there = np.isfinite(near)
        values = np.where(there, near, 0.0).sum(axis=1) / np.where(there.any(axis=1), there.sum(axis=1), np.nan)
    (line,) = axes.plot(series.updates, values, linewidth=1.8, color=hue, linestyle=DASHES[series.dash])
    if window == 1:
        line.set(marker="o", markersize=3.2)


def _describe(title: str, series: Sequence[Series], share: bool) -> str:
    show = percent if share else decimal
    ends = [(one.label, one.measured[0], one.measured[-1]) for one in series]
    parts = [f"{label} {show(a[1])} in update {a[0]}, {show(b[1])} in update {b[0]}" for label, a, b in ends]
    return f"{title}: {'; '.join(parts)}"
