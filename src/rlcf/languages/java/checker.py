"""Verdicts on Java programs, from the JDK's compiler kept warm."""

from __future__ import annotations

from collections.abc import Sequence

from rlcf.config.languages import JavaOptions
from rlcf.languages.base import Checker
from rlcf.languages.java.server import CompileServers, Reply
from rlcf.records import Diagnostic, MethodFacts, Slice, Verdict
from rlcf.workers.pool import Lost

CRASHED = "rlcf.err.compiler.crashed"
"""The code of a program over which the compiler itself breaks, again and again, while its neighbours do not
matter."""


class JavaChecker(Checker):
    """`javac`'s verdicts without files; a program is taken for a file of the name its public class asks
    for."""

    def __init__(self, workers: int = 2, timeout_s: float = 10.0, options: JavaOptions | None = None) -> None:
        """Starts `workers` compilers; `timeout_s` is seconds for each program.

        Raises:
            CheckerUnavailable: there is no usable JDK.
            UserError: the options name a path that is not there, or a release the JDK does not know.
        """
        self._servers = CompileServers(workers, timeout_s, options)

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        return [verdict_of(reply) for reply in self._servers.ask(sources, "check")]

    def pids(self) -> list[int]:
        """The process ids of the compilers that live now."""
        return self._servers.pids()

    def close(self) -> None:
        self._servers.close()


def verdict_of(reply: Reply | Lost) -> Verdict:
    """The verdict that a compile server's reply means."""
    if isinstance(reply, Lost):
        if reply.reason == "timeout":
            return Verdict("timeout")
        return Verdict("rejected", (Diagnostic(CRASHED, "error", f"the compiler broke: {reply.detail}", 0, 0),))
    return Verdict(
        "accepted" if reply["accepted"] else "rejected",
        tuple(
            Diagnostic(code, "error", message, line, column, offset if offset >= 0 else None)
            for code, message, line, column, offset in reply["errors"]
        ),
        tuple(_method(*facts) for facts in reply["methods"]),
        tuple(reply["types"]),
    )


def _method(
    name: str,
    offset: int,
    statements: int,
    parameters: list[str],
    parameters_read: list[str],
    returns_literal: bool,
    calls: list[str],
    nesting: int,
    outcome: tuple[int, list[str], bool, bool] | None,
) -> MethodFacts:
    return MethodFacts(
        name,
        offset,
        statements,
        tuple(parameters),
        tuple(parameters_read),
        returns_literal,
        tuple(calls),
        nesting,
        outcome and Slice(outcome[0], tuple(outcome[1]), *outcome[2:]),
    )
