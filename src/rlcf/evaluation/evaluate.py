"""Completions → compiled, executed, passed, trivial; one row each, and a summary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rlcf.evaluation.execute import Judging, OnProgress
from rlcf.evaluation.metrics import Result
from rlcf.evaluation.summary import summarise, word_count
from rlcf.evaluation.warnings import warnings
from rlcf.languages.registry import load_language
from rlcf.records import Completion, Execution, Task, Verdict
from rlcf.storage.atomic import write_json, write_jsonl
from rlcf.tasks.loading import the_language

Prefer = Callable[[Sequence[Task], Sequence[str]], Sequence[float | None]]
"""A discriminator's preference for each completion against its task's reference."""


def evaluate(
    tasks: Sequence[Task],
    completions: Sequence[Completion],
    judging: Judging | None = None,
    *,
    tokens: Sequence[int] | None = None,
    prefer: Prefer | None = None,
    on_progress: OnProgress = lambda _: None,
) -> list[Result]:
    """One row for each completion, in order; `docs/run-directory.md` names the fields.

    Args:
        judging: how programs are compiled and run.
        tokens: length of each completion in the model's tokens; by default words and signs are counted.
        prefer: asked about the accepted completions.
        on_progress: called with the number of completions judged so far.

    Raises:
        CheckerUnavailable: the compiler is missing.
        SandboxUnavailable: programs cannot be run safely here.
    """
    by_id = {t.task_id: t for t in tasks}
    pairs = [(by_id[c.task_id], c.completion) for c in completions]
    if not pairs:
        return []
    language = load_language(the_language([t for t, _ in pairs]))
    judged = (judging or Judging()).judge(language, pairs, on_progress)
    accepted = [i for i, (verdict, _) in enumerate(judged) if verdict.accepted]
    preferences: list[float | None] = [None] * len(pairs)
    if prefer is not None and accepted:
        asked = prefer([pairs[i][0] for i in accepted], [pairs[i][1] for i in accepted])
        for i, value in zip(accepted, asked, strict=True):
            preferences[i] = value
    lengths = tokens or [word_count(c) for _, c in pairs]
    return [
        _row(task, c, verdict, execution, n, preference)
        for (task, _), c, (verdict, execution), n, preference in zip(
            pairs, completions, judged, lengths, preferences, strict=True
        )
    ]


def write_evaluation(folder: Path, rows: Sequence[Result], tasks: Sequence[Task] = ()) -> dict[str, Any]:
    """Writes `results.jsonl` and `summary.json`; returns the summary.

    Args:
        tasks: all that were to be attempted; the summary then says what is missing, one line each in `warnings`.
    """
    summary = summarise(rows, {task.task_id: task.canonical_solution for task in tasks})
    if tasks:
        summary["warnings"] = warnings(tasks, rows)
    write_jsonl(folder / "results.jsonl", rows)
    write_json(folder / "summary.json", summary)
    return summary


def _row(
    task: Task,
    completion: Completion,
    verdict: Verdict,
    execution: Execution | None,
    tokens: int,
    preference: float | None,
) -> Result:
    return {
        "task_id": task.task_id,
        "completion": completion.completion,
        "compiled": verdict.accepted,
        "executed": execution.executed if execution else None,
        "passed": execution.passed if execution else None,
        "status": execution.status if execution else verdict.status,
        "detail": execution.detail if execution else "",
        "seconds": round(execution.seconds, 3) if execution else None,
        "trivial": verdict.trivial(task),
        "tokens": tokens,
        "finished": completion.finished,
        "preference": preference,
        "diagnostics": [asdict(d) for d in verdict.diagnostics[:5]],
    }
