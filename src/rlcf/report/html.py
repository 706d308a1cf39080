"""The frame of every page: one file, no server, a script policy that lets this page's own script run and no other."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from rlcf.evaluation.formatting import decimal, percent, points

PAGE_BYTES = 2_800_000
LEAST_BROWSER_BYTES = 60_000


def render(**shown: Any) -> str:
    """`templates/page.html` with what it shows, style and script included."""
    script = _asset("browser.js")
    html = (
        _environment()
        .get_template("page.html")
        .render(
            **shown,
            style=Markup(_asset("style.css")),
            script=Markup(script),
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        )
    )
    return html.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate from a model is no UTF-8


def _asset(name: str) -> str:
    return resources.files("rlcf.report").joinpath("templates", name).read_text(encoding="utf-8")


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("rlcf.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"percent": percent, "points": points, "decimal": decimal}
    return environment
