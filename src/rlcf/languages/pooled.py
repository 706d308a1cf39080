"""A checker made of a pool of warm children, each of which answers a source with its diagnostics."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from rlcf.errors import CheckerUnavailable
from rlcf.languages.base import Checker
from rlcf.records import Diagnostic, MethodFacts, Verdict
from rlcf.workers.child import Child, ChildDied
from rlcf.workers.pool import Answer, Batching, Pool, PoolBroken, Unanswered

_SURROGATE = re.compile("[\ud800-\udfff]")
_BATCHING = Batching()
CRASHED = "rlcf.crashed"
"""The code of a program that breaks the checker each time, alone and in a fresh process."""


class PooledChecker(Checker):
    """Starts the children, and makes verdicts of their answers."""

    tool: ClassVar[str]
    """What does not stay alive, in messages."""
    right: ClassVar[str]
    """A program that is right: a child that refuses it is replaced."""

    def __init__(
        self, start: Callable[[], Child], workers: int, timeout_s: float, batching: Batching = _BATCHING
    ) -> None:
        self._pool = Pool(start, self._ping, workers, timeout_s, batching)

    @abstractmethod
    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        """What an answer says of a source."""

    def ping_source(self) -> str:
        """A program that is right with the options that the checker has."""
        return self.right

    def encoded(self, source: str) -> bytes:
        """A source as a child reads it."""
        return source.encode("utf-8", "surrogatepass")

    def facts(self, source: str) -> tuple[MethodFacts, ...] | None:  # noqa: ARG002
        """Of an accepted program's functions; `None` where they are not known."""
        return None

    def told_facts(self, source: str, answer: bytes) -> tuple[MethodFacts, ...] | None:  # noqa: ARG002
        """As `facts`, where the answer has them."""
        return self.facts(source)

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        answers = self.answers([self.encoded(source) for source in sources])
        return [self._verdict(source, answer) for source, answer in zip(sources, answers, strict=True)]

    def answers(self, payloads: Sequence[bytes]) -> Iterator[Answer]:
        """What the children answer, in order; raises `CheckerUnavailable` where they do not stay alive."""
        try:
            yield from self._pool.stream(payloads)
        except PoolBroken as error:
            raise CheckerUnavailable(f"{self.tool} does not stay alive: {error}") from error

    def pids(self) -> list[int]:
        """The process ids of the children that live now."""
        return self._pool.pids()

    def close(self) -> None:
        self._pool.close()

    def _verdict(self, source: str, answer: bytes | Unanswered) -> Verdict:
        if isinstance(answer, Unanswered):
            return self.unanswered(answer)
        found = self.diagnostics(source, answer)
        if any(d.severity == "error" for d in found):
            return Verdict("rejected", found)
        return Verdict("accepted", found, self.told_facts(source, answer))

    def unanswered(self, answer: Unanswered) -> Verdict:
        """That on a program which got no answer."""
        if answer.reason == "timeout":
            return Verdict("timeout")
        return Verdict("rejected", (Diagnostic(CRASHED, "error", f"{self.tool} breaks down on it", 0, 0),))

    def _ping(self, child: Child, timeout_s: float) -> None:
        right = self.ping_source()
        answer = child.request(self.encoded(right), timeout_s)
        if any(d.severity == "error" for d in self.diagnostics(right, answer)):
            raise ChildDied(f"refuses a program that is right: {answer[:200]!r}", None)


def without_surrogates(source: str) -> bytes:
    """A source in UTF-8 with another character for each lone surrogate: there are tools that cannot be given one."""
    try:
        return source.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", source).encode()
