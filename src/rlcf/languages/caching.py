"""A cache of verdicts: the rollouts of a task repeat themselves, and a verdict is a function of the source."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

from rlcf.languages.base import Checker
from rlcf.records import Verdict


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
        keys = [hashlib.sha256(s.encode("utf-8", "surrogatepass")).digest() for s in sources]
        with self._lock:
            verdicts = {key: self._cache[key] for key in keys if key in self._cache}
        misses = {key: source for key, source in zip(keys, sources, strict=True) if key not in verdicts}
        if misses:
            verdicts |= zip(misses, self._checker.check(list(misses.values())), strict=True)
        with self._lock:
            self.cache_hits += len(sources) - len(misses)
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
