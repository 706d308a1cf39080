"""Runs SQL programs and compares their rows, in children in the sandbox that stay warm."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from rlcf.errors import CheckerUnavailable, SandboxUnavailable
from rlcf.languages.base import Checker, Runner
from rlcf.languages.serving import start_server
from rlcf.languages.sql.cases import NotATest, own_part, run_of, with_known_test
from rlcf.records import Execution, ExecutionStatus, Program
from rlcf.workers.child import Child
from rlcf.workers.limits import require_limits
from rlcf.workers.pool import Answer, Pool, PoolBroken, Unanswered
from rlcf.workers.sandbox import find_sandbox

_JUDGE = "rlcf.languages.sql.judge"
_MIN_MEMORY_MIB = 16
_GRACE_S = 5.0
"""How much later than its time-out a judge may say that a program exceeded it."""
_STATUSES: dict[str, ExecutionStatus] = {status: status for status in get_args(ExecutionStatus)}


class SqlRunner(Runner):
    """Each of `workers` children runs one program after the other, each in databases of its own."""

    def __init__(self, checker: Checker, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        """See `Language.runner`; `checker` gives the verdicts, on programs without their tests, and is closed with
        this."""
        require_limits(workers, timeout_s, memory_mib, _MIN_MEMORY_MIB)
        if sandbox:
            find_sandbox()
        self._checker, self._timeout_s, self._sandbox = checker, timeout_s, sandbox

        def start() -> Child:
            return start_server(_JUDGE, str(memory_mib), sandbox=sandbox)

        self._pool = Pool(start, _ping, workers, timeout_s + _GRACE_S)

    def run(self, sources: Sequence[str | Program]) -> list[Execution]:
        programs = [with_known_test(source) if isinstance(source, str) else source for source in sources]
        verdicts = self._checker.check([own_part(program) for program in programs])
        found: dict[int, Execution] = {}
        requests: dict[int, bytes] = {}
        for i, (program, verdict) in enumerate(zip(programs, verdicts, strict=True)):
            if not verdict.accepted:
                found[i] = Execution.not_run(verdict)
                continue
            try:
                requests[i] = json.dumps(run_of(program, self._timeout_s).as_json()).encode()
            except NotATest as error:
                found[i] = Execution("error", str(error))
        for i, answer in zip(requests, self._answers(list(requests.values())), strict=True):
            found[i] = self._execution(answer)
        return [replace(found[i], verdict=verdict) for i, verdict in enumerate(verdicts)]

    def close(self) -> None:
        self._pool.close()
        self._checker.close()

    def _answers(self, requests: Sequence[bytes]) -> list[Answer]:
        try:
            return self._pool.map(requests)
        except PoolBroken as error:
            kind = SandboxUnavailable if self._sandbox else CheckerUnavailable
            raise kind(f"the judge of SQL programs does not stay alive: {error}") from error

    def _execution(self, answer: Answer) -> Execution:
        if isinstance(answer, Unanswered):
            if answer.reason == "timeout":
                return Execution("timeout", f"still running after {self._timeout_s:g} s", self._timeout_s)
            return Execution("error", "it breaks SQLite down")
        status, detail, seconds = json.loads(answer)
        return Execution(_STATUSES[status], " ".join(detail.split())[:300], seconds)


def _ping(child: Child, timeout_s: float) -> None:
    case = {"given": "", "ask": "", "expect": "VALUES (1)"}
    request = {"context": "", "own": "SELECT 1", "cases": [case], "timeout_s": 10.0}
    child.request(json.dumps(request).encode(), timeout_s)
