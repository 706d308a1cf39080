"""A cache of verdicts: the rollouts of a task repeat themselves, and a verdict is a function of the source."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar

from rlcf.languages.base import Checker
from rlcf.records import Program, Verdict

Asked = TypeVar("Asked")


class CachingChecker(Checker):
    """A least-recently-used cache of `capacity` verdicts in front of `checker`, which it closes with itself.

    A time-out is not cached: the machine may have been busy.
    """

    def __init__(self, checker: Checker, capacity: int = 65_536) -> None:
        self._checker = checker
        self._capacity = capacity
        self._cache: OrderedDict[bytes, Verdict] = OrderedDict()
        self._lock = threading.Lock()
        self.cache_hits = 0
        """Verdicts given so far without a request to the compiler; a repetition within one call is one, too."""

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        return self._looked_up([_digest(s) for s in sources], sources, self._checker.check)

    def check_programs(self, programs: Sequence[Program]) -> list[Verdict]:
        keys = [_digest(p.source, f"{p.start} {p.end} {p.path or ''}") for p in programs]
        return self._looked_up(keys, programs, self._checker.check_programs)

    def _looked_up(
        self, keys: Sequence[bytes], asked: Sequence[Asked], check: Callable[[list[Asked]], list[Verdict]]
    ) -> list[Verdict]:
        with self._lock:
            verdicts = {key: self._cache[key] for key in keys if key in self._cache}
        misses = {key: each for key, each in zip(keys, asked, strict=True) if key not in verdicts}
        if misses:
            verdicts |= zip(misses, check(list(misses.values())), strict=True)
        with self._lock:
            self.cache_hits += len(asked) - len(misses)
            self._store(keys, verdicts)
        return [verdicts[key] for key in keys]

    def _store(self, keys: Sequence[bytes], verdicts: dict[bytes, Verdict]) -> None:
        for key in keys:
            if verdicts[key].status != "timeout":
                self._cache[key] = verdicts[key]
                self._cache.move_to_end(key)
        while len(self._cache) > self._capacity:
            self._cache.popitem(last=False)

    def close(self) -> None:
        self._checker.close()


def _digest(source: str, where: str = "") -> bytes:
    return hashlib.sha256(f"{where}\0{source}".encode("utf-8", "surrogatepass")).digest()
