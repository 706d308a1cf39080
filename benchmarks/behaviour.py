"""What the component `behaviour` can drive, how fast, and what it tells apart.

python -m benchmarks.behaviour [--json] [--data FOLDER] [--workers N] [--rounds N] [--mutants N] [--seed N]

MBJP's references and the built-in ones are driven. Mutants are references with one operator changed that still compile;
some of them do the same as the reference, so not all can be told apart. Agreement is with the tests of MBJP's published
samples: the area under the ROC curve of what accepted samples earn.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.mutants import tokens
from benchmarks.programs import DATA, with_test
from rlcf.config import GroundingConfig
from rlcf.grounding import Grounding
from rlcf.grounding.behaviour import Plan, make_plans
from rlcf.languages.base import Driver, Language
from rlcf.languages.registry import load_language
from rlcf.records import Program, Task
from rlcf.tasks.builtin import load_builtin
from rlcf.tasks.loading import load_completions, load_tasks

_OTHER = {
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "/", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=",
    "!=": "==", "&&": "||", "||": "&&", "++": "--", "--": "++", "+=": "-=", "-=": "+=", "*=": "+=", "&": "|", "|": "&",
    "<<": ">>", ">>": "<<",
}  # fmt: skip
_AT_A_TIME = 64

Row = dict[str, str | int | float | dict[str, int]]


def main() -> None:
    """Prints a table, or with --json one object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", type=Path, default=DATA, help="where mbjp.jsonl is (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3, help="of the measurement of speed")
    parser.add_argument("--mutants", type=int, default=3, help="mutants of each reference, at most")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    java, builtin = load_language("java"), load_builtin("builtin:java")
    path = options.data / "mbjp.jsonl"
    mbjp = [t for t in load_tasks(str(path)) if t.canonical_solution] if path.is_file() else []
    result: Row = {}
    with java.driver(options.workers) as driver:
        plans: list[Plan] = []
        for name, tasks in (("built-in", builtin), ("mbjp", mbjp)):
            started = time.perf_counter()
            made = _plans(driver, java, tasks)
            result |= _drivable(name, made) | {f"{name}_planning_s": round(time.perf_counter() - started, 1)}
            plans += [plan for plan in made if plan.reason is None]
        result |= _speed(driver, plans, options.rounds)
        result |= _mutants(driver, java, plans, options.mutants, random.Random(options.seed))
        result |= _agreement(driver, java, plans, options.data)
    result |= _anchors(builtin)
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:<28} {value}")


def _plans(driver: Driver, java: Language, tasks: Sequence[Task]) -> list[Plan]:
    starts = range(0, len(tasks), _AT_A_TIME)
    return [plan for start in starts for plan in make_plans(driver, java, tasks[start : start + _AT_A_TIME])]


def _drivable(name: str, plans: Sequence[Plan]) -> Row:
    if not plans:
        return {}
    reasons = Counter(plan.reason.partition(":")[0] for plan in plans if plan.reason)
    share = 1 - reasons.total() / len(plans)
    return {name: f"{len(plans)} references", f"{name}_driven": round(share, 3), f"{name}_not_driven": dict(reasons)}


def _speed(driver: Driver, plans: Sequence[Plan], rounds: int) -> Row:
    """The references on the inputs chosen, by warm machines."""
    runs = [plan.run for plan in plans]
    rates = []
    for _ in range(rounds + 1):  # the first one warms up
        started = time.perf_counter()
        driver.drive(runs)
        rates.append(len(runs) / (time.perf_counter() - started))
    inputs = statistics.mean(len(plan.calls) for plan in plans)
    return {"programs_per_s": round(statistics.median(rates[1:]), 1), "inputs_each": round(inputs, 1)}


def _mutants(driver: Driver, java: Language, plans: Sequence[Plan], each: int, rng: random.Random) -> Row:
    """Of the references with one operator changed, those that earn less."""
    pairs = [(plan, text) for plan in plans for text in _changed(plan.run.completion, each * 4, rng)]
    with java.checker() as checker:
        verdicts = checker.check([Program.of(plan.run.task, text).source for plan, text in pairs])
    kept: Counter[str] = Counter()
    accepted = []
    for (plan, text), verdict in zip(pairs, verdicts, strict=True):
        if verdict.accepted and kept[plan.run.task.task_id] < each:
            kept[plan.run.task.task_id] += 1
            accepted.append((plan, text))
    started = time.perf_counter()
    driven = driver.drive([plan.program(text) for plan, text in accepted])
    per_s = len(accepted) / (time.perf_counter() - started)
    earned = [plan.earned(found) for (plan, _), found in zip(accepted, driven, strict=True)]
    return {
        "mutants": len(earned),
        "mutants_per_s": round(per_s, 1),
        "mutants_that_earn_less": round(sum(e < 1 for e in earned) / len(earned), 3),
        "mutants_earn": round(statistics.mean(earned), 3),
    }


def _changed(completion: str, count: int, rng: random.Random) -> list[str]:
    """Variants with one operator changed."""
    found = [token for token in tokens(completion) if token.kind == "operator" and token.text in _OTHER]
    chosen = rng.sample(found, min(count, len(found)))
    return [completion[: t.start] + _OTHER[t.text] + completion[t.end :] for t in chosen]


def _agreement(driver: Driver, java: Language, plans: Sequence[Plan], data: Path) -> Row:
    """What MBJP's published samples earn that compile, beside their tests."""
    path = data / "mbjp-samples.jsonl"
    if not path.is_file():
        return {}
    by_id = {plan.run.task.task_id: plan for plan in plans}
    samples = [s for s in load_completions(path, load_tasks(str(data / "mbjp.jsonl"))) if s.task_id in by_id]
    with java.runner() as runner:
        executions = runner.run([with_test(by_id[s.task_id].run.task, s.completion) for s in samples])
    ran = [(by_id[s.task_id], s.completion, e.passed) for s, e in zip(samples, executions, strict=True) if e.compiled]
    driven = driver.drive([plan.program(text) for plan, text, _ in ran])
    earned: dict[bool, list[float]] = {True: [], False: []}
    for (plan, _, passed), found in zip(ran, driven, strict=True):
        earned[passed].append(plan.earned(found))
    order = [(good > bad) + (good == bad) / 2 for good in earned[True] for bad in earned[False]]
    return {
        "samples": f"{len(ran)} that compile, {len(earned[True])} pass",
        "passing_earn": round(statistics.mean(earned[True]), 3),
        "passing_that_earn_all": round(sum(e == 1 for e in earned[True]) / len(earned[True]), 3),
        "failing_earn": round(statistics.mean(earned[False]), 3),
        "area_under_roc": round(statistics.mean(order), 3),
    }


def _anchors(tasks: Sequence[Task]) -> Row:
    """What references and stubs of the built-in tasks earn."""
    config = GroundingConfig(components={"behaviour": 1.0})
    with Grounding(config, None) as grounding:
        references = grounding.score(tasks, [t.canonical_solution or "" for t in tasks])
        stubs = grounding.score(tasks, [grounding.language.stub(t) or "" for t in tasks])
    found = {"reference_earns": references, "stub_earns": stubs}
    return {name: dict(Counter(str(s.reward) for s in scores)) for name, scores in found.items()}


if __name__ == "__main__":
    main()
