"""Run directories or evaluations in, one self-contained HTML page out: tables, curves, and the programs themselves.

    write_report([Path("runs/one"), Path("runs/two")], Path("report.html"))

`write_evaluation_report` does it for one evaluation, or for two beside each other. The page asks no server for
anything. It may be cut short of what a run has not written yet, and says so.
"""

from rlcf.report.evaluation import render_evaluation, report_evaluations, write_evaluation_report
from rlcf.report.evaluation_words import comparison_notes
from rlcf.report.load import load_evaluations
from rlcf.report.page import render_report, write_report

__all__ = [
    "comparison_notes",
    "load_evaluations",
    "render_evaluation",
    "render_report",
    "report_evaluations",
    "write_evaluation_report",
    "write_report",
]
