"""Single calls from many threads and event loops → batches for one function."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Gatherer(Generic[Item, Result]):
    """Gives what was submitted within a short time to a function, as one batch, in a thread of its own.

    The next batch gathers while one is worked on. A call that is cancelled before its batch begins is left out of it.

    Args:
        function: returns a result, or the exception to raise, for each item of a batch. What it raises itself is raised
            by all calls of the batch.
        window_s: how long a batch waits for further calls.
        max_batch: the greatest number of items in a batch.
    """

    def __init__(
        self,
        function: Callable[[Sequence[Item]], Sequence[Result | Exception]],
        window_s: float = 0.02,
        max_batch: int = 128,
    ) -> None:
        self._function, self._window_s, self._max_batch = function, window_s, max_batch
        self._waiting: deque[tuple[Item, Future[Result]]] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rlcf")

    def submit(self, item: Item) -> Future[Result]:
        """The future result of one call; an event loop awaits `asyncio.wrap_future` of it."""
        future: Future[Result] = Future()
        self._waiting.append((item, future))
        self._thread.submit(self._work)  # a turn for each call; those that come to an empty list do nothing
        return future

    def close(self) -> None:
        """Ends the thread after the calls submitted so far."""
        self._thread.shutdown()

    def _work(self) -> None:
        if self._waiting and len(self._waiting) < self._max_batch:
            time.sleep(self._window_s)
        taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._max_batch))]
        batch = [(item, future) for item, future in taken if future.set_running_or_notify_cancel()]
        results: Sequence[Result | Exception]
        try:
            results = self._function([item for item, _ in batch]) if batch else []
        except Exception as error:
            results = [error] * len(batch)
        for (_, future), result in zip(batch, results, strict=True):
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
