"""The sample browser of an evaluation, or of two beside each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rlcf.report.browser import change_tags, for_script, within
from rlcf.report.load import Row
from rlcf.report.sample_view import by_task, column_view, is_compiled, short_tally, task_view, text_of

_SHOWN = 10
_FILTERS = (
    ("solved", "Solved", "a sample passes its test"),
    ("wrong", "Compiles, none passes", "a sample compiles, and none passes its test"),
    ("rejected", "None compiles", "no sample compiles"),
    ("limit", "Out of time or memory", "a sample went beyond a limit"),
    ("trivial", "Trivial", "a sample is trivial"),
    ("truncated", "Truncated", "a sample was cut at the limit of tokens"),
    ("unscored", "Unscored", "a tool failed on a sample"),
)
_COMPARED_FILTERS = (
    ("fixed", "Compiles only in B", "no sample compiles in A; in B one does that is not trivial"),
    ("broken", "Compiles only in A", "a sample that is not trivial compiles in A; none in B"),
    ("solved", "Passes only in B", "no sample passes its test in A; one does in B"),
    ("lost", "Passes only in A", "a sample passes its test in A; none does in B"),
    ("trivial", "Trivial in B", "a sample of B is trivial"),
    ("unscored", "Unscored", "a tool failed on a sample"),
)


def evaluation_browser_json(
    tasks: Mapping[str, Row], sides: Sequence[tuple[str, Sequence[Row]]], budget: int, length_in: str
) -> str | None:
    """The samples as JSON for a script element, about `budget` bytes at most; `None` without any.

    Args:
        tasks: what is known of the tasks.
        sides: one title and its results, or two of the same tasks.
        length_in: the unit of the lengths: tokens, or words.
    """
    groups = [by_task(rows) for _, rows in sides]
    found = dict.fromkeys(task_id for group in groups for task_id in group)
    ids = [task_id for task_id in tasks if task_id in found] + [t for t in found if t not in tasks]
    if not ids:
        return None
    titles = [title for title, _ in sides]
    tags: Callable[[Sequence[Sequence[Row]]], list[str]] = _tags if len(sides) == 1 else lambda s: change_tags(*s)
    views = []
    for task_id in ids:
        task, rows = tasks.get(task_id, {}), [group.get(task_id, []) for group in groups]
        prompt = text_of(task, "prompt")
        columns = [column_view(t, r, prompt, _SHOWN, length_in) for t, r in zip(titles, rows, strict=True)]
        notes = [_passing(side) for side in rows]
        note = notes[0] if len(notes) == 1 else f"A {notes[0]}; B {notes[1]}"
        views.append({**task_view(task_id, task), "note": note, "tags": tags(rows), "columns": columns})
    label = "Evaluation" if len(sides) == 1 else "A and B"
    view = within({"label": label, "tasks": views, "total": len(views)}, budget)
    return for_script({"filters": _FILTERS if len(sides) == 1 else _COMPARED_FILTERS, "views": [view]})


def _passing(rows: Sequence[Row]) -> str:
    """`3/4 compile, 1/4 pass`."""
    tested = [bool(row["passed"]) for row in rows if row.get("passed") is not None]
    passing = f"{sum(tested)}/{len(tested)} pass"
    compiling = f"{short_tally(rows)} compile"
    if not any(is_compiled(row) is not None for row in rows):
        return passing if tested else "unscored"
    return f"{compiling}, {passing}" if tested else compiling


def _tags(sides: Sequence[Sequence[Row]]) -> list[str]:
    (rows,) = sides
    compiled, passed = [is_compiled(row) for row in rows], [row.get("passed") for row in rows]
    tags = {
        "solved": any(passed),
        "wrong": any(compiled) and not any(passed) and any(p is not None for p in passed),
        "rejected": bool(rows) and not any(compiled) and any(c is False for c in compiled),
        "limit": any(row.get("status") in ("timeout", "memory") for row in rows),
        "trivial": any(row.get("trivial") for row in rows),
        "truncated": any(row.get("finished") is False for row in rows),
        "unscored": any(c is None and p is None for c, p in zip(compiled, passed, strict=True)),
    }
    return [tag for tag, holds in tags.items() if holds]
