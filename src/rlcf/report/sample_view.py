"""One task's samples as the sample browser shows them: code with marks, badges, diagnostics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rlcf.evaluation.formatting import MISSING, decimal, number
from rlcf.report.highlight import Piece, pieces
from rlcf.report.load import Row

SAMPLES_PER_SIDE = 6
_LONGEST = 6000
"""Characters of one completion, prompt or message that the page carries."""
_DIAGNOSTICS = 12

View = dict[str, Any]


def by_task(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row.get("task_id")), []).append(row)
    return groups


def task_view(task_id: str, task: Mapping[str, Any]) -> View:
    prompt, reference = text_of(task, "prompt"), text_of(task, "canonical_solution")
    return {
        "id": task_id,
        "description": _clip(text_of(task, "description") or ""),
        "prompt": None if prompt is None else _clip(prompt),
        "line": None if prompt is None else prompt.count("\n") + 1,
        "reference": None if reference is None else _clip(reference),
    }


def column_view(
    title: str, rows: Sequence[Row], prompt: str | None, most: int = SAMPLES_PER_SIDE, length_in: str = "tokens"
) -> View:
    shown = [_sample(row, prompt, length_in) for row in rows[:most]]
    return {"title": title, "note": _tally(rows), "samples": shown, "total": len(rows)}


def _tally(rows: Sequence[Row]) -> str:
    """`2 of 4 compile`, unscored samples apart."""
    scored = [row for row in rows if is_compiled(row) is not None]
    tested = [row for row in rows if row.get("passed") is not None]
    if not scored and tested:
        return f"{sum(map(bool, (row['passed'] for row in tested)))} of {len(tested)} pass"
    if not scored:
        return "unscored" if rows else "no sample"
    return f"{sum(bool(is_compiled(row)) for row in scored)} of {len(scored)} compile"


def short_tally(rows: Sequence[Row]) -> str:
    """`2/4`."""
    scored = [row for row in rows if is_compiled(row) is not None]
    return f"{sum(bool(is_compiled(row)) for row in scored)}/{len(scored)}" if scored else MISSING


def is_compiled(row: Row) -> bool | None:
    """Of an evaluation's result (`compiled`) or of a rollout (`status`)."""
    if "compiled" in row:
        value = row["compiled"]
        return None if value is None else bool(value)
    status = row.get("status")
    return None if status is None else status == "accepted"


def is_earnest(row: Row) -> bool:
    return bool(is_compiled(row)) and not row.get("trivial")


def _sample(row: Row, prompt: str | None, length_in: str) -> View:
    completion = text_of(row, "completion") or ""
    listed = [d for d in row.get("diagnostics") or [] if isinstance(d, dict)][:_DIAGNOSTICS]
    clipped = _clip(completion)
    code: list[Piece] = pieces(clipped, prompt, listed)
    return {
        "code": code,
        "cut": len(completion) - len(clipped),
        "badges": _badges(row, length_in),
        "diagnostics": [_diagnostic(d) for d in listed],
        "detail": _clip(text_of(row, "detail") or ""),
    }


def _badges(row: Row, length_in: str) -> list[tuple[str, str]]:
    """Texts and tones of a sample's badges."""
    known = is_compiled(row) is not None or not row.get("passed")  # results from elsewhere say only whether it passed
    badges = [_verdict_badge(row)] if known else []
    if row.get("trivial"):
        badges.append(("trivial", "warn"))
    if row.get("finished") is False:
        badges.append(("truncated", "warn"))
    if row.get("passed"):
        badges.append(("passed", "good"))
    elif row.get("compiled") and row.get("status") in ("failed", "error", "timeout", "memory"):
        badges.append((_RAN[row["status"]], "plain"))
    for name, label in (("reward", "reward"), ("preference", "preference")):
        value = number(row.get(name))
        if value is not None:
            badges.append((f"{label} {decimal(value)}", "plain"))
    tokens = number(row.get("tokens"))
    badges.append((f"{MISSING if tokens is None else format(tokens, '.0f')} {length_in}", "plain"))
    return badges


_RAN = {
    "failed": "wrong answer",
    "error": "died when run",
    "timeout": "ran out of time",
    "memory": "ran out of memory",
}


def _verdict_badge(row: Row) -> tuple[str, str]:
    compiled = is_compiled(row)
    if compiled is None:
        return ("not passed", "plain") if row.get("passed") is False else ("unscored", "warn")
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


def text_of(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    return value if isinstance(value, str) and value else None


def _clip(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else text[:most]
