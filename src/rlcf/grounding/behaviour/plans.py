"""On which inputs a task's programs are compared with its reference.

A plan is made once for a task. The reference is driven on many inputs, twice, in opposite orders: what differs is
random, or depends on the calls before. Of the others a few are chosen so that the outcomes are diverse. On these it is
driven once more, as programs are: it must do the same again.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest
from typing import Any

from rlcf.grounding.behaviour.constants import constants_of
from rlcf.grounding.behaviour.outcomes import agreement, same, without_changes
from rlcf.languages.base import Driver, Language
from rlcf.records import Call, Driven, DrivenRun, Task

TRIED, WANTED = 160, 32
_STRIDE = 67
"""Has no divisor in common with `TRIED`: a few inputs in this order are of all sizes."""
_ENOUGH, _ROUNDS = 80, 4
"""A reference that reached fewer inputs is driven again on those after the one that took all time, so many times."""
_FEWEST = 4
"""Distinct inputs with an outcome, unless there are no others."""
_THROWN = 8
"""At most one in so many inputs is one on which the reference throws."""
_UNEQUAL = 8
"""Inputs of the most common outcome that may be chosen, however few the others are."""
_SLOW_S = 0.01
"""A reference that takes longer for an input leaves a program too little time for all of them. The faster one of two
calls counts, by the clock: drivers do not tell the processor's time, so a busy machine may choose other inputs."""
_DIFFER = 0.1
"""The share of inputs with another outcome the second time that are dropped; with more, the reference is random."""
_RANDOM = "the outcomes of the reference are random"
_NO_TIME = "the reference had no time on this machine"
_FOREIGN = "its inputs are made of what only the reference declares"
_NO_VALUE = "no value of type"
"""With this begins a driver's reason where it can make no inputs."""


Found = dict[int, Call]
"""Calls by the number of the input."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The inputs of a task, and what its reference does with them; or why there are none."""

    run: DrivenRun
    """The reference on the inputs chosen."""
    calls: tuple[Call, ...] = ()
    base: float = 1.0
    """The greatest share of a program that does nothing: a stub, or one that returns a constant or an argument."""
    reason: str | None = None
    """Why the task's programs cannot be compared."""
    passing: bool = False
    """Whether the reason is the machine's, which was too busy: another time there may be a plan."""

    def program(self, completion: str) -> DrivenRun:
        """Another completion on the same inputs."""
        return replace(self.run, completion=completion)

    def share(self, driven: Driven) -> float:
        """On which share of the inputs a program does the same as the reference; some count half."""
        pairs = zip(self.calls, driven.calls, strict=True)
        return sum(_agreement(wanted, call) for wanted, call in pairs) / len(self.calls)

    def earned(self, driven: Driven) -> float:
        """0 for a program that is no better than a constant, 1 for one that does what the reference does."""
        return max(0.0, (self.share(driven) - self.base) / (1 - self.base))


def make_plans(driver: Driver, language: Language, tasks: Sequence[Task], seed: int = 0) -> list[Plan]:
    """A plan for each task. Raises `ToolError` where a tool fails."""
    runs = [DrivenRun(t, t.canonical_solution or "", tuple(range(TRIED)), constants_of(t), seed) for t in tasks]
    first = _driven(driver, runs)
    backwards = [
        _on(run, [n for n, call in reversed(one.found.items()) if call.known])
        for run, one in zip(runs, first, strict=True)
    ]
    second = _driven(driver, backwards)
    plans = [_plan(run, one, two) for run, one, two in zip(runs, first, second, strict=True)]
    usable = [i for i, plan in enumerate(plans) if plan.reason is None]
    again = driver.drive([plans[i].run for i in usable])
    stubs = driver.drive([plans[i].program(language.stub(tasks[i]) or "") for i in usable])
    for i, each, stub in zip(usable, again, stubs, strict=True):
        plans[i] = _confirmed(plans[i], each, stub)
    return plans


@dataclass(slots=True)
class _Tried:
    """What a reference does, why it cannot be driven, and whether the machine had no time for it."""

    found: Found
    reason: str | None = None
    starved: bool = False


def _driven(driver: Driver, runs: Sequence[DrivenRun]) -> list[_Tried]:
    """What references do, also with inputs after one that takes all time."""
    tried = [_Tried({}) for _ in runs]
    left = [i for i, run in enumerate(runs) if run.inputs]
    for _ in range(_ROUNDS):
        asked = [_on(runs[i], [n for n in runs[i].inputs if n not in tried[i].found]) for i in left]
        for i, run, driven in zip(left, asked, driver.drive(asked), strict=True):
            tried[i].reason, tried[i].starved = driven.reason, driven.starved
            tried[i].found |= {n: c for n, c in zip(run.inputs, driven.calls, strict=True) if c.status != "unreached"}
        left = [i for i in left if tried[i].reason is None and len(tried[i].found) < min(len(runs[i].inputs), _ENOUGH)]
    return tried


def _on(run: DrivenRun, inputs: Sequence[int]) -> DrivenRun:
    return replace(run, inputs=tuple(inputs))


def _plan(run: DrivenRun, tried: _Tried, repeatedly: _Tried) -> Plan:
    """The inputs for a task of which the reference was driven twice."""
    if tried.reason is not None:
        return Plan(run, reason=tried.reason)
    one, two = tried.found, repeatedly.found
    known = [n for n, call in one.items() if call.known]
    twice = [n for n in known if n in two and two[n].status != "timeout"]
    repeated = [n for n in twice if _text(two[n]) == _text(one[n])]
    fast = [n for n in repeated if min(one[n].seconds, two[n].seconds) < _SLOW_S]
    by_input = {one[n].given: n for n in sorted(fast, key=lambda n: n * _STRIDE % TRIED, reverse=True)}
    usable = {n: one[n] for n in reversed(by_input.values())}
    chosen = _chosen(usable)
    reason = None
    if len(twice) < len(known) / 2:
        return Plan(run, reason=_NO_TIME, passing=True)
    if len(twice) - len(repeated) > _DIFFER * len(twice):
        return Plan(run, reason=_RANDOM)
    if len(chosen) < max(1, min(_FEWEST, len({call.given for call in one.values()}))):
        counts = Counter(call.status for call in one.values())
        reason = f"the reference has outcomes for too few inputs: {', '.join(f'{n} {s}' for s, n in counts.items())}"
    elif len(usable) > 1 and len({call.outcome for call in usable.values()}) == 1:
        reason = "the reference does the same with all inputs"
    if reason is not None and (tried.starved or repeatedly.starved):
        return Plan(run, reason=_NO_TIME, passing=True)
    return Plan(_on(run, list(chosen)), tuple(chosen.values()), reason=reason)


def _chosen(usable: Found) -> Found:
    """Inputs with diverse outcomes, in the order of their numbers."""
    returned = {n: c for n, c in usable.items() if c.status == "returned"}
    thrown = [n for n, c in usable.items() if c.status == "threw"]
    allowed = thrown[: min(WANTED // _THROWN, len(returned) // (_THROWN - 1))]
    groups: dict[str, list[int]] = {}
    for n in [*returned, *allowed]:
        groups.setdefault(_simplest(usable[n]), []).append(n)
    largest = max(groups.values(), key=len, default=[])
    del largest[max(len(returned) + len(allowed) - len(largest), _UNEQUAL) :]
    turns = (n for turn in zip_longest(*groups.values()) for n in turn if n is not None)
    return {n: usable[n] for n in sorted(islice(turns, WANTED))}


def _simplest(call: Call) -> str:
    """The argument that is returned as it was given, by its place; otherwise the outcome."""
    return next(iter(_returned_arguments(call, json.loads(call.outcome))), call.outcome)


def _returned_arguments(call: Call, outcome: Mapping[str, Any]) -> list[str]:
    returned = json.dumps(outcome)  # as text, for 1 is not true
    arguments = json.loads(call.given)[-1]
    return [f"argument {i}" for i, each in enumerate(arguments) if json.dumps({"value": each}) == returned]


def _simple(call: Call) -> dict[str, float]:
    """Outcomes of programs that do the same with all inputs, or hand an argument back, and how far each is right."""
    outcome = json.loads(call.outcome)
    unchanged = without_changes(outcome)
    share = agreement(call.outcome, json.dumps(unchanged))
    arguments = _returned_arguments(call, unchanged)
    return {json.dumps(outcome): 1.0} | dict.fromkeys([json.dumps(unchanged), *arguments] if unchanged else (), share)


def _confirmed(plan: Plan, again: Driven, stub: Driven) -> Plan:
    """The plan, if the reference does the same again, and the stub has the same inputs."""
    if again.starved or stub.starved or any(call.status in ("timeout", "unreached") for call in again.calls):
        return replace(plan, reason=_NO_TIME, passing=True)
    if plan.share(again) < 1:
        return replace(plan, reason=_RANDOM)
    if _is_foreign(plan, stub):
        return replace(plan, reason=_FOREIGN)
    return _with_base(plan, stub)


def _is_foreign(plan: Plan, stub: Driven) -> bool:
    """Whether most inputs are others for the stub, which declares nothing that the context does not.

    Fields of objects do not count: a constructor may call the very method that the stub leaves empty.
    """
    if stub.reason is not None:
        return stub.reason.startswith(_NO_VALUE)
    pairs = [(_made(one.given), _made(other.given)) for one, other in zip(plan.calls, stub.calls, strict=True)]
    return 2 * sum(one != other for one, other in pairs if other) > len(pairs)


def _made(given: str) -> str:
    """An input without what the fields of its objects hold; empty where there is none."""
    return (
        json.dumps(json.loads(given, object_hook=lambda v: {**v, "fields": {}} if "fields" in v else v))
        if given
        else ""
    )


def _with_base(plan: Plan, stub: Driven) -> Plan:
    """One input has nothing in common with others: there, only the stub counts."""
    simple: dict[str, float] = defaultdict(float)
    for call in plan.calls:
        for text, share in _simple(call).items():
            simple[text] += share
    common = max(simple.values()) / len(plan.calls) if len(plan.calls) > 1 else 0.0
    base = max(plan.share(stub), common)
    return replace(plan, base=base, reason="a stub or an argument is as good" if base == 1 else None)


def _text(call: Call) -> tuple[str, str, str]:
    return call.status, call.given, call.outcome


def _agreement(wanted: Call, call: Call) -> float:
    return agreement(wanted.outcome, call.outcome) if call.known and same(wanted.given, call.given) else 0.0
