"""The checker that asks each program only once."""

from __future__ import annotations

from collections.abc import Sequence

from rlcf.languages.base import Checker
from rlcf.languages.caching import RememberingChecker
from rlcf.languages.java.checker import JavaChecker
from rlcf.records import Verdict


class Counting(Checker):
    """Accepts short sources, times out at long ones, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = False

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        self.asked += sources
        return [Verdict("accepted" if len(s) < 9 else "timeout") for s in sources]

    def close(self) -> None:
        self.closed = True


def test_each_program_is_asked_once_and_the_verdicts_keep_their_order() -> None:
    counting = Counting()
    with RememberingChecker(counting) as checker:
        first = checker.check(["a", "b", "a", "\ud800"])
        assert checker.check(["b", "c", "a"]) == [Verdict("accepted")] * 3
    assert [v.status for v in first] == ["accepted"] * 4
    assert counting.asked == ["a", "b", "\ud800", "c"]
    assert checker.remembered == 3
    assert counting.closed


def test_a_time_out_is_asked_again() -> None:
    counting = Counting()
    checker = RememberingChecker(counting)
    for _ in range(2):
        assert checker.check(["long enough", "a"])[0].status == "timeout"
    assert counting.asked == ["long enough", "a", "long enough"]


def test_what_was_not_asked_for_longest_is_forgotten_first() -> None:
    counting = Counting()
    checker = RememberingChecker(counting, capacity=2)
    checker.check(["a", "b"])
    checker.check(["a"])
    checker.check(["c"])
    checker.check(["a", "b"])
    assert counting.asked == ["a", "b", "c", "b"]


def test_the_verdicts_are_those_of_the_compiler(java_checker: JavaChecker) -> None:
    sources = ["class A { }", "class A { int x = y; }", "class A { }"]
    remembering = RememberingChecker(java_checker)
    for _ in range(2):
        assert remembering.check(sources) == java_checker.check(sources)
