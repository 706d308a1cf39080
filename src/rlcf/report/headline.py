"""The result in one plain sentence, and what a careful reader should know before believing it."""

from __future__ import annotations

from rlcf.evaluation.formatting import ARROW, decimal, number, percent, plural, points
from rlcf.evaluation.statistics import Estimate
from rlcf.report.before_after import (
    COMPILE,
    LENGTH,
    PASS,
    PREFERENCE,
    TRIVIAL,
    Comparison,
    sample_count,
    task_count,
    unscored,
)
from rlcf.report.load import RunData

_TRIVIAL_RISE = 0.05
_LENGTH_LEFT = 0.6
_PASS_FALL = 0.02


def lead(run: RunData, comparisons: dict[str, Comparison]) -> str:
    """One sentence made of the numbers measured."""
    compiled = comparisons.get(COMPILE.key)
    tasks = plural(task_count(run), "held-out task")
    if compiled and compiled.before and compiled.after:
        changes = [f"Compile rate on {tasks} {_moved(compiled)}"]
        return "; ".join(changes + _beside(comparisons)) + "."
    if compiled and compiled.before:
        return f"Before training: {_state(comparisons, tasks, 'before')}. No evaluation after training yet."
    if compiled and compiled.after:
        return f"After training: {_state(comparisons, tasks, 'after')}. No evaluation before training."
    return _from_metrics(run)


def _moved(comparison: Comparison) -> str:
    if comparison.before is None or comparison.after is None:
        return ""
    early, late = percent(comparison.before.value), percent(comparison.after.value)
    if early == late:
        return f"stayed at {early}"
    verb = "rose" if comparison.after.value > comparison.before.value else "fell"
    return f"{verb} from {early} to {late} ({points(comparison.after.value - comparison.before.value)})"


def _beside(comparisons: dict[str, Comparison]) -> list[str]:
    """Triviality, length and preference: what a compile rate must never be shown without."""
    parts = []
    for measure, noun, unit in ((TRIVIAL, "trivial programs", ""), (LENGTH, "mean length", " tokens")):
        found = comparisons.get(measure.key)
        if found is None or found.before is None or found.after is None:
            parts.append(f"{noun} not measured")
        else:
            early, late = measure.value(found.before.value), measure.value(found.after.value)
            parts.append(f"{noun} {early}{ARROW}{late}{unit}")
    preference = comparisons.get(PREFERENCE.key)
    if preference and preference.before and preference.after:
        parts.append(f"preference {decimal(preference.before.value)}{ARROW}{decimal(preference.after.value)}")
    return parts


def _state(comparisons: dict[str, Comparison], tasks: str, when: str) -> str:
    def value(label: str) -> float | None:
        found = comparisons[label]
        estimate: Estimate | None = found.before if when == "before" else found.after
        return None if estimate is None else estimate.value

    return (
        f"compile rate on {tasks} {percent(value(COMPILE.key))}; trivial programs "
        f"{percent(value(TRIVIAL.key))}; mean length {LENGTH.value(value(LENGTH.key))} tokens"
    )


def _from_metrics(run: RunData) -> str:
    if not run.metrics:
        return "Nothing is measured yet: no update is finished and no policy evaluated."
    last = run.metrics[-1]
    if last.get("rollouts") == 0:  # it learns from references
        loss = decimal(number(last.get("cross_entropy")))
        return f"No evaluation yet. In update {last['update']}, the references' cross-entropy is {loss} nats a token."
    return (
        f"No evaluation yet. In update {last['update']}, {percent(number(last.get('compile_rate')))} of "
        f"the rollouts compiled; trivial {percent(number(last.get('trivial_rate')))}; mean length "
        f"{decimal(number(last.get('mean_tokens')), 1)} tokens."
    )


def cautions(run: RunData, comparisons: dict[str, Comparison]) -> list[str]:
    """Reasons to doubt the compile rate, each with its numbers; empty when none is found."""
    found = [
        _within_noise(comparisons.get(COMPILE.key)),
        _more_trivial(comparisons.get(TRIVIAL.key)),
        _shorter(comparisons.get(LENGTH.key)),
        _passes_less(comparisons.get(PASS.key)),
        _some_unscored(run),
    ]
    return [text for text in found if text]


def _within_noise(compiled: Comparison | None) -> str | None:
    change = compiled.change if compiled else None
    if change is None or change.low is None or change.high is None or not change.low <= 0 <= change.high:
        return None
    interval = f"{points(change.low)} to {points(change.high)}"
    return f"The change in compile rate may be chance: its 95 % interval, {interval}, includes 0."


def _more_trivial(trivial: Comparison | None) -> str | None:
    change = trivial.change if trivial else None
    if change is None or change.value < _TRIVIAL_RISE:
        return None
    return f"Trivial programs rose by {points(change.value)}: so much of the compile rate is empty."


def _shorter(length: Comparison | None) -> str | None:
    if length is None or length.before is None or length.after is None or length.before.value <= 0:
        return None
    ratio = length.after.value / length.before.value
    if ratio >= _LENGTH_LEFT:
        return None
    return f"Programs shrank to {percent(ratio)} of their length: look for one-line answers among the samples."


def _passes_less(passed: Comparison | None) -> str | None:
    change = passed.change if passed else None
    if change is None or change.value > -_PASS_FALL:
        return None
    fall = points(-change.value).removeprefix("+")
    return f"pass@1 fell by {fall}: whatever more compiles, less of it is right."


def _some_unscored(run: RunData) -> str | None:
    parts = []
    for when, side in (("before", run.before), ("after", run.after)):
        missing = unscored(side)
        if missing:
            parts.append(f"{missing} of {sample_count(side)} {when}")
    if not parts:
        return None
    return f"Unscored samples ({', '.join(parts)}): a tool failed on them, they count in no rate."
