"""The page of what `rlcf tasks mine` found: from methods to tasks, with examples."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rlcf.records import Task
from rlcf.report.page import render_page
from rlcf.tasks.mining.prompts import tail

_TASKS, _FILES = 4, 40
_SHOWN = 700
"""Characters of a prompt, its last whole lines."""


def render_mining(funnel: Mapping[str, Any], tasks: Sequence[Task]) -> str:
    """The page as a string.

    Args:
        funnel: as `rlcf.tasks.mining.writing.funnel` gives it.
    """
    return render_page(title=f"{funnel['project']}: mined tasks", mining=_view(funnel, tasks))


def _view(funnel: Mapping[str, Any], tasks: Sequence[Task]) -> dict[str, Any]:
    kept, left_out = funnel["tasks"], list(funnel["files"]["left_out"].items())
    total = kept["train"] + kept["heldout"]
    licences = sorted({task.licence or "unknown" for task in tasks})
    return {
        "title": funnel["project"],
        "lead": f"{total:,} tasks of {funnel['found']:,} methods: {kept['train']:,} to train on, {kept['heldout']:,} "
        "held out. A task asks for the body of a method; the rest of its file stays as it is.",
        "notes": list(funnel["notes"]),
        "facts": [
            ("Files with tasks", f"{funnel['files']['with_tasks']:,}"),
            ("Files left out", f"{len(left_out):,}"),
            ("Prompt", f"{funnel['context']}, at most {funnel['context_tokens']} tokens"),
            ("Licences", ", ".join(licences)),
        ],
        "funnel": list(_steps(funnel)),
        "left_out": left_out[:_FILES],
        "more_left_out": len(left_out[_FILES:]),
        "tasks": [
            {
                "name": t.task_id,
                "split": t.split,
                "prompt": tail(t.prompt, _SHOWN, len) or t.prompt[-_SHOWN:],
                "body": t.canonical_solution,
            }
            for t in random.Random(0).sample(list(tasks), min(_TASKS, len(tasks)))
        ],
        "examples": list(funnel["examples"].items()),
    }


def _steps(funnel: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The methods found, and for each reason how many it left out and how many were there still."""
    left = found = funnel["found"]
    yield {"reason": "with a body", "dropped": None, "left": f"{left:,}", "share": 1.0}
    for reason, dropped in funnel["dropped"].items():
        left -= dropped
        yield {"reason": reason, "dropped": f"{dropped:,}", "left": f"{left:,}", "share": left / max(1, found)}
