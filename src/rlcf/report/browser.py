"""The sample browser's data: JSON that the page's script turns into text nodes, cut to a budget of bytes."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from rlcf.evaluation.formatting import ARROW, MISSING, decimal, number
from rlcf.evaluation.summary import by_task
from rlcf.report.highlight import pieces
from rlcf.report.load import JsonObject, RunData, text_of
from rlcf.report.sides import Sides

View = dict[str, Any]
"""What the script shows: a view has tasks, a task columns, a column samples."""
Holds = Callable[[list[JsonObject]], bool]

_TRAINING_SHARE = 0.4
_TASKS_PER_UPDATE = 24
_SAMPLES_ALONE, _SAMPLES_PER_SIDE = 10, 6
_LONGEST = 6000
"""Characters of one completion or prompt that the page carries."""
_DIAGNOSTICS = 12
_LIMITS = ("timeout", "memory")
_RAN = {"failed": "wrong answer", "error": "died when run", "timeout": "ran out of time", "memory": "ran out of memory"}


def run_browser(run: RunData, sides: Sides | None, budget: int) -> Markup | None:
    """The run's samples as JSON for a script element, about `budget` bytes at most; `None` without any."""
    training = [_training_view(run, update, rows) for update, rows in run.samples.items() if rows]
    for_training = int(budget * (_TRAINING_SHARE if sides else 1))
    views = [_within(view, for_training // len(training)) for view in training]
    evaluated = _sides_view(sides, run.tasks) if sides else {"tasks": []}
    if evaluated["tasks"]:
        views.insert(0, _within(evaluated, budget - sum(len(_json(view)) for view in views)))
    return _json({"filters": _shown(_two("before", "after")), "views": views}) if views else None


def evaluation_browser(sides: Sides, budget: int) -> Markup | None:
    """The samples of an evaluation, or of two side by side."""
    tasks = {i: t for side in reversed(sides.evaluations) if side for i, t in side.tasks.items()}
    view = _within(_sides_view(sides, tasks), budget)
    filters = _shown(_two("in A", "in B") if len(sides.titles) > 1 else _ONE)
    return _json({"filters": filters, "views": [view]}) if view["tasks"] else None


def _json(value: object) -> Markup:
    """JSON that no HTML parser leaves: no `</script>`, no `<!--` and no line separator stands in it."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _within(view: View, budget: int) -> View:
    """The view with as many of its first tasks as fit, one at least."""
    used = 0
    for place, task in enumerate(view["tasks"]):
        used += len(_json(task))
        if used > budget and place:
            return {**view, "tasks": view["tasks"][:place]}
    return view


def is_compiled(row: JsonObject) -> bool | None:
    """Of an evaluation's result (`compiled`) or of a rollout (`status`)."""
    status = row.get("status")
    known = row.get("compiled", None if status is None else status == "accepted")
    return None if known is None else bool(known)


def _any(holds: Callable[[JsonObject], object]) -> Holds:
    return lambda rows: any(holds(row) for row in rows)


_compiles, _passes, _trivial = _any(is_compiled), _any(lambda r: r.get("passed")), _any(lambda r: r.get("trivial"))
_does_something = _any(lambda r: is_compiled(r) and not r.get("trivial"))
_unscored = _any(lambda r: is_compiled(r) is None and r.get("passed") is None)
_rejected = _any(lambda r: is_compiled(r) is False)


def _wrong(rows: list[JsonObject]) -> bool:
    return _compiles(rows) and not _passes(rows) and any(row.get("passed") is not None for row in rows)


_ONE: tuple[tuple[str, str, str, Holds], ...] = (
    ("solved", "Solved", "a sample passes its test", _passes),
    ("wrong", "Compiles, none passes", "a sample compiles, and none passes its test", _wrong),
    ("rejected", "None compiles", "no sample compiles", lambda rows: _rejected(rows) and not _compiles(rows)),
    ("limit", "Out of time or memory", "a sample went beyond a limit", _any(lambda r: r.get("status") in _LIMITS)),
    ("trivial", "Trivial", "a sample is trivial", _trivial),
    ("truncated", "Truncated", "a sample did not end", _any(lambda r: r.get("finished") is False)),
    ("unscored", "Unscored", "a tool failed on a sample", _unscored),
)


def _two(a: str, b: str) -> tuple[tuple[str, str, str, Callable[[list[JsonObject], list[JsonObject]], bool]], ...]:
    """The filters of two sides, which are called `a` and `b`."""
    fixed, broken = f"no sample compiles {a}; {b} one does that is not trivial", f"the same with {a} and {b} exchanged"
    return (
        ("fixed", f"Compiles only {b}", fixed, lambda x, y: bool(x) and not _compiles(x) and _does_something(y)),
        ("broken", f"Compiles only {a}", broken, lambda x, y: bool(y) and _does_something(x) and not _compiles(y)),
        ("solved", f"Passes only {b}", "its test", lambda x, y: bool(x) and not _passes(x) and _passes(y)),
        ("lost", f"Passes only {a}", "its test", lambda x, y: bool(y) and _passes(x) and not _passes(y)),
        ("trivial", f"Trivial {b}", f"a sample is trivial {b}", lambda _, y: _trivial(y)),
        ("unscored", "Unscored", "a tool failed on a sample", lambda x, y: _unscored([*x, *y])),
    )


def _tags(sides: Sequence[list[JsonObject]]) -> list[str]:
    """The filters under which a task is found."""
    filters = _ONE if len(sides) == 1 else _two("", "")
    return [key for key, _, _, holds in filters if holds(*sides)]


def _shown(filters: Sequence[tuple[Any, ...]]) -> list[tuple[str, str, str]]:
    return [(key, label, meaning) for key, label, meaning, _ in filters]


def _sides_view(sides: Sides, tasks: Mapping[str, JsonObject]) -> View:
    groups = [by_task(side.results if side else ()) for side in sides.evaluations]
    found = dict.fromkeys(task_id for group in groups for task_id in group)
    ids = [task_id for task_id in tasks if task_id in found] + [t for t in found if t not in tasks]
    titles = [
        f"{t}: {side.name}" if t in "AB" and side else t
        for t, side in zip(sides.titles, sides.evaluations, strict=True)
    ]
    alone = len(titles) == 1
    views = []
    for task_id in ids:
        rows = [group.get(task_id, []) for group in groups]
        shown = _SAMPLES_ALONE if alone else _SAMPLES_PER_SIDE
        columns = [
            _column("Samples" if alone else title, side, tasks.get(task_id, {}), shown, sides.length_in)
            for title, side in zip(titles, rows, strict=True)
        ]
        views.append(_task(task_id, tasks.get(task_id, {}), ARROW.join(map(_passing, rows)), _tags(rows), columns))
    return {"label": ARROW.join(titles), "tasks": views, "total": len(views)}


def _training_view(run: RunData, update: int, rows: Sequence[JsonObject]) -> View:
    groups = by_task(rows)
    views = []
    for task_id, group in list(groups.items())[:_TASKS_PER_UPDATE]:
        task = run.tasks.get(task_id, {})
        tags = ["unscored"] if any(row.get("status") is None for row in group) else []
        column = _column("Rollouts", group, task, len(group), "tokens")
        views.append(_task(task_id, task, _tally(group), tags, [column]))
    return {"label": f"Training, update {update}", "tasks": views, "total": len(groups)}


def _task(task_id: str, task: JsonObject, note: str, tags: list[str], columns: list[View]) -> View:
    context, reference = _context(task), text_of(task, "canonical_solution")
    prompt = context or text_of(task, "prompt")
    return {
        "id": task_id,
        "description": _clip(text_of(task, "description") or ""),
        "prompt": None if prompt is None else _clip(prompt),
        "line": None if context is None else context.count("\n") + 1,
        "reference": None if reference is None else _clip(reference),
        "note": note,
        "tags": tags,
        "columns": columns,
    }


def _column(title: str, rows: Sequence[JsonObject], task: JsonObject, shown: int, length_in: str) -> View:
    samples = [_sample(row, _context(task), length_in) for row in rows[:shown]]
    return {"title": title, "note": _passing(rows) if rows else "no sample", "samples": samples, "total": len(rows)}


def _context(task: JsonObject) -> str | None:
    """What the compiler saw before the completion."""
    prefix = task.get("prefix")
    return prefix if isinstance(prefix, str) else text_of(task, "prompt")


def _tally(rows: Sequence[JsonObject]) -> str:
    """`3/4 compile`, unscored samples left out; of results that only say so, `1/4 pass`."""
    compiled = [c for row in rows if (c := is_compiled(row)) is not None]
    passed = [bool(p) for row in rows if (p := row.get("passed")) is not None]
    if compiled or not passed:
        return f"{sum(compiled)}/{len(compiled)} compile" if compiled else MISSING
    return f"{sum(passed)}/{len(passed)} pass"


def _passing(rows: Sequence[JsonObject]) -> str:
    """`3/4 compile, 1/4 pass`."""
    passed = [bool(p) for row in rows if (p := row.get("passed")) is not None]
    tally = _tally(rows)
    return f"{tally}, {sum(passed)}/{len(passed)} pass" if passed and tally.endswith("compile") else tally


def _sample(row: JsonObject, context: str | None, length_in: str) -> View:
    completion = text_of(row, "completion") or ""
    found = row.get("diagnostics")
    listed = [d for d in found if isinstance(d, dict)][:_DIAGNOSTICS] if isinstance(found, list) else []
    return {
        "code": pieces(_clip(completion), context, listed),
        "cut": max(0, len(completion) - _LONGEST),
        "badges": _badges(row, length_in),
        "diagnostics": [_diagnostic(d) for d in listed],
        "detail": _clip(text_of(row, "detail") or ""),
    }


def _badges(row: JsonObject, length_in: str) -> list[tuple[str, str]]:
    """Texts and tones of a sample's badges."""
    badges = [] if is_compiled(row) is None and row.get("passed") else [_verdict_badge(row)]
    if row.get("trivial"):
        badges.append(("trivial", "warn"))
    if row.get("finished") is False:
        badges.append(("truncated", "warn"))
    if row.get("passed"):
        badges.append(("passed", "good"))
    elif row.get("compiled") and row.get("status") in _RAN:
        badges.append((_RAN[row["status"]], "plain"))
    elif row.get("compiled") and row.get("status") == "rejected":
        badges.append(("rejected with its test", "bad"))
    components = row.get("components")
    scores = {"reward": row.get("reward"), "preference": row.get("preference")}
    scores |= components if isinstance(components, dict) else {}
    badges += [(f"{name} {decimal(v)}", "plain") for name, score in scores.items() if (v := number(score)) is not None]
    tokens = number(row.get("tokens"))
    return [*badges, (f"{MISSING if tokens is None else format(tokens, '.0f')} {length_in}", "plain")]


def _verdict_badge(row: JsonObject) -> tuple[str, str]:
    compiled = is_compiled(row)
    if compiled is None:
        return ("not passed", "plain") if row.get("passed") is False else ("unscored", "warn")
    if compiled:
        return ("accepted", "good")
    return ("timed out", "bad") if row.get("status") == "timeout" else ("rejected", "bad")


def _diagnostic(diagnostic: JsonObject) -> View:
    line, column = diagnostic.get("line") or 0, diagnostic.get("column") or 0
    return {
        "at": f"line {line}, column {column}" if line else "",
        "code": str(diagnostic.get("code", "")),
        "severity": str(diagnostic.get("severity", "error")),
        "message": str(diagnostic.get("message", ""))[:600],
    }


def _clip(text: str) -> str:
    return text[:_LONGEST]
