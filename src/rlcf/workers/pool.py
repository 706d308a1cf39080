"""N children that share the work, and what happens when one of them dies.

Every child is served by a thread of its own. The threads take small batches of requests from one queue; a batch goes to
the child as a whole and is answered item by item, so neither side waits for the other.

A child that dies or exceeds the time-out is killed with its process group and replaced. What it has answered stands.
The first request without an answer is the suspect: it is sent again alone, to a fresh child that has answered a ping
first, so that no request is charged with what another one, a broken child or the machine did. A request that exceeds
the time-out alone gets `Unanswered("timeout")`; one that ends two fresh children in a row, alone, gets
`Unanswered("crash")`. A child that was killed from outside (by somebody, or by the kernel short of memory) says nothing
about its request. The rest of the batch goes on. When no child can be started that answers a ping, or children keep
being killed from outside, the tool is broken: `map` raises `PoolBroken`, and no request gets another one's answer.
"""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

from rlcf.workers.child import Child, ChildDied, ChildTimeout
from rlcf.workers.limits import require_limits

_STARTS = 3
"""How often a child is started before the tool counts as broken."""
_DEATHS_ALONE = 2
"""How many fresh children a request has to end, alone, before it counts as the cause."""
_DEATHS_FROM_OUTSIDE = 5
"""How often a request is sent again when its child was killed from outside."""
_START_TIMEOUT_S = 60.0
"""Seconds a fresh child has to answer the ping: a cold machine is slow."""


@dataclass(frozen=True, slots=True)
class Batching:
    """How many requests a child is given at once."""

    largest: int = 32
    each: int = 4
    """Into how many batches the share of a child is divided, so that those that finish first help the others."""

    def size(self, requests: int, workers: int) -> int:
        """Of a batch, where so many requests come together."""
        return max(1, min(self.largest, -(-requests // (self.each * workers))))


_BATCHING = Batching()


class PoolBroken(Exception):
    """No child can be kept alive; says nothing about the requests."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """What a request gets that no child answered."""

    reason: Literal["timeout", "crash"]
    detail: str


Answer = bytes | Unanswered


_Batch = tuple[Sequence[bytes], Future[list[Answer]]]


class Pool:
    """`workers` children that answer requests; see the module's text. Close it to end them."""

    def __init__(
        self,
        start: Callable[[], Child],
        ping: Callable[[Child, float], None],
        workers: int,
        timeout_s: float,
        batching: Batching = _BATCHING,
    ) -> None:
        """Starts the children in the background: the first request need not wait for all of them.

        Args:
            start: starts one child; may raise `OSError`.
            ping: sends a harmless request to a fresh child and warms it up, within the seconds given; raises
                `ChildDied` or `ChildTimeout`.
            workers: how many children.
            timeout_s: seconds for each request.
            batching: how many requests a child is given at once.

        Raises:
            ValueError: the number of workers or the time-out cannot be meant.
        """
        require_limits(workers, timeout_s)
        self._workers, self._timeout_s = workers, timeout_s
        self._start, self._ping, self._batching = start, ping, batching
        self._batches: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._children: set[Child] = set()
        self._threads = [threading.Thread(target=self._serve, name=f"pool-{i}", daemon=True) for i in range(workers)]
        for thread in self._threads:
            thread.start()

    def map(self, payloads: Sequence[bytes]) -> list[Answer]:
        """The answers to `payloads`, in their order. Blocks; safe to call from several threads.

        Raises:
            PoolBroken: the children cannot be kept alive, or the pool is closed.
        """
        return list(self.stream(payloads))

    def stream(self, payloads: Sequence[bytes]) -> Iterator[Answer]:
        """As `map`, each answer as soon as it is there: what is made of it is made while the children go on."""
        size = self._batching.size(len(payloads), self._workers)
        batches: list[_Batch] = [(payloads[at : at + size], Future()) for at in range(0, len(payloads), size)]
        with self._lock:
            if self._closed.is_set():
                raise PoolBroken("it is closed")
            for batch in batches:
                self._batches.put(batch)
        futures = [answers for _, answers in batches]
        try:
            for future in futures:
                yield from future.result()
        finally:
            for future in futures:
                future.cancel()  # after an error or an interrupt the rest is not needed

    def pids(self) -> list[int]:
        """The process ids of the children that live now."""
        with self._lock:
            return [child.pid for child in self._children]

    def close(self) -> None:
        """Kills the children and ends the threads; safe to call twice."""
        with self._lock:
            self._closed.set()
            for child in self._children:
                child.kill()  # its thread sees it end, and closes it
        for _ in self._threads:
            self._batches.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        """A thread's life: one child after the other, one batch after the other."""
        worker = _Worker(self)
        with contextlib.suppress(PoolBroken):  # where that cannot be, the first request raises it
            worker.child()
        while (batch := self._batches.get()) is not None:
            payloads, answers = batch
            if not answers.set_running_or_notify_cancel():
                continue
            try:
                answers.set_result(worker.answer(payloads))
            except BaseException as error:  # the waiting thread raises it, whatever it is
                answers.set_exception(error)
        worker.drop()


class _Worker:
    """One thread's child, and the rules for replacing it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._child: Child | None = None

    def answer(self, payloads: Sequence[bytes]) -> list[Answer]:
        """One answer for each payload, in order, whatever happens to the children."""
        answers: list[Answer] = []
        while len(answers) < len(payloads):
            try:
                for reply in self.child().request_all(payloads[len(answers) :], self._pool._timeout_s):
                    answers.append(reply)
            except (ChildDied, ChildTimeout):
                self.drop()
                answers.append(self._answer_alone(payloads[len(answers)]))
        return answers

    def _answer_alone(self, payload: bytes) -> Answer:
        """Sends a suspect to fresh children until it is answered or counts as the cause."""
        deaths = {True: 0, False: 0}  # from outside or not
        while True:
            self.drop()
            try:
                return self.child().request(payload, self._pool._timeout_s)
            except ChildTimeout as error:
                self.drop()
                return Unanswered("timeout", str(error))
            except ChildDied as error:
                self.drop()
                deaths[error.killed_from_outside] += 1
                if deaths[False] == _DEATHS_ALONE:
                    return Unanswered("crash", str(error))
                if deaths[True] == _DEATHS_FROM_OUTSIDE:
                    raise PoolBroken(f"killed from outside again and again: {error}") from error

    def child(self) -> Child:
        """The child that lives, or a new one that has answered the ping."""
        if self._child is not None:
            return self._child
        failure: Exception | None = None
        for _ in range(_STARTS):
            if self._pool._closed.is_set():
                raise PoolBroken("it is closed")
            try:
                self._child = self._pool._start()
                with self._pool._lock:
                    self._pool._children.add(self._child)
                    if self._pool._closed.is_set():
                        self._child.kill()  # `close` has not seen it
                self._pool._ping(self._child, _START_TIMEOUT_S)
                return self._child
            except (OSError, ChildDied, ChildTimeout) as error:
                self.drop()
                failure = error
        raise PoolBroken(str(failure)) from failure

    def drop(self) -> None:
        """Kills the child, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            child.close()
            with self._pool._lock:
                self._pool._children.discard(child)
