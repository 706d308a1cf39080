"""The pool with a small child whose death can be ordered."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rlcf.workers.child import Child, ChildDied
from rlcf.workers.pool import Answer, Pool, PoolBroken, Unanswered

CHILD = r"""
import os, signal, struct, sys, time
def once(path):
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        return True
    except FileExistsError:
        return False
while header := sys.stdin.buffer.read(4):
    word, _, rest = sys.stdin.buffer.read(struct.unpack(">I", header)[0]).decode().partition(" ")
    if word == "die" or word == "die-once" and once(rest):
        print("last words", file=sys.stderr)
        os._exit(7)
    if word == "hang" or word == "hang-once" and once(rest):
        time.sleep(99)
    if word == "killed" or word == "killed-once" and once(rest):
        os.kill(os.getpid(), signal.SIGKILL)
    if word == "babble":
        sys.stdout.write("this is no frame, and goes on and on")
        sys.stdout.flush()
        time.sleep(99)
    reply = (word + " " + rest).encode()
    sys.stdout.buffer.write(struct.pack(">I", len(reply)) + reply)
    sys.stdout.buffer.flush()
"""

Start = Callable[[], Child]


def start() -> Child:
    return Child([sys.executable, "-S", "-c", CHILD])


def ping(child: Child, timeout_s: float) -> None:
    assert child.request(b"ping", timeout_s) == b"ping "


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(start, ping, workers=2, timeout_s=0.5)
    yield made
    made.close()


def words(prefix: str, count: int = 40) -> list[bytes]:
    return [f"{prefix} {i}".encode() for i in range(count)]


def ask_with(pool: Pool, poison: str) -> Answer:
    """Puts `poison` among many requests, sees that those are answered, and gives its own answer."""
    requests = words("echo")
    answers = pool.map([*requests[:25], poison.encode(), *requests[25:]])
    assert answers[:25] + answers[26:] == requests
    return answers[25]


def test_answers_come_in_the_order_of_the_requests(pool: Pool) -> None:
    requests = words("echo", 500)
    assert pool.map(requests) == requests
    assert pool.map([]) == []


def test_several_threads_may_ask_at_once(pool: Pool) -> None:
    with ThreadPoolExecutor(8) as threads:
        requests = [words(f"thread-{i}") for i in range(8)]
        assert list(threads.map(pool.map, requests)) == requests


def test_a_request_that_ends_its_worker_every_time_is_found_and_its_neighbours_are_answered(
    pool: Pool,
) -> None:
    answer = ask_with(pool, "die now")
    assert isinstance(answer, Unanswered)
    assert answer.reason == "crash"
    assert "last words" in answer.detail


def test_a_request_that_hangs_gets_a_timeout_and_its_neighbours_are_answered(pool: Pool) -> None:
    answer = ask_with(pool, "hang now")
    assert isinstance(answer, Unanswered)
    assert answer.reason == "timeout"


def test_a_request_that_breaks_the_protocol_every_time_is_found(pool: Pool) -> None:
    answer = ask_with(pool, "babble now")
    assert isinstance(answer, Unanswered)


@pytest.mark.parametrize("accident", ["die-once", "hang-once", "killed-once"])
def test_an_accident_that_does_not_happen_again_is_blamed_on_nobody(pool: Pool, tmp_path: Path, accident: str) -> None:
    request = f"{accident} {tmp_path / 'happened'}"
    assert ask_with(pool, request) == request.encode()
    assert (tmp_path / "happened").exists()


def test_workers_killed_from_outside_again_and_again_accuse_the_tool_not_the_request(pool: Pool) -> None:
    with pytest.raises(PoolBroken, match="outside"):
        pool.map([b"killed now"])
    assert pool.map(words("echo")) == words("echo")


def test_a_worker_killed_in_the_middle_of_a_batch_loses_no_request(pool: Pool) -> None:
    requests = words("echo", 20_000)
    done = threading.Event()

    def kill() -> None:
        while not done.wait(0.02):
            for child in list(pool._children):
                child.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        for _ in range(3):
            try:
                assert pool.map(requests) == requests
            except PoolBroken:
                continue  # allowed under such fire: an error is no answer
    finally:
        done.set()
        killer.join()
    assert pool.map(requests) == requests


def test_a_tool_that_cannot_be_started_is_an_error_and_no_answer() -> None:
    broken = Pool(lambda: Child(["/nonexistent/tool"]), ping, workers=2, timeout_s=1.0)
    with pytest.raises(PoolBroken, match="nonexistent"):
        broken.map([b"echo"])
    broken.close()


def test_a_tool_that_dies_on_a_ping_is_an_error_and_no_answer() -> None:
    def fatal_ping(child: Child, timeout_s: float) -> None:
        child.request(b"die", timeout_s)

    broken = Pool(start, fatal_ping, workers=1, timeout_s=1.0)
    with pytest.raises(PoolBroken, match="last words"):
        broken.map(words("echo"))
    broken.close()


def test_a_pool_that_is_closed_says_so_and_leaves_no_process(pool: Pool) -> None:
    pool.map(words("echo"))
    pids = pool.pids()
    assert pids
    pool.close()
    pool.close()
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    with pytest.raises(PoolBroken, match="closed"):
        pool.map([b"echo"])


def test_closing_does_not_wait_for_a_request_that_hangs() -> None:
    slow = Pool(start, ping, workers=1, timeout_s=60.0)
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(slow.map, [b"hang"])
        while not slow.pids():
            time.sleep(0.01)
        time.sleep(0.1)
        began = time.monotonic()
        slow.close()
        assert time.monotonic() - began < 5
        with pytest.raises(PoolBroken):
            asked.result()


def test_without_workers_there_is_no_pool() -> None:
    with pytest.raises(ValueError, match="workers"):
        Pool(start, ping, workers=0, timeout_s=1.0)


def test_death_by_a_signal_is_told_from_death_by_the_request() -> None:
    assert ChildDied("", -9).killed_from_outside
    assert ChildDied("", 143).killed_from_outside
    assert not ChildDied("", 1).killed_from_outside
    assert not ChildDied("", -6).killed_from_outside
    assert not ChildDied("", None).killed_from_outside
