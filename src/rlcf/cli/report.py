"""`rlcf report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    runs: Annotated[list[Path], typer.Argument(help="Run directories; several are compared on one page.")],
    out: Annotated[Path | None, typer.Option(help="The HTML file; by default report.html in the first run.")] = None,
) -> None:
    """Makes the page to look at: tables, curves and samples of one or more runs.

    Example: rlcf report runs/demo
    """
    from rlcf.report import write_report
    from rlcf.rundir import RunDir

    typer.echo(str(write_report(runs, out or RunDir(runs[0]).report)))
