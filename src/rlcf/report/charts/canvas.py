"""From a matplotlib figure to SVG that belongs into a page: its colours, its fonts, ids of its own."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import matplotlib
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

# matplotlib wants real colours and the page wants variables: each stand-in is replaced in the finished SVG.
_STAND_INS = {
    "ink": "#0a0b01",
    "muted": "#0a0b02",
    "rule": "#0a0b03",
    "blue": "#0a0b04",
    "amber": "#0a0b05",
    "green": "#0a0b06",
    "red": "#0a0b07",
    "violet": "#0a0b08",
    "grey": "#0a0b09",
}
SERIES_COLOURS = ("blue", "amber", "green", "violet", "red", "grey")
DASHES = {"solid": "-", "dashed": (0, (4, 2)), "dotted": (0, (1.2, 1.6))}

_WIDTH_PT, _HEIGHT_PT = 320, 190
_POINTS_PER_INCH = 72


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a chart's legend, which the page sets beside the SVG."""

    label: str
    colour: str
    dash: str = "solid"


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure of the page."""

    title: str
    svg: Markup
    keys: tuple[Key, ...] = ()
    note: str = ""


def colour(name: str) -> str:
    """The stand-in that becomes `var(--name)`."""
    return _STAND_INS[name]


def new_axes(height_pt: float = _HEIGHT_PT, left_pt: float = 42) -> tuple[Figure, Axes]:
    """Empty axes of the size of one small multiple, in points."""
    figure = Figure(figsize=(_WIDTH_PT / _POINTS_PER_INCH, height_pt / _POINTS_PER_INCH), dpi=_POINTS_PER_INCH)
    figure.patch.set_visible(False)
    axes = figure.add_axes((left_pt / _WIDTH_PT, 26 / height_pt, 1 - (left_pt + 8) / _WIDTH_PT, 1 - 36 / height_pt))
    axes.patch.set_visible(False)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(colour("muted"))
    axes.tick_params(length=0, labelsize=10, labelcolor=colour("muted"), pad=4)
    axes.grid(axis="y", color=colour("rule"), linewidth=0.8)
    axes.set_axisbelow(True)
    return figure, axes


def to_svg(figure: Figure, chart_id: str, description: str) -> Markup:
    """The figure as an `<svg>` element for HTML.

    Args:
        chart_id: unique in the page; every id inside the SVG starts with it.
        description: what a reader who does not see the chart is told.
    """
    buffer = io.StringIO()
    settings = {"svg.fonttype": "none", "svg.hashsalt": chart_id, "path.simplify": True}
    with matplotlib.rc_context(settings):
        FigureCanvasSVG(figure).print_svg(buffer, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    svg = buffer.getvalue()
    body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    box = re.search(r'viewBox="([\d. ]+)"', svg)
    view = f' viewBox="{box.group(1)}"' if box else ""
    label = escape(description)
    return Markup(f'<svg role="img" aria-label="{label}"{view}>{_for_page(body, chart_id)}</svg>')


def _for_page(body: str, chart_id: str) -> str:
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = body.replace("xlink:href", "href")
    body = _own_ids(body, chart_id)
    body = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", body)
    body = re.sub(r"<[^>]*>", _shorter_numbers, body)  # in tags only: what stands between them is text
    for name, stand_in in _STAND_INS.items():
        body = body.replace(stand_in, f"var(--{name})")
    return re.sub(r"\s*\n\s*", "\n", body).strip()


def _shorter_numbers(tag: re.Match[str]) -> str:
    return re.sub(r"(?<![\w#])-?\d+\.\d{3,}", lambda match: f"{float(match.group()):.2f}", tag.group())


def _own_ids(body: str, chart_id: str) -> str:
    """Drops the ids that nothing points at, and puts the chart's before the others."""
    used = set(re.findall(r'(?:href="#|url\(#)([\w-]+)', body))

    def rename(match: re.Match[str]) -> str:
        name = match.group(1)
        return f' id="{chart_id}-{name}"' if name in used else ""

    body = re.sub(r'\s+id="([^"]+)"', rename, body)
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{chart_id}-", body)
