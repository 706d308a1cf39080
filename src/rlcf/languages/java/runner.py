"""Runs Java programs, their tests included: compiled on the warm servers, run in sandboxed virtual machines.

A program that names nothing but what is harmless (`harness/Harmless.java`) shares a warm machine with others, one at a
time; any other gets a machine of its own. What a program prints, and its exit code, do not count.
"""

import base64
from collections.abc import Sequence
from dataclasses import replace

from rlcf.languages.base import Checker, Runner
from rlcf.languages.java.checker import verdict_of
from rlcf.languages.java.compile_server import CompileServers, Reply
from rlcf.languages.java.ends import is_in_prose
from rlcf.languages.java.machines import Compiled, Limits, Machines
from rlcf.records import Execution, Program, Verdict
from rlcf.workers.limits import require_limits
from rlcf.workers.pool import Unanswered

_COMPILE_TIMEOUT_S = 30.0
_MIN_MEMORY_MIB = 16
_BATCH = 2048
"""Programs compiled before they are run, to bound what is held in memory."""


class JavaRunner(Runner, Checker):
    """Compilers, and two kinds of machines; at most `workers` programs run at a time."""

    def __init__(
        self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True, share: bool = True
    ) -> None:
        """Starts the compilers and the warm machines; `share=False` gives every program a machine of its own.

        `timeout_s` (wall time) and `memory_mib` (heap) are for each run. The errors are those of `Language.runner`, and
        `ValueError` for a number out of its range.
        """
        require_limits(workers, timeout_s, memory_mib, _MIN_MEMORY_MIB)
        self._machines = Machines(workers, Limits(timeout_s, memory_mib, sandbox), share)
        self._servers = CompileServers(workers, max(timeout_s, _COMPILE_TIMEOUT_S))

    def run(self, sources: Sequence[str | Program]) -> list[Execution]:
        programs = [Program(source) if isinstance(source, str) else source for source in sources]
        executions: list[Execution] = []
        for start in range(0, len(programs), _BATCH):
            executions += self._batch(programs[start : start + _BATCH])
        return executions

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        """Verdicts by the runner's own compilers, for who needs both: they are started and warmed up a single time."""
        return [verdict_of(reply) for reply in self._servers.check(sources)]

    def close(self) -> None:
        self._machines.close()
        self._servers.close()

    def _batch(self, programs: Sequence[Program]) -> list[Execution]:
        replies = self._servers.compile(programs)
        verdicts = [verdict_of(reply) for reply in replies]
        executions: dict[int, Execution] = {}
        compiled: dict[int, Compiled] = {}
        for i, reply in enumerate(replies):
            if isinstance(reply, Unanswered) or not reply["accepted"]:
                executions[i] = Execution.not_run(verdicts[i])
            elif objection := reply["objection"] or _test_hidden(programs[i]):
                executions[i] = Execution("error", objection)
            else:
                compiled[i] = compiled_of(reply)
        ran = self._machines.run(list(compiled.values()))
        executions |= {i: each.execution for i, each in zip(compiled, ran, strict=True)}
        return [replace(executions[i], verdict=verdict) for i, verdict in enumerate(verdicts)]


def compiled_of(reply: Reply) -> Compiled:
    """The program in a compile server's reply."""
    return Compiled(reply["main"], {name: base64.b64decode(code) for name, code in reply["classes"].items()})


def _test_hidden(program: Program) -> str | None:
    """What to object where a comment or a string of the program goes on in its test."""
    if program.test_start is None or not is_in_prose(program.source, program.test_start):
        return None
    return "a comment or a string of the completion goes on in the test"
