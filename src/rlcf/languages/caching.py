"""A checker that asks another one, and each program only once.

The rollouts of a task repeat themselves, and a verdict is a function of the source, so what was asked before need not
be asked again. A time-out is forgotten: the machine may have been busy.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

from rlcf.languages.base import Checker
from rlcf.records import Verdict


class RememberingChecker(Checker):
    """Keeps the verdicts of the last `capacity` different programs. Owns `checker` and closes it."""

    def __init__(self, checker: Checker, capacity: int = 65_536) -> None:
        self._checker = checker
        self._capacity = capacity
        self._known: OrderedDict[bytes, Verdict] = OrderedDict()
        self._lock = threading.Lock()
        self.remembered = 0
        """Verdicts given so far that the compiler was not asked for."""

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        keys = [hashlib.sha256(s.encode("utf-8", "surrogatepass")).digest() for s in sources]
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
        new = {key: source for key, source in zip(keys, sources, strict=True) if key not in found}
        answers = dict(zip(new, self._checker.check(list(new.values())), strict=True)) if new else {}
        with self._lock:
            self.remembered += len(sources) - len(new)
            self._keep(keys, found | answers)
        return [answers[key] if key in answers else found[key] for key in keys]

    def _keep(self, keys: Sequence[bytes], verdicts: dict[bytes, Verdict]) -> None:
        """Puts what was asked for last at the end, and drops what has not been asked for longest."""
        for key in keys:
            if verdicts[key].status != "timeout":
                self._known[key] = verdicts[key]
                self._known.move_to_end(key)
        while len(self._known) > self._capacity:
            self._known.popitem(last=False)

    def close(self) -> None:
        self._checker.close()
