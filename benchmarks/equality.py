"""Does the warm checker say what `javac` says? Thousands of programs, whole and broken, asked of both.

python -m benchmarks.equality [--count N] [--seed N] [--data FOLDER] [--jobs N] [--kept FILE] [--json]

`javac` is started once for each program, which takes about an hour for 10,000 on two cores; its answers are kept, so
that a run that was interrupted goes on, and only new programs cost a start. The checker answers three times: in order,
shuffled, and with hostile programs in between. Compared are the status, and the code, line and column of the first
error; whether all later errors are alike too is told beside it. Ends with 1 where there is a difference.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from benchmarks.hostile import hostile_programs
from benchmarks.javac import Answer, Fault, Javac, progress_lines
from benchmarks.mutants import MUTATIONS, mutant
from rlcf.errors import RlcfError
from rlcf.languages.base import Checker
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.registry import load_language
from rlcf.records import Program, Task, Verdict
from rlcf.storage.cache import cache_folder
from rlcf.tasks.builtin import load_builtin
from rlcf.tasks.loading import load_completions, load_tasks

WHOLE = "as it is"
HOSTILE = "hostile"
PASSES = ("in order", "shuffled", "among hostile")

_DIAGNOSTICS = Path(__file__).parents[1] / "tests" / "diagnostics"
_MUTANTS_AT_FIRST = 3
"""How many variants of a program come with it; more come in turns when the count asks for them."""
_FRUITLESS_TURNS = 50
"""After so many turns without one new program there will be none."""
_HOSTILE_EVERY = 4
_TIMEOUT_S = 60.0
"""Seconds for a program: many, since the machine may be busy."""


@dataclass(frozen=True, slots=True)
class Case:
    """A program to be asked about."""

    name: str
    """Whose it is and what was done to it, such as `MBJP/2 sample, text cut (1)`."""
    origin: str
    """`built-in`, `diagnostics` (of the tests), `MBJP`, `MBJP samples` or `hostile`."""
    kind: str
    """A name in `MUTATIONS`, or `as it is`."""
    source: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A program of which the two do not say the same."""

    case: Case
    passes: tuple[str, ...]
    """The passes in which it showed, of `PASSES`."""
    javac: Answer
    checker: Answer
    saved: Path | None = None
    """Where the source was written."""

    @property
    def first(self) -> bool:
        """Whether status or first error differ, and not only what comes behind."""
        return self.javac.first != self.checker.first


def main() -> int:
    """Asks both, prints what they say; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000, help="programs to compare (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="where mbjp.jsonl and mbjp-samples.jsonl are"
    )
    parser.add_argument("--jobs", type=int, default=2, help="javac processes at a time")
    parser.add_argument("--workers", type=int, default=2, help="compilers of the checker")
    parser.add_argument("--kept", type=Path, help="file with javac's answers (default: in rlcf's cache folder)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    kept = options.kept or cache_folder() / "benchmarks" / "javac-answers.jsonl"
    try:
        cases = [*make_cases(references(options.data), options.count, options.seed), *hostile_cases()]
        jdk = find_jdk()
        _say(f"{len(cases):,} programs; javac {jdk.version}, its answers are kept in {kept}")
        kept.parent.mkdir(parents=True, exist_ok=True)
        expected = Javac(jdk, kept).ask([case.source for case in cases], options.jobs, progress_lines(_say))
        with load_language("java").checker(workers=options.workers, timeout_s=_TIMEOUT_S) as checker:
            found = compare(checker, cases, expected, options.seed)
    except RlcfError as error:
        _say(f"error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _say("interrupted; the same command goes on from here")
        return 130
    found = [save(difference, kept.parent / "differences") for difference in found]
    if options.json:
        print(json.dumps(as_json(cases, expected, found, options.seed, jdk.version), ensure_ascii=False))
    else:
        print("\n".join(table(cases, expected, found)))
    return 1 if any(difference.first for difference in found) else 0


def references(data: Path) -> dict[str, list[tuple[str, str]]]:
    """Programs as they were written, `(name, source)`, by where they come from; says which are not here."""
    found = {
        "built-in": [_reference(task) for task in load_builtin("builtin:java")],
        "diagnostics": [(path.stem, path.read_text(encoding="utf-8")) for path in sorted(_DIAGNOSTICS.glob("*.java"))],
    }
    problems, samples = data / "mbjp.jsonl", data / "mbjp-samples.jsonl"
    if not problems.is_file():
        _say(f"skipped MBJP and its samples: there is no {problems} (name its folder with --data)")
        return found
    tasks = load_tasks(problems)
    found["MBJP"] = [_reference(task) for task in tasks if task.canonical_solution is not None]
    if not samples.is_file():
        _say(f"skipped the samples of MBJP: there is no {samples} (name its folder with --data)")
        return found
    by_id = {task.task_id: task for task in tasks}
    found["MBJP samples"] = [
        (f"{c.task_id} sample", Program.of(by_id[c.task_id], c.completion).source)
        for c in load_completions(samples, tasks)
    ]
    return found


def _reference(task: Task) -> tuple[str, str]:
    return task.task_id, Program.of(task, task.canonical_solution or "").source


def make_cases(programs: dict[str, list[tuple[str, str]]], count: int, seed: int) -> list[Case]:
    """`count` different programs, or as many as there are; a larger count adds to those of a smaller one.

    First the whole programs, in an order drawn by `seed`, each with some broken variants; then more variants.
    """
    whole = [Case(name, origin, WHOLE, source) for origin, found in programs.items() for name, source in found]
    random.Random(seed).shuffle(whole)
    cases: dict[str, Case] = {}
    turn, last_fruit = 0, 0
    while len(cases) < count and turn - last_fruit <= _FRUITLESS_TURNS:
        before = len(cases)
        for case in whole:
            for new in _first_turn(case, seed) if turn == 0 else _variants(case, _MUTANTS_AT_FIRST + turn - 1, 1, seed):
                cases.setdefault(new.source, new)
        last_fruit = turn if len(cases) > before else last_fruit
        turn += 1
    return list(cases.values())[:count]


def _first_turn(case: Case, seed: int) -> list[Case]:
    return [case, *_variants(case, 0, _MUTANTS_AT_FIRST, seed)]


def _variants(case: Case, start: int, count: int, seed: int) -> Iterator[Case]:
    """The variants with the numbers `start`, `start + 1`, …; a program offers nothing to some kinds."""
    kinds = random.Random(f"{seed} {case.name}").sample(list(MUTATIONS), len(MUTATIONS))
    for number in range(start, start + count):
        kind = kinds[number % len(kinds)]
        source = mutant(case.source, kind, random.Random(f"{seed} {case.name} {number}"))
        if source is not None:
            yield Case(f"{case.name}, {kind} ({number})", case.origin, kind, source)


def hostile_cases() -> list[Case]:
    """The programs that the others have to stand beside; compared as well."""
    return [Case(name, HOSTILE, WHOLE, source) for name, source in hostile_programs().items()]


def compare(checker: Checker, cases: Sequence[Case], expected: Sequence[Answer], seed: int) -> list[Difference]:
    """Asks the checker in every order; the programs on which it does not say what is expected."""
    differing: dict[tuple[int, Answer], list[str]] = {}
    for name in PASSES:
        order = _order(name, len(cases), seed)
        hostile = random.Random(seed).sample(hostile_cases(), len(hostile_cases())) if name == "among hostile" else []
        sources: list[str] = []
        places: list[int] = []
        for at, index in enumerate(order):
            places.append(len(sources))
            sources.append(cases[index].source)
            if hostile and at % _HOSTILE_EVERY == 0:
                sources.append(hostile[at // _HOSTILE_EVERY % len(hostile)].source)
        verdicts = checker.check(sources)
        for place, index in zip(places, order, strict=True):
            if (answer := answer_of(verdicts[place])) != expected[index]:
                differing.setdefault((index, answer), []).append(name)
    return [
        Difference(cases[index], tuple(names), expected[index], answer)
        for (index, answer), names in sorted(differing.items())
    ]


def _order(name: str, count: int, seed: int) -> list[int]:
    order = list(range(count))
    if name == "shuffled":
        random.Random(seed).shuffle(order)
    return order


def answer_of(verdict: Verdict) -> Answer:
    """A verdict as it is compared."""
    return Answer(verdict.status, tuple(Fault(d.code, d.line, d.column) for d in verdict.diagnostics))


def save(difference: Difference, folder: Path) -> Difference:
    """Writes the program that shows it into `folder`, as it was asked about."""
    data = difference.case.source.encode()
    path = folder / f"{hashlib.sha256(data).hexdigest()[:16]}.java"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return replace(difference, saved=path)


def table(cases: Sequence[Case], expected: Sequence[Answer], differences: Sequence[Difference]) -> list[str]:
    """The lines to print: counts by kind of change and origin, then each difference."""
    origins = list(dict.fromkeys(case.origin for case in cases))
    counts = Counter((case.kind, case.origin) for case in cases)
    accepted = Counter(case.kind for case, answer in zip(cases, expected, strict=True) if answer.status == "accepted")
    first = Counter(kind for kind, _ in {(d.case.kind, d.case.source) for d in differences if d.first})
    later = Counter(kind for kind, _ in {(d.case.kind, d.case.source) for d in differences if not d.first})
    heads = [*origins, "all", "accepted", "differ", "differ later"]
    width = [max(len(head), 6) + 2 for head in heads]

    def line(name: str, numbers: Sequence[object]) -> str:
        return f"{name:<28}" + "".join(f"{number:>{w}}" for number, w in zip(numbers, width, strict=True))

    kinds = [kind for kind in (WHOLE, *MUTATIONS) if any(counts[kind, origin] for origin in origins)]
    lines = [line("", heads)]
    for kind in kinds:
        by_origin = [counts[kind, origin] for origin in origins]
        lines.append(line(kind, [*by_origin, sum(by_origin), accepted[kind], first[kind], later[kind]]))
    totals = [sum(counts[kind, origin] for kind in kinds) for origin in origins]
    lines.append(line("all", [*totals, *(sum(c.values()) for c in (counts, accepted, first, later))]))
    codes = {answer.faults[0].code for answer in expected if answer.faults}
    lines.append(f"\n{len(codes)} different codes of first errors; asked {', '.join(PASSES)}")
    for difference in differences:
        lines += _shown(difference)
    return lines


def _shown(difference: Difference) -> list[str]:
    """What a person needs to look into it."""
    javac, checker = difference.javac, difference.checker
    if not difference.first:
        pairs = list(zip_longest(javac.faults, checker.faults))
        at, (left, right) = next((at, pair) for at, pair in enumerate(pairs) if pair[0] != pair[1])
        says = f"error {at + 1}: javac {left or 'none'}, checker {right or 'none'}"
    else:
        says = f"javac {javac}, checker {checker}"
    case = difference.case
    return [f"\n{case.origin}: {case.name} [{', '.join(difference.passes)}]", f"  {says}", f"  {difference.saved}"]


def as_json(
    cases: Sequence[Case], expected: Sequence[Answer], differences: Sequence[Difference], seed: int, version: str
) -> dict[str, Any]:
    """The object for `--json`."""
    rows = Counter((case.origin, case.kind) for case in cases)
    accepted = Counter(
        (case.origin, case.kind) for case, answer in zip(cases, expected, strict=True) if answer.status == "accepted"
    )
    return {
        "jdk": version,
        "seed": seed,
        "programs": len(cases),
        "accepted": accepted.total(),
        "codes": len({answer.faults[0].code for answer in expected if answer.faults}),
        "passes": PASSES,
        "different": len({d.case.source for d in differences if d.first}),
        "different_later": len({d.case.source for d in differences if not d.first}),
        "counts": [
            {"origin": origin, "kind": kind, "programs": count, "accepted": accepted[origin, kind]}
            for (origin, kind), count in sorted(rows.items())
        ],
        "differences": [
            {
                "name": d.case.name,
                "origin": d.case.origin,
                "kind": d.case.kind,
                "passes": d.passes,
                "first": d.first,
                "javac": d.javac._asdict(),
                "checker": d.checker._asdict(),
                "source": str(d.saved),
            }
            for d in differences
        ],
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
