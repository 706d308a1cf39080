"""What an evaluation, or a comparison of two, says in plain sentences, and what to doubt."""

from __future__ import annotations

from collections.abc import Sequence

from rlcf.evaluation.compare import Comparison as Compared2
from rlcf.evaluation.formatting import plural
from rlcf.report.before_after import Comparison

_NAMES = {
    "compile_rate": "compile rate",
    "trivial_rate": "trivial programs",
    "mean_tokens": "mean length",
    "pass@1": "pass@1",
}
_DOUBTED = ("compile_rate", "pass@1")
_TRIVIAL_MORE = 0.05
_LENGTH_LEFT = 0.6


def evaluation_lead(tasks: int, comparisons: Sequence[Comparison]) -> str:
    """One sentence of the numbers measured; triviality and length stand beside the compile rate."""
    found = {c.measure.key: c for c in comparisons}
    parts = [
        f"{name} {c.measure.value(c.before.value)}{_unit(c)}"
        for key, name in _NAMES.items()
        if (c := found.get(key)) and c.before
    ]
    return f"On {plural(tasks, 'task')}: {'; '.join(parts)}." if parts else "No sample is scored."


def compared_lead(tasks: int, comparisons: Sequence[Comparison]) -> str:
    """The same of two: A, B and the difference."""
    found = {c.measure.key: c for c in comparisons}
    parts = []
    for key, name in _NAMES.items():
        c = found.get(key)
        if c and c.before and c.after and c.change:
            show = c.measure
            parts.append(
                f"{name} {show.value(c.before.value)} in A, {show.value(c.after.value)} in B "
                f"({show.change(c.change.value)}{_unit(c)})"
            )
    return f"On {plural(tasks, 'task')} in both: {'; '.join(parts)}." if parts else "Nothing is measured in both."


def compared_cautions(comparison: Compared2, comparisons: Sequence[Comparison]) -> list[str]:
    """Reasons to doubt the comparison, each with its numbers; empty when none is found."""
    found = {c.measure.key: c for c in comparisons}
    doubts = [_by_chance(found.get(key)) for key in _DOUBTED]
    doubts += [_more_trivial(found.get("trivial_rate")), _shorter(found.get("mean_tokens"))]
    return [text for text in doubts if text] + comparison_notes(comparison)


def comparison_notes(comparison: Compared2) -> list[str]:
    """What the counts say: tasks left out, samples in unequal number, unscored ones; one line each."""
    notes = []
    for side in ("a", "b"):
        alone = comparison.only_a if side == "a" else comparison.only_b
        if alone:
            notes.append(f"{plural(alone, 'task')} only in {side.upper()}: left out.")
    notes += _on_fewer_tasks(comparison)
    samples, missing = comparison.samples, comparison.unscored
    if samples["a"] != samples["b"]:
        notes.append(
            f"{samples['a']} samples in A and {samples['b']} in B: the more samples a task has, the more of them "
            "repeat an earlier one."
        )
    for side in ("a", "b"):
        if missing[side]:
            notes.append(f"{missing[side]} of {samples[side]} samples in {side.upper()} are unscored: in no rate.")
    return notes


def _on_fewer_tasks(comparison: Compared2) -> list[str]:
    """Measures that not all tasks have on both sides: those of tests, those of accepted programs."""
    by_count: dict[int, list[str]] = {}
    for one in comparison.compared:
        if 0 < one.tasks < comparison.tasks:
            by_count.setdefault(one.tasks, []).append(one.metric.label)
    return [f"{', '.join(labels)}: on the {plural(n, 'task')} that have it in both." for n, labels in by_count.items()]


def _unit(comparison: Comparison) -> str:
    if comparison.measure.key != "mean_tokens":
        return ""
    return " words and signs" if comparison.measure.definition.startswith("words") else " tokens"


def _by_chance(c: Comparison | None) -> str | None:
    change = c.change if c else None
    if c is None or change is None or change.low is None or change.high is None or not change.low <= 0 <= change.high:
        return None
    show = c.measure.change
    return (
        f"The difference in {_NAMES[c.measure.key]} may be chance: its 95 % interval, {show(change.low)} to "
        f"{show(change.high)}, includes 0."
    )


def _more_trivial(c: Comparison | None) -> str | None:
    if c is None or c.change is None or abs(c.change.value) < _TRIVIAL_MORE:
        return None
    side = "B" if c.change.value > 0 else "A"
    return f"{side} has more trivial programs: so much of its compile rate is empty."


def _shorter(c: Comparison | None) -> str | None:
    if c is None or c.before is None or c.after is None or min(c.before.value, c.after.value) <= 0:
        return None
    if min(c.before.value, c.after.value) / max(c.before.value, c.after.value) >= _LENGTH_LEFT:
        return None
    side = "A" if c.before.value < c.after.value else "B"
    return f"The programs of {side} are much shorter: look for one-line answers among its samples."
