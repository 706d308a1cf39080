"""How the grounding function orders the kinds of programs: rewards by kind, as a strip with its quartiles."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from rlcf.evaluation.formatting import decimal
from rlcf.report.charts.canvas import Chart, colour, new_axes, to_svg

_ORDER = (("rejected", "red"), ("stub", "grey"), ("trivial", "amber"), ("accepted", "blue"), ("reference", "green"))
_LADDER = ("rejected", "trivial", "accepted", "reference")
"""What a sound reward orders, lowest first."""
_DOTS = 150
"""At most this many programs of a kind are drawn, evenly spaced in rank."""
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class RewardRow:
    """Rewards of one kind of program."""

    kind: str
    colour: str
    count: int
    low: float
    """The lower quartile."""
    median: float
    high: float
    """The upper quartile."""


def reward_rows(rewards: Mapping[str, Sequence[float]]) -> list[RewardRow]:
    """A row per kind that has a reward, in the order a sound reward gives them; unknown kinds last."""
    hues = dict(_ORDER)
    kinds = [kind for kind, _ in _ORDER] + sorted(set(rewards) - set(hues))
    found = [(kind, rewards[kind]) for kind in kinds if rewards.get(kind)]
    quartiles = [map(float, np.quantile(values, (0.25, 0.5, 0.75))) for _, values in found]
    return [RewardRow(k, hues.get(k, "violet"), len(v), *q) for (k, v), q in zip(found, quartiles, strict=True)]


def ordering(rows: Sequence[RewardRow]) -> str:
    """Says whether the medians stand in the order rejected < trivial < accepted < reference."""
    medians = {row.kind: row.median for row in rows}
    ladder = [kind for kind in _LADDER if kind in medians]
    if len(ladder) < 2:
        return ""
    steps = list(itertools.pairwise(ladder))
    wrong = [f"{a} is not below {b}" for a, b in steps if not medians[a] < medians[b]]
    if wrong:
        return f"The medians are out of order: {' and '.join(wrong)}."
    chain = " < ".join(f"{kind} {decimal(medians[kind])}" for kind in ladder)
    return f"The medians stand in the order they should: {chain}."


def reward_chart(rewards: Mapping[str, Sequence[float]], chart_id: str) -> Chart | None:
    """A dot per program, a box from quartile to quartile, a bar at the median."""
    rows = reward_rows(rewards)
    if not rows:
        return None
    figure, axes = new_axes(height_pt=40 + 34 * len(rows), left_pt=64)
    for place, row in enumerate(reversed(rows)):
        _draw(axes, place, row, rewards[row.kind])
    axes.set_yticks(range(len(rows)), [row.kind for row in reversed(rows)])
    axes.tick_params(axis="y", labelcolor=colour("ink"))
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x", color=colour("rule"), linewidth=0.8)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.xaxis.set_major_formatter(ScalarFormatter(useOffset=False))
    spoken = ", ".join(f"{row.kind} {decimal(row.median)}" for row in rows)
    note = f"At most {_DOTS} programs of a kind drawn." if max(row.count for row in rows) > _DOTS else ""
    svg = to_svg(figure, chart_id, f"Rewards by kind of program, medians: {spoken}")
    return Chart("Reward by kind of program", svg, note=f"Dots: programs. Box: middle half. Bar: median. {note}")


def _draw(axes: Axes, place: int, row: RewardRow, values: Sequence[float]) -> None:
    hue = colour(row.colour)
    shown = np.sort(values)[np.linspace(0, len(values) - 1, min(_DOTS, len(values))).round().astype(int)]
    heights = place + (np.arange(len(shown)) * _GOLDEN % 1 - 0.5) * 0.56
    axes.plot(shown, heights, "o", markersize=3, color=hue, alpha=0.4, markeredgewidth=0)
    axes.barh(place, row.high - row.low, left=row.low, height=0.66, facecolor="none", edgecolor=hue, linewidth=1)
    axes.plot([row.median] * 2, [place - 0.36, place + 0.36], color=hue, linewidth=2.6, solid_capstyle="butt")
