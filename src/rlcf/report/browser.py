"""The sample browser's data: JSON that the page's script turns into text nodes, cut to a budget of bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rlcf.evaluation.formatting import ARROW
from rlcf.report.load import Row, RunData
from rlcf.report.sample_view import View, by_task, column_view, is_compiled, is_earnest, short_tally, task_view, text_of

_TRAINING_SHARE = 0.4
_TASKS_PER_UPDATE = 24

FILTERS = (
    ("fixed", "Fixed by training", "no sample compiled before; after, one does that is not trivial"),
    ("broken", "Broken by training", "a sample that was not trivial compiled before; none compiles after"),
    ("solved", "Newly passing", "no sample passed its test before; one does after"),
    ("lost", "No longer passing", "a sample passed its test before; none does after"),
    ("trivial", "Trivial after", "a sample after training is trivial"),
    ("unscored", "Unscored", "a tool failed on a sample"),
)


def browser_json(run: RunData, budget: int) -> str | None:
    """The run's samples as JSON for a script element, about `budget` bytes at most; `None` without any."""
    training = [_training_view(run, update, rows) for update, rows in run.samples.items() if rows]
    for_training = int(budget * (_TRAINING_SHARE if run.before or run.after else 1))
    views = [within(view, for_training // len(training)) for view in training]
    left = budget - sum(len(for_script(view)) for view in views)
    held_out = _held_out_view(run)
    if held_out["tasks"]:
        views.insert(0, within(held_out, left))
    return for_script({"filters": FILTERS, "views": views}) if views else None


def for_script(value: object) -> str:
    """JSON that no HTML parser leaves: no `</script>`, no `<!--` and no line separator stands in it."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def within(view: View, budget: int) -> View:
    """The view with as many of its first tasks as fit."""
    kept: list[View] = []
    used = 0
    for task in view["tasks"]:
        used += len(for_script(task))
        if used > budget and kept:
            break
        kept.append(task)
    return {**view, "tasks": kept, "total": view["total"]}


def _held_out_view(run: RunData) -> View:
    sides = [(title, side) for title, side in (("Before", run.before), ("After", run.after)) if side is not None]
    grouped = [by_task(side.results) for _, side in sides]
    ids = list(run.tasks) + [i for i in dict.fromkeys(i for g in grouped for i in g) if i not in run.tasks]
    tasks = [
        _held_out_task(
            run,
            task_id,
            [(title, group.get(task_id, [])) for (title, _), group in zip(sides, grouped, strict=True)],
        )
        for task_id in ids
        if any(task_id in group for group in grouped)
    ]
    label = " and ".join(title for title, _ in sides).capitalize()
    return {"label": label, "tasks": tasks, "total": len(tasks)}


def _held_out_task(run: RunData, task_id: str, columns: Sequence[tuple[str, list[Row]]]) -> View:
    task = run.tasks.get(task_id, {})
    sides = dict(columns)
    before, after = sides.get("Before"), sides.get("After")
    return {
        **task_view(task_id, task),
        "note": f"{ARROW.join(short_tally(rows) for _, rows in columns)} compile",
        "tags": change_tags(before, after),
        "columns": [column_view(title, rows, text_of(task, "prompt")) for title, rows in columns],
    }


def _training_view(run: RunData, update: int, rows: Sequence[Row]) -> View:
    groups = by_task(rows)
    tasks = []
    for task_id, group in list(groups.items())[:_TASKS_PER_UPDATE]:
        task = run.tasks.get(task_id) or {"prompt": next((t for r in group if (t := text_of(r, "prompt"))), None)}
        column = column_view("Rollouts", group, text_of(task, "prompt"), most=len(group))
        tags = ["unscored"] if any(row.get("status") is None for row in group) else []
        tasks.append(
            {
                **task_view(task_id, task),
                "note": f"{short_tally(group)} compile",
                "tags": tags,
                "columns": [column],
            }
        )
    return {"label": f"Training, update {update}", "tasks": tasks, "total": len(groups)}


def change_tags(before: Sequence[Row] | None, after: Sequence[Row] | None) -> list[str]:
    every = [*(before or []), *(after or [])]
    tags = {"unscored": any(is_compiled(row) is None for row in every)}
    if after:
        tags["trivial"] = any(row.get("trivial") for row in after)
    if before and after:
        tags["fixed"] = not any(map(is_compiled, before)) and any(map(is_earnest, after))
        tags["broken"] = any(map(is_earnest, before)) and not any(map(is_compiled, after))
        tags["solved"] = none_passes(before) and not none_passes(after)
        tags["lost"] = none_passes(after) and not none_passes(before)
    return [tag for tag, holds in tags.items() if holds]


def none_passes(rows: Sequence[Row]) -> bool:
    return not any(row.get("passed") for row in rows)
