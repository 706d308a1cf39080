"""What a reader of an evaluation has to know beside its numbers: what is missing, and what that does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rlcf.evaluation.metrics import KS, Result
from rlcf.evaluation.summary import is_scored
from rlcf.records import Task


def warnings(tasks: Sequence[Task], rows: Sequence[Result]) -> list[str]:
    """One line each; empty where every task has as many samples as the others, a test, and a verdict for each."""
    counts = Counter(row["task_id"] for row in rows)
    found = (_missing(tasks, counts), _uneven(counts), _untested(tasks, counts), _unscored(rows))
    return [line for line in found if line]


def _missing(tasks: Sequence[Task], counts: Counter[str]) -> str | None:
    absent = [task.task_id for task in tasks if task.task_id not in counts]
    if not absent:
        return None
    return f"no sample for {len(absent)} of {len(tasks)} tasks ({_some(absent)}): in no rate."


def _uneven(counts: Counter[str]) -> str | None:
    high = max(counts.values(), default=0)
    fewer = [task_id for task_id, count in counts.items() if count < high]
    if not fewer:
        return None
    low = min(counts.values())
    ks = [k for k in KS if k <= low]
    return (
        f"{low} to {high} samples a task, fewer than {high} for {len(fewer)} of {len(counts)} tasks "
        f"({_some(fewer)}): rates count samples, pass@k counts tasks and goes up to k = {max(ks)}."
    )


def _untested(tasks: Sequence[Task], counts: Counter[str]) -> str | None:
    without = [task.task_id for task in tasks if task.task_id in counts and not task.test]
    if not without:
        return None
    return (
        f"no test for {len(without)} of {len(counts)} tasks ({_some(without)}): "
        "their samples are compiled and not run, and are in no execute rate and no pass@k."
    )


def _unscored(rows: Sequence[Result]) -> str | None:
    missing = sum(not is_scored(row) for row in rows)
    return f"no verdict for {missing} of {len(rows)} samples, on which a tool failed: in no rate." if missing else None


def _some(task_ids: Sequence[str]) -> str:
    return ", ".join(task_ids[:3]) + (", …" if len(task_ids) > 3 else "")
