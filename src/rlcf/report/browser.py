"""The sample browser's data: JSON that the page's script turns into text nodes, cut to a budget of bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rlcf.report.formatting import ARROW, MISSING, decimal, number
from rlcf.report.load import Row, RunData
from rlcf.report.marks import Piece, pieces

SAMPLES_PER_SIDE = 6
_LONGEST = 6000
"""Characters of one completion, prompt or message that the page carries."""
_DIAGNOSTICS = 12
_TRAINING_SHARE = 0.4
_TASKS_PER_UPDATE = 24

View = dict[str, Any]

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
    views = [_within(view, for_training // len(training)) for view in training]
    left = budget - sum(len(for_script(view)) for view in views)
    held_out = _held_out_view(run)
    if held_out["tasks"]:
        views.insert(0, _within(held_out, left))
    return for_script({"filters": FILTERS, "views": views}) if views else None


def for_script(value: object) -> str:
    """JSON that no HTML parser leaves: no `</script>`, no `<!--` and no line separator stands in it."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _within(view: View, budget: int) -> View:
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
    grouped = [_by_task(side.results) for _, side in sides]
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
        **_task(task_id, task),
        "note": f"{ARROW.join(_short_tally(rows) for _, rows in columns)} compile",
        "tags": _tags(before, after),
        "columns": [_column(title, rows, _text(task, "prompt")) for title, rows in columns],
    }


def _training_view(run: RunData, update: int, rows: Sequence[Row]) -> View:
    groups = _by_task(rows)
    tasks = []
    for task_id, group in list(groups.items())[:_TASKS_PER_UPDATE]:
        task = run.tasks.get(task_id) or {"prompt": next((t for r in group if (t := _text(r, "prompt"))), None)}
        column = _column("Rollouts", group, _text(task, "prompt"), most=len(group))
        tags = ["unscored"] if any(row.get("status") is None for row in group) else []
        tasks.append(
            {
                **_task(task_id, task),
                "note": f"{_short_tally(group)} compile",
                "tags": tags,
                "columns": [column],
            }
        )
    return {"label": f"Training, update {update}", "tasks": tasks, "total": len(groups)}


def _by_task(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row.get("task_id")), []).append(row)
    return groups


def _task(task_id: str, task: Mapping[str, Any]) -> View:
    prompt, reference = _text(task, "prompt"), _text(task, "canonical_solution")
    return {
        "id": task_id,
        "description": _clip(_text(task, "description") or ""),
        "prompt": None if prompt is None else _clip(prompt),
        "line": None if prompt is None else prompt.count("\n") + 1,
        "reference": None if reference is None else _clip(reference),
    }


def _column(title: str, rows: Sequence[Row], prompt: str | None, most: int = SAMPLES_PER_SIDE) -> View:
    shown = [_sample(row, prompt) for row in rows[:most]]
    return {"title": title, "note": _tally(rows), "samples": shown, "total": len(rows)}


def _tally(rows: Sequence[Row]) -> str:
    """`2 of 4 compile`, unscored samples apart."""
    scored = [row for row in rows if _compiled(row) is not None]
    if not scored:
        return "unscored" if rows else "no sample"
    return f"{sum(bool(_compiled(row)) for row in scored)} of {len(scored)} compile"


def _short_tally(rows: Sequence[Row]) -> str:
    """`2/4`."""
    scored = [row for row in rows if _compiled(row) is not None]
    return f"{sum(bool(_compiled(row)) for row in scored)}/{len(scored)}" if scored else MISSING


def _compiled(row: Row) -> bool | None:
    """Of an evaluation's result (`compiled`) or of a rollout (`status`)."""
    if "compiled" in row:
        value = row["compiled"]
        return None if value is None else bool(value)
    status = row.get("status")
    return None if status is None else status == "accepted"


def _earnest(row: Row) -> bool:
    return bool(_compiled(row)) and not row.get("trivial")


def _tags(before: Sequence[Row] | None, after: Sequence[Row] | None) -> list[str]:
    every = [*(before or []), *(after or [])]
    tags = {"unscored": any(_compiled(row) is None for row in every)}
    if after:
        tags["trivial"] = any(row.get("trivial") for row in after)
    if before and after:
        tags["fixed"] = not any(map(_compiled, before)) and any(map(_earnest, after))
        tags["broken"] = any(map(_earnest, before)) and not any(map(_compiled, after))
        tags["solved"] = _none_passes(before) and not _none_passes(after)
        tags["lost"] = _none_passes(after) and not _none_passes(before)
    return [tag for tag, holds in tags.items() if holds]


def _none_passes(rows: Sequence[Row]) -> bool:
    return not any(row.get("passed") for row in rows)


def _sample(row: Row, prompt: str | None) -> View:
    completion = _text(row, "completion") or ""
    listed = [d for d in row.get("diagnostics") or [] if isinstance(d, dict)][:_DIAGNOSTICS]
    clipped = _clip(completion)
    code: list[Piece] = pieces(clipped, prompt, listed)
    return {
        "code": code,
        "cut": len(completion) - len(clipped),
        "badges": _badges(row),
        "diagnostics": [_diagnostic(d) for d in listed],
        "detail": _clip(_text(row, "detail") or ""),
    }


def _badges(row: Row) -> list[tuple[str, str]]:
    """Texts and tones of a sample's badges."""
    badges = [_verdict_badge(row)]
    if row.get("trivial"):
        badges.append(("trivial", "warn"))
    if row.get("passed"):
        badges.append(("passed", "good"))
    elif row.get("compiled") and row.get("status") in ("failed", "error", "timeout", "memory"):
        badges.append((_RAN[row["status"]], "plain"))
    for name, label in (("reward", "reward"), ("preference", "preference")):
        value = number(row.get(name))
        if value is not None:
            badges.append((f"{label} {decimal(value)}", "plain"))
    tokens = number(row.get("tokens"))
    badges.append((f"{MISSING if tokens is None else format(tokens, '.0f')} tokens", "plain"))
    return badges


_RAN = {
    "failed": "wrong answer",
    "error": "died when run",
    "timeout": "ran out of time",
    "memory": "ran out of memory",
}


def _verdict_badge(row: Row) -> tuple[str, str]:
    compiled = _compiled(row)
    if compiled is None:
        return ("unscored", "warn")
    if compiled:
        return ("accepted", "good")
    return ("timed out", "bad") if row.get("status") == "timeout" else ("rejected", "bad")


def _diagnostic(diagnostic: Row) -> View:
    line, column = diagnostic.get("line") or 0, diagnostic.get("column") or 0
    return {
        "at": f"line {line}, column {column}" if line else "",
        "code": str(diagnostic.get("code", "")),
        "severity": str(diagnostic.get("severity", "error")),
        "message": _clip(str(diagnostic.get("message", "")), 600),
    }


def _text(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    return value if isinstance(value, str) and value else None


def _clip(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else text[:most]
