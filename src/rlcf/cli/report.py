"""`rlcf report`."""

from pathlib import Path
from typing import Annotated

import typer

from rlcf.cli.terminal import printable


def report(
    runs: Annotated[list[Path], typer.Argument(help="Run directories, or one or two folders of `rlcf evaluate`.")],
    out: Annotated[Path | None, typer.Option(help="The HTML file; by default report.html in the first run.")] = None,
) -> None:
    """Makes the page to look at: tables, curves and samples of one or more runs, or of one or two evaluations.

    Example: rlcf report runs/demo
    """
    from rlcf.errors import UserError
    from rlcf.evaluation.results import is_evaluation
    from rlcf.report import write_evaluation_report, write_report

    evaluations = [path for path in runs if is_evaluation(path)]
    if not evaluations:
        page = write_report(runs, out or runs[0] / "report.html")
    elif len(evaluations) < len(runs):
        raise UserError(f"{evaluations[0]} is an evaluation and not all the others are: name runs or evaluations")
    elif len(runs) > 2:
        raise UserError(f"{len(runs)} evaluations given: a page compares two, A and B")
    elif len(runs) == 2 and out is None:
        raise UserError("two evaluations are compared: name the page with --out FILE")
    else:
        page = write_evaluation_report(runs, out or runs[0] / "report.html")
    typer.echo(printable(str(page)))
