"""What a reader of an evaluation has to know besides its numbers: what is missing, and what that does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rlcf.evaluation.metrics import KS, Result
from rlcf.evaluation.summary import is_scored
from rlcf.records import Task

if TYPE_CHECKING:
    from rlcf.evaluation.references import CheckedReferences

_NAMED = 20
"""So many tasks whose reference fails are named in one line; `summary.json` names all."""


def warnings(tasks: Sequence[Task], rows: Sequence[Result], references: CheckedReferences | None = None) -> list[str]:
    """One line each; empty where every task has as many samples as the others, a test, and a verdict for each.

    Args:
        references: what became of the tasks' references, where these were run.
    """
    counts = Counter(row["task_id"] for row in rows)
    failed = {one.task_id for one in references.failed} if references else set()
    return [
        *_missing(tasks, counts),
        *_uneven(counts),
        *(_failed_references(references) if references else ()),
        *_untested([t for t in tasks if t.task_id not in failed], [r for r in rows if r["task_id"] not in failed]),
        *_unusual(rows),
        *_copied_references(rows),
    ]


def _missing(tasks: Sequence[Task], counts: Counter[str]) -> list[str]:
    absent = [task.task_id for task in tasks if task.task_id not in counts]
    return [f"no sample for {len(absent)} of {len(tasks)} tasks ({_some(absent)}): in no rate."] if absent else []


def _uneven(counts: Counter[str]) -> list[str]:
    low, high = min(counts.values(), default=0), max(counts.values(), default=0)
    fewer = [task_id for task_id, count in counts.items() if count < high]
    if not fewer:
        return []
    return [
        f"{low} to {high} samples a task, fewer than {high} for {len(fewer)} of {len(counts)} tasks ({_some(fewer)}): "
        f"rates count samples, pass@k counts tasks and goes up to k = {max(k for k in KS if k <= low)}."
    ]


def _failed_references(references: CheckedReferences) -> list[str]:
    failed = [f"{one.task_id} {one.status}" for one in references.failed]
    if not failed:
        return [] if references.checked else ["no reference was run: no task has both a reference and a test."]
    named = ", ".join(failed[:_NAMED]) + (", … (all are in summary.json)" if len(failed) > _NAMED else "")
    count = f"{len(failed)} of {references.checked} references fail their own test ({named})"
    return [f"{count}: the samples of these tasks are not run, and are in no execute rate and no pass@k."]


def _copied_references(rows: Sequence[Result]) -> list[str]:
    copied = {row["task_id"]: row["reference_copied"] for row in rows if row.get("reference_copied") is not None}
    count = f"{sum(copied.values())} of {len(copied)} references consist of other code of their file"
    return [f"{count}: in these tasks a copy is not counted as one."] if any(copied.values()) else []


def _untested(tasks: Sequence[Task], rows: Sequence[Result]) -> list[str]:
    counts = {row["task_id"] for row in rows}
    without = [task.task_id for task in tasks if task.task_id in counts and not task.test]
    effect = "compiled and not run, and are in no execute rate and no pass@k."
    if rows and all(row.get("passed") is None for row in rows) and len(without) < len(counts):
        return [f"no test was run (the language has no runner, or none was wanted): samples are {effect}"]
    if not without:
        return []
    return [f"no test for {len(without)} of {len(counts)} tasks ({_some(without)}): their samples are {effect}"]


def _unusual(rows: Sequence[Result]) -> list[str]:
    """Samples that count in another way than a reader expects."""
    counted: tuple[tuple[Callable[[Result], Any], str], ...] = (
        (lambda r: not is_scored(r), "have no verdict, because a tool failed: in no rate."),
        (lambda r: r.get("cut"), "had text after the program's end, which was cut."),
        (lambda r: r.get("compiled") and r.get("status") == "rejected", "compile, but not with their test."),
        (lambda r: r.get("compiled") and r.get("trivial") is None, "are accepted, and may be trivial or not."),
    )
    found = [(sum(1 for row in rows if holds(row)), text) for holds, text in counted]
    return [f"{n} of {len(rows)} samples {text}" for n, text in found if n]


def _some(task_ids: Sequence[str]) -> str:
    return ", ".join(task_ids[:3]) + (", …" if len(task_ids) > 3 else "")
