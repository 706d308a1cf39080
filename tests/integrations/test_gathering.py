"""Single calls, gathered into batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from rlcf.integrations.gathering import Gatherer


class Halves:
    """Halves numbers, in batches it keeps. Its first batch waits until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.started, self.may_end = threading.Event(), threading.Event()

    def __call__(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(numbers))
        self.started.set()
        assert self.may_end.wait(30)
        return [n // 2 if n % 2 == 0 else ValueError(f"{n} is odd") for n in numbers]


@pytest.fixture
def halves() -> Halves:
    return Halves()


@pytest.fixture
def gatherer(halves: Halves) -> Iterator[Gatherer[int, int]]:
    gatherer: Gatherer[int, int] = Gatherer(halves, window_s=0.0, max_batch=4)
    yield gatherer
    halves.may_end.set()
    gatherer.close()


def _busy(gatherer: Gatherer[int, int], halves: Halves) -> Future[int]:
    """The result of a batch that has begun, and does not end before it is let go."""
    first = gatherer.submit(2)
    assert halves.started.wait(30)
    return first


def test_what_comes_while_a_batch_is_worked_on_is_the_next_batch(gatherer: Gatherer[int, int], halves: Halves) -> None:
    first = _busy(gatherer, halves)
    others = [gatherer.submit(n) for n in (4, 6, 8)]
    halves.may_end.set()
    assert [f.result(30) for f in (first, *others)] == [1, 2, 3, 4]
    assert halves.batches == [[2], [4, 6, 8]]


def test_a_batch_is_no_larger_than_it_may_be(gatherer: Gatherer[int, int], halves: Halves) -> None:
    _busy(gatherer, halves)
    results = [gatherer.submit(n) for n in range(0, 20, 2)]
    halves.may_end.set()
    assert [f.result(30) for f in results] == list(range(10))
    assert [len(b) for b in halves.batches] == [1, 4, 4, 2]


def test_a_cancelled_call_is_left_out_and_the_others_of_its_batch_get_their_results(
    gatherer: Gatherer[int, int], halves: Halves
) -> None:
    first = _busy(gatherer, halves)
    dropped, kept = gatherer.submit(4), gatherer.submit(6)
    assert dropped.cancel()
    assert not first.cancel()  # it runs
    halves.may_end.set()
    assert (first.result(30), kept.result(30)) == (1, 3)
    assert halves.batches == [[2], [6]]


def test_an_exception_belongs_to_its_call_alone(gatherer: Gatherer[int, int], halves: Halves) -> None:
    halves.may_end.set()
    odd, even = gatherer.submit(3), gatherer.submit(4)
    assert even.result(30) == 2
    with pytest.raises(ValueError, match="3 is odd"):
        odd.result(30)


def test_what_the_function_raises_is_raised_by_each_call_and_the_next_batch_is_served() -> None:
    def fail_once(numbers: Sequence[int]) -> list[int | Exception]:
        if 0 in numbers:
            raise OSError("gone")
        return list(numbers)

    gatherer: Gatherer[int, int] = Gatherer(fail_once)
    with pytest.raises(OSError, match="gone"):
        gatherer.submit(0).result(30)
    assert gatherer.submit(1).result(30) == 1
    gatherer.close()


def test_closing_answers_what_was_submitted_before() -> None:
    double: Callable[[Sequence[int]], list[int | Exception]] = lambda numbers: [2 * n for n in numbers]  # noqa: E731
    gatherer: Gatherer[int, int] = Gatherer(double)
    with ThreadPoolExecutor(8) as threads:
        results = list(threads.map(gatherer.submit, range(100)))
    gatherer.close()
    assert [f.result(0) for f in results] == list(range(0, 200, 2))
