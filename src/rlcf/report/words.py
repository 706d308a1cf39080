"""What an evaluation says in one sentence, and what a careful reader should know before believing it."""

from collections.abc import Mapping, Sequence

from rlcf.evaluation.compare import Compared, Comparison
from rlcf.evaluation.formatting import ARROW, number, percent, plural, points
from rlcf.evaluation.metrics import UPDATE_METRICS, Metric
from rlcf.report.load import RunData
from rlcf.report.sides import Sides

_LEAD = ("compile_rate", "trivial_rate", "mean_tokens", "pass@1", "preference")
"""Triviality and length are shown wherever a compile rate is."""
_TRIVIAL_MORE = 0.05
_LENGTH_LEFT = 0.6
_AS_LONG_AS_REFERENCES = 0.8
_PASS_LESS = 0.02


def run_lead(run: RunData, sides: Sides | None) -> str:
    """One sentence made of the numbers measured."""
    if sides is None:
        return _from_metrics(run)
    if run.before and run.after:
        return _lead(f"On {sides.tasks}, before{ARROW}after training", sides.compared)
    when, other = ("before", "after") if run.before else ("after", "before")
    return f"{_lead(f'On {sides.tasks} {when} training', sides.compared)} No evaluation {other} training yet."


def evaluation_lead(sides: Sides) -> str:
    """The same of one evaluation, or of two."""
    both = f" in both, A{ARROW}B" if len(sides.titles) > 1 else ""
    return _lead(f"On {sides.tasks}{both}", sides.compared)


def _lead(where: str, compared: Sequence[Compared]) -> str:
    found = {one.metric.key: one for one in compared}
    if not found:
        return f"{where}, no sample is scored."
    parts = [_part(found[key]) for key in _LEAD if key in found]
    if "trivial_rate" not in found:
        parts.append("triviality not measured")
    return f"{where}: {'; '.join(parts)}."


def _part(one: Compared) -> str:
    name, unit = _name(one.metric), "" if one.metric.is_share or not one.metric.unit else f" {one.metric.unit}"
    if one.a and one.b:
        values = f"{one.metric.value(one.a.value)}{ARROW}{one.metric.value(one.b.value)}{unit}"
        return f"{name} {values} ({one.metric.change(one.b.value - one.a.value)})"
    either = one.a or one.b
    return f"{name} {one.metric.value(either.value if either else None)}{unit}"


def _name(metric: Metric) -> str:
    return metric.label[:1].lower() + metric.label[1:]


def _from_metrics(run: RunData) -> str:
    if not run.metrics:
        return "Nothing is measured yet: no update is finished and no policy evaluated."
    last = run.metrics[-1]
    keys = ("reward", "compile_rate", "trivial_rate", "mean_tokens") if last.get("rollouts") else ("cross_entropy",)
    shown = [f"{_name(m)} {m.value(number(last.get(m.key)))}" for m in map(UPDATE_METRICS.__getitem__, keys)]
    return f"No evaluation yet. In update {last['update']}: {'; '.join(shown)}."


def cautions(sides: Sides) -> list[str]:
    """Reasons to doubt the difference, each with its numbers; empty when none is found."""
    found = {one.metric.key: one for one in sides.compared}
    where = ("in A", "in B") if sides.titles[0] == "A" else ("before training", "after training")
    doubts = [_by_chance(found[key]) for key in ("compile_rate", "pass@1") if key in found]
    compiled = found.get("compile_rate")
    if compiled and compiled.a and compiled.b and compiled.a.value != compiled.b.value:
        better = int(compiled.b.value > compiled.a.value)
        doubts += _empty_success(found, better, where[better])
    for counted, place in zip(sides.counted, where, strict=False):
        if counted.get("unscored") and sides.titles[0] != "A":  # of a comparison its notes say it
            count = f"{counted['unscored']} of {counted['samples']} samples {place}"
            doubts.append(f"{count} are unscored, because a tool failed on them: they count in no rate.")
    return [text for text in doubts if text]


def _by_chance(one: Compared) -> str:
    change = one.difference
    if change is None or change.low is None or change.high is None or change.low == change.high:
        return ""
    if not change.low <= 0 <= change.high:
        return ""
    interval = f"{one.metric.change(change.low)} to {one.metric.change(change.high)}"
    return f"The difference in {_name(one.metric)} may be chance: its 95 % interval, {interval}, includes 0."


def _empty_success(found: Mapping[str, Compared], better: int, where: str) -> list[str]:
    """What may explain the higher compile rate, which is that of the side `better` (0 or 1)."""

    def values(key: str) -> tuple[float, float] | None:
        """The metric on the other side, and on the better one."""
        one = found.get(key)
        if one is None or one.a is None or one.b is None:
            return None
        return (one.a.value, one.b.value) if better else (one.b.value, one.a.value)

    doubts = []
    if (trivial := values("trivial_rate")) and trivial[1] - trivial[0] >= _TRIVIAL_MORE:
        more = points(trivial[1] - trivial[0])
        doubts.append(f"Trivial programs {where}: {more}. That much of the compile rate is empty.")
    relative = values("relative_length")
    short = relative is None or relative[1] < _AS_LONG_AS_REFERENCES
    if short and (length := values("mean_tokens")) and 0 < length[1] < _LENGTH_LEFT * length[0]:
        ratio = percent(length[1] / length[0])
        doubts.append(f"Programs {where} have {ratio} of the others' length: look for one-line answers among them.")
    if (passed := values("pass@1")) and passed[0] - passed[1] >= _PASS_LESS:
        doubts.append(f"pass@1 {where}: {points(passed[1] - passed[0])}. More programs compile, and fewer are right.")
    return doubts


def comparison_notes(comparison: Comparison) -> list[str]:
    """What the counts say: tasks left out, samples in unequal number, unscored ones; one line each."""
    alone = {"A": comparison.only_a, "B": comparison.only_b}
    notes = [f"{plural(count, 'task')} only in {side}: left out." for side, count in alone.items() if count]
    by_count: dict[int, list[str]] = {}
    for one in comparison.compared:
        if 0 < one.tasks < comparison.tasks:
            by_count.setdefault(one.tasks, []).append(one.metric.label)
    notes += [
        f"{', '.join(labels)}: on the {plural(n, 'task')} that have it in both." for n, labels in by_count.items()
    ]
    a, b = comparison.samples.values()
    if a != b:
        notes.append(f"{a} samples in A and {b} in B: the more samples a task has, the more repeat an earlier one.")
    for side, missing in comparison.unscored.items():
        if missing:
            notes.append(f"{missing} of {comparison.samples[side]} samples in {side.upper()} are unscored: in no rate.")
    return notes
