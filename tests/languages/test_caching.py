"""The checker that caches verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from rlcf.languages.base import Checker
from rlcf.languages.caching import CachingChecker
from rlcf.languages.java.checker import JavaChecker
from rlcf.records import Verdict


class Recording(Checker):
    """Accepts short sources, times out on long ones, and records which sources reached it."""

    def __init__(self) -> None:
        self.sources: list[str] = []
        self.closed = False

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        self.sources += sources
        return [Verdict("accepted" if len(s) < 9 else "timeout") for s in sources]

    def close(self) -> None:
        self.closed = True


def test_each_program_is_compiled_once_and_the_verdicts_keep_their_order() -> None:
    recording = Recording()
    with CachingChecker(recording) as checker:
        first = checker.check(["a", "b", "a", "\ud800"])
        assert checker.check(["b", "c", "a"]) == [Verdict("accepted")] * 3
    assert [v.status for v in first] == ["accepted"] * 4
    assert recording.sources == ["a", "b", "\ud800", "c"]
    assert checker.cache_hits == 3
    assert recording.closed


def test_a_time_out_is_checked_again() -> None:
    recording = Recording()
    checker = CachingChecker(recording)
    for _ in range(2):
        assert checker.check(["long enough", "a"])[0].status == "timeout"
    assert recording.sources == ["long enough", "a", "long enough"]


def test_the_verdict_that_was_not_used_for_longest_is_dropped_first() -> None:
    recording = Recording()
    checker = CachingChecker(recording, capacity=2)
    checker.check(["a", "b"])
    checker.check(["a"])
    checker.check(["c"])
    checker.check(["a", "b"])
    assert recording.sources == ["a", "b", "c", "b"]


def test_the_verdicts_are_those_of_the_compiler(java_checker: JavaChecker) -> None:
    sources = ["class A { }", "class A { int x = y; }", "class A { }"]
    caching = CachingChecker(java_checker)
    for _ in range(2):
        assert caching.check(sources) == java_checker.check(sources)
