"""Run directories in, one self-contained HTML page out: tables, curves, and the programs themselves.

    write_report([Path("runs/one"), Path("runs/two")], Path("report.html"))

The page asks no server for anything. It may be cut short of what a run has not written yet, and says so.
"""

from rlcf.report.page import render_report, write_report

__all__ = ["render_report", "write_report"]
