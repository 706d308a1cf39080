"""`rlcf report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    runs: Annotated[list[Path], typer.Argument(help="Run directories, or one or two folders of `rlcf evaluate`.")],
    out: Annotated[Path | None, typer.Option(help="The HTML file; by default report.html in the first run.")] = None,
) -> None:
    """Makes the page to look at: tables, curves and samples of one or more runs, or of one or two evaluations.

    Example: rlcf report runs/demo
    """
    from rlcf.errors import UserError
    from rlcf.evaluation.results import is_evaluation
    from rlcf.report import write_report
    from rlcf.storage.rundir import RunDir

    evaluations = [path for path in runs if is_evaluation(path)]
    if len(evaluations) == len(runs):
        from rlcf.cli.compare import evaluation_page

        typer.echo(str(evaluation_page(runs, out)))
        return
    if evaluations:
        raise UserError(f"{evaluations[0]} is an evaluation and not all the others are: name runs or evaluations")
    typer.echo(str(write_report(runs, out or RunDir(runs[0]).report)))
