"""Verdicts on Java programs, from the JDK's compiler kept warm."""

from collections.abc import Mapping, Sequence
from typing import Any

from rlcf.config.languages import JavaOptions
from rlcf.languages.base import Checker
from rlcf.languages.java.compile_server import CompileServers, Reply
from rlcf.records import Diagnostic, MethodFacts, Program, Slice, Verdict
from rlcf.workers.pool import Unanswered

CRASHED = "rlcf.err.compiler.crashed"
"""The code of a program that makes the compiler itself break, each time and in a fresh process."""


class JavaChecker(Checker):
    """`javac`'s verdicts without files; a program is taken for a file with the name of its public class."""

    def __init__(self, workers: int = 2, timeout_s: float = 10.0, options: JavaOptions | None = None) -> None:
        """See `Language.checker`."""
        self._servers = CompileServers(workers, timeout_s, options)

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        return [verdict_of(reply) for reply in self._servers.check(sources)]

    def check_programs(self, programs: Sequence[Program]) -> list[Verdict]:
        return [verdict_of(reply) for reply in self._servers.check_programs(programs)]

    def pids(self) -> list[int]:
        """The process ids of the compilers that live now."""
        return self._servers.pids()

    def close(self) -> None:
        self._servers.close()


def verdict_of(reply: Reply | Unanswered) -> Verdict:
    """The verdict that a compile server's reply means."""
    if isinstance(reply, Unanswered):
        if reply.reason == "timeout":
            return Verdict("timeout")
        return Verdict("rejected", (Diagnostic(CRASHED, "error", f"the compiler broke: {reply.detail}", 0, 0),))
    return Verdict(
        "accepted" if reply["accepted"] else "rejected",
        tuple(_diagnostic(error) for error in reply["errors"]),
        tuple(_method(facts) for facts in reply["methods"]),
        tuple(reply["types"]),
    )


def _diagnostic(error: Mapping[str, Any]) -> Diagnostic:
    offset = error["offset"] if error["offset"] >= 0 else None
    return Diagnostic(error["code"], "error", error["message"], error["line"], error["column"], offset)


def _method(facts: Mapping[str, Any]) -> MethodFacts:
    part = facts["slice"]
    return MethodFacts(
        name=facts["name"],
        offset=facts["offset"],
        statements=facts["statements"],
        parameters=tuple(facts["parameters"]),
        parameters_read=tuple(facts["parameters_read"]),
        returns_literal=facts["returns_literal"],
        calls=tuple(facts["calls"]),
        nesting=facts["nesting"],
        slice=part and Slice(part["statements"], tuple(part["parameters"]), part["outside"], part["computes"]),
    )
