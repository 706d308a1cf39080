"""Pages of evaluations, and `rlcf evaluate --compare A B`: the table in the terminal, as JSON and as a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from rlcf.errors import UserError
from rlcf.evaluation.compare import compare_rows
from rlcf.evaluation.formatting import MISSING, plural
from rlcf.evaluation.metrics import metrics_of
from rlcf.evaluation.results import load_results
from rlcf.report.evaluation import write_evaluation_report
from rlcf.report.evaluation_words import comparison_notes
from rlcf.report.load import load_evaluation, names
from rlcf.storage.atomic import write_json


def compare_evaluations(a: Path, b: Path, out: Path | None) -> None:
    """Prints the table; with `out`, leaves `comparison.json` and `report.html` there.

    Raises:
        DataError: one of them holds no results, or they have no task in common.
    """
    rows = load_results(a), load_results(b)
    comparison = compare_rows(*rows, str(a), str(b))
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = 120  # a file has no width: nothing is cut off
    console.print(_table(comparison))
    for line in comparison_notes(comparison):
        console.print(line, markup=False)
    if out is not None:
        write_json(out / "comparison.json", comparison)
        sides = [load_evaluation(p, n, r) for p, n, r in zip((a, b), names([a, b]), rows, strict=True)]
        console.print(str(write_evaluation_report(sides, out / "report.html", comparison)), markup=False)


def evaluation_page(folders: Sequence[Path], out: Path | None = None) -> Path:
    """Writes the page of one evaluation, by default `report.html` in its folder, or of two; returns its path.

    Raises:
        UserError: there are more than two, or two and no `out`.
        DataError: a folder holds no results, or two have no task in common.
    """
    if len(folders) > 2:
        raise UserError(f"{len(folders)} evaluations given: a page compares two, A and B")
    if len(folders) == 2 and out is None:
        raise UserError("two evaluations are compared: name the page with --out FILE")
    rows = [load_results(path) for path in folders]
    sides = [load_evaluation(p, n, r) for p, n, r in zip(folders, names(folders), rows, strict=True)]
    comparison = None
    if len(folders) == 2:
        comparison = compare_rows(rows[0], rows[1], str(folders[0]), str(folders[1]))
    return write_evaluation_report(sides, out or folders[0] / "report.html", comparison)


def _table(comparison: dict[str, Any]) -> Table:
    """Measure, A, B, and the paired difference, each with its 95 % interval."""
    samples = comparison["samples"]
    counted = f"{plural(comparison['tasks'], 'task')} in both, {samples['a']} and {samples['b']} samples"
    title = f"{counted} (95 % intervals by task)\nA: {comparison['a']}\nB: {comparison['b']}"
    table = Table(title=title, title_justify="left", title_style="", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("", "A", "B", "B − A"):
        table.add_column(column, no_wrap=True, justify="right" if column else "left")
    for measure in metrics_of(comparison["measures"], comparison["length_in"]):
        found = comparison["measures"][measure.key]
        table.add_row(
            f"Length, {comparison['length_in']}" if measure.key == "mean_tokens" else measure.label,
            _cell(found["a"], measure.value, measure.bound),
            _cell(found["b"], measure.value, measure.bound),
            _cell(found["difference"], measure.change, measure.change_bound).replace(" points", ""),
        )
    return table


def _cell(
    found: dict[str, float | None] | None, value: Callable[[float | None], str], bound: Callable[[float | None], str]
) -> str:
    if found is None:
        return MISSING
    interval = "" if found["low"] is None else f" ({bound(found['low'])}…{bound(found['high'])})"
    return value(found["value"]) + interval
