"""Does a warm checker say what the checker says that is started for each program?"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.languages.cases import Case
from benchmarks.languages.yardsticks import Answer, Yardstick, answer_of
from rlcf.languages.base import Checker

ORDERS = ("in sequence", "reversed", "shuffled")


@dataclass(frozen=True, slots=True)
class Difference:
    """A program of which the two do not say the same."""

    case: Case
    orders: tuple[str, ...]
    """Those in which it showed, of `ORDERS`."""
    cold: Answer
    warm: Answer

    def __str__(self) -> str:
        return f"{self.case.name}: cold {self.cold}; warm {self.warm} ({', '.join(self.orders)})"


def ask_cold(cases: Sequence[Case], yardstick: Yardstick, jobs: int, say: Callable[[str], None]) -> list[Answer]:
    """What the yardstick says of each case, `jobs` at a time."""
    answers = []
    with ThreadPoolExecutor(jobs) as threads:
        for answer in threads.map(lambda case: yardstick.ask(case.source), cases):
            answers.append(answer)
            if len(answers) % 100 == 0:
                say(f"{yardstick.name}: {len(answers):,} of {len(cases):,} programs")
    return answers


def compare(checker: Checker, cases: Sequence[Case], cold: Sequence[Answer], seed: int) -> list[Difference]:
    """Asks the warm checker in every order; the programs on which it does not say what is expected."""
    differing: dict[tuple[int, Answer], list[str]] = {}
    for name in ORDERS:
        order = list(range(len(cases)))
        if name == "reversed":
            order.reverse()
        elif name == "shuffled":
            random.Random(seed).shuffle(order)
        verdicts = checker.check([cases[index].source for index in order])
        for index, verdict in zip(order, verdicts, strict=True):
            if (answer := answer_of(verdict)) != cold[index]:
                differing.setdefault((index, answer), []).append(name)
    found = sorted(differing.items(), key=lambda item: item[0][0])
    return [Difference(cases[index], tuple(names), cold[index], answer) for (index, answer), names in found]
