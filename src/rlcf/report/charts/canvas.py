"""From a matplotlib figure to SVG that belongs into a page: its colours, its fonts, ids of its own."""

import io
from dataclasses import dataclass
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, ScalarFormatter

# matplotlib wants real colours and the page wants CSS variables: each of these is replaced in the finished SVG.
_COLOURS = {
    name: f"#0a0b{place:02x}"
    for place, name in enumerate(("ink", "muted", "rule", "blue", "amber", "green", "red", "violet", "grey"), start=1)
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
    """The colour that becomes `var(--name)`."""
    return _COLOURS[name]


def new_axes(height_pt: float = _HEIGHT_PT, left_pt: float = 42) -> tuple[Figure, Axes]:
    """Empty axes of the size of one small multiple, in points; the horizontal scale counts updates."""
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
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.yaxis.set_major_formatter(ScalarFormatter(useOffset=False))
    return figure, axes


def to_svg(figure: Figure, chart_id: str, description: str) -> Markup:
    """The figure as an `<svg>` element for HTML.

    Args:
        chart_id: unique in the page; every id inside the SVG starts with it.
        description: what a reader who does not see the chart is told.
    """
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": chart_id, "path.simplify": True}):
        FigureCanvasSVG(figure).print_svg(buffer, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    root = ElementTree.fromstring(buffer.getvalue())
    used = {value.partition("#")[2].rstrip(")") for one in root.iter() for value in one.attrib.values() if "#" in value}
    for element in root.iter():
        element.tag = _local(element.tag)
        element.tail = None
        element[:] = [child for child in element if _local(child.tag) not in ("metadata", "style")]
        attributes = {_local(name): value for name, value in element.attrib.items()}
        if attributes.get("id") not in used:
            attributes.pop("id", None)
        element.attrib = {name: _for_page(name, value, chart_id) for name, value in attributes.items()}
    root.attrib = {"role": "img", "aria-label": description, "viewBox": root.attrib["viewBox"]}
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _local(name: str) -> str:
    """A name without its namespace: HTML knows SVG's elements by their plain names."""
    return name.rpartition("}")[2]


def _for_page(name: str, value: str, chart_id: str) -> str:
    if name == "id":
        return f"{chart_id}-{value}"
    if name == "href":
        return f"#{chart_id}-{value[1:]}"
    if name == "clip-path":
        return value.replace("url(#", f"url(#{chart_id}-")
    if name in ("d", "x", "y", "width", "height"):
        return " ".join(map(_rounded, value.split()))
    if name == "style":
        value = ";".join(filter(None, map(_without_family, value.split(";"))))
    for variable, stand_in in _COLOURS.items():
        value = value.replace(stand_in, f"var(--{variable})")
    return value


def _rounded(number: str) -> str:
    """Hundredths of a point are enough."""
    try:
        return f"{float(number):.2f}".rstrip("0").rstrip(".")
    except ValueError:  # a command of the path
        return number


def _without_family(declaration: str) -> str:
    """The font's size alone: the family is the page's."""
    name, _, value = declaration.strip().partition(":")
    if name == "font":
        return "font-size:" + next(part for part in value.split() if part.endswith("px"))
    return "" if name == "font-family" else declaration.strip()
