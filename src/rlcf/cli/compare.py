"""`rlcf compare`: two evaluations, paired."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rlcf.cli.terminal import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from rlcf.evaluation.compare import Comparison

_WIDTH = 120
"""Of the table, also on a narrower terminal and in a file: nothing is cut off."""


def compare(
    a: Annotated[Path, typer.Argument(help="Folder of `rlcf evaluate`, a run's `evaluation/before`, or results file.")],
    b: Annotated[Path, typer.Argument(help="The evaluation to compare with it.")],
    out: Annotated[Path | None, typer.Option(help="Folder for comparison.json and report.html.")] = None,
) -> None:
    """Compares two evaluations on the tasks that both have: A, B, and the paired difference of each metric.

    Example: rlcf compare results-before results-after --out compared
    """
    from rich.console import Console

    from rlcf.evaluation.compare import compare as compare_evaluations
    from rlcf.report import write_evaluation_report
    from rlcf.storage.atomic import write_json

    comparison = compare_evaluations(a, b)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"A: {printable(comparison.a)}\nB: {printable(comparison.b)}", markup=False)
    print_comparison(console, comparison, ("A", "B", "B − A"))
    if out is not None:
        write_json(out / "comparison.json", comparison.to_json())
        write_evaluation_report([a, b], out / "report.html", comparison)
        console.print(printable(str(out / "report.html")), markup=False)


def print_comparison(console: Console, comparison: Comparison, columns: tuple[str, str, str]) -> None:
    """Metric, both sides and the paired difference, each with its 95 % interval; then what a reader has to know."""
    from rlcf.report import comparison_notes

    console.width = max(console.width, _WIDTH)
    console.print(_table(comparison, columns), soft_wrap=True)
    for line in comparison_notes(comparison):
        console.print(printable(line), markup=False, soft_wrap=True)


def _table(comparison: Comparison, columns: tuple[str, str, str]) -> Table:
    from rich import box
    from rich.table import Table

    from rlcf.evaluation.compare import with_interval

    samples = comparison.samples
    title = f"{comparison.tasks} tasks in both, {samples['a']} and {samples['b']} samples (95 % intervals by task)"
    table = Table(title=title, title_justify="left", title_style="", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("", *columns):
        table.add_column(column, no_wrap=True, justify="right" if column else "left")
    for one in comparison.compared:
        label = f"{one.metric.label}, {comparison.length_in}" if one.metric.key == "mean_tokens" else one.metric.label
        difference = with_interval(one.metric, one.difference, change=True).replace(" points", "")
        table.add_row(label, with_interval(one.metric, one.a), with_interval(one.metric, one.b), difference)
    return table
