"""Run directories or evaluations in, one self-contained HTML page out: tables, curves, and the programs themselves.

    write_report([Path("runs/one"), Path("runs/two")], Path("report.html"))

`write_evaluation_report` does it for one evaluation, or for two side by side. The page asks no server for anything. A
run that has not finished has a page too, which says what is missing.
"""

from rlcf.report.mining import render_mining
from rlcf.report.page import render_evaluation, render_report, write_evaluation_report, write_report
from rlcf.report.words import comparison_notes

__all__ = [
    "comparison_notes",
    "render_evaluation",
    "render_mining",
    "render_report",
    "write_evaluation_report",
    "write_report",
]
