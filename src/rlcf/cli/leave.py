"""What `rlcf evaluate` leaves beside the results: what was evaluated, the tasks, the page; and what it prints."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from rlcf import __version__
from rlcf.evaluation.metrics import metrics_of
from rlcf.records import Task
from rlcf.storage.atomic import write_json
from rlcf.tasks.loading import write_tasks


def leave_evaluation(out: Path, tasks: Sequence[Task], about: dict[str, Any]) -> Path:
    """Writes `tasks.jsonl`, `evaluation.json` and `report.html` into an evaluation's folder; returns the page.

    Args:
        about: what was evaluated and how.
    """
    from rlcf.cli.compare import evaluation_page

    write_tasks(out / "tasks.jsonl", tasks)
    facts = {
        **about,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "versions": {"rlcf": __version__, "python": platform.python_version()},
        "command": shlex.join(["rlcf", *sys.argv[1:]]),
    }
    write_json(out / "evaluation.json", facts)
    return evaluation_page([out])


def print_summary(summary: dict[str, Any]) -> None:
    """The measures with their intervals on stdout, what a reader has to know on stderr."""
    typer.echo(f"{summary['samples']} samples of {summary['tasks']} tasks, {summary['unscored']} unscored")
    for measure in metrics_of(summary, summary["length_in"]):
        found = summary[measure.key]
        if found["value"] is not None:
            interval = f"(95 % {found['low']:.4f} … {found['high']:.4f})"
            typer.echo(f"{measure.key:<14} {found['value']:8.4f}  {interval}")
    for line in summary.get("warnings", []):
        typer.echo(f"rlcf: {line}", err=True)
