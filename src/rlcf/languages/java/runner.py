"""Runs Java programs, their tests included: compiled on the warm servers, run in sandboxed virtual machines.

A program that names nothing but what is harmless (`harness/Harmless.java`) shares a warm machine with others, one at a
time; any other gets a machine of its own. What a program prints, and how it leaves, cannot say that it passed.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from rlcf.languages.base import Checker, Runner
from rlcf.languages.java.checker import verdict_of
from rlcf.languages.java.machines import Classes, Limits, OwnMachines, WarmMachines
from rlcf.languages.java.server import CompileServers, Reply
from rlcf.records import Execution, Program, Verdict
from rlcf.workers.pool import Lost

_COMPILE_TIMEOUT_S = 30.0
_SMALLEST_MEMORY_MIB = 16
_TURN = 2048
"""Programs compiled before they are run, to bound what is held in memory."""


class JavaRunner(Runner, Checker):
    """Compilers, and two kinds of machines; at most `workers` programs run at a time."""

    def __init__(
        self,
        workers: int = 2,
        timeout_s: float = 10.0,
        memory_mib: int = 512,
        sandbox: bool = True,
        share: bool = True,
    ) -> None:
        """Starts the compilers and the warm machines.

        Args:
            workers: compilers, and programs that run at a time.
            timeout_s: seconds of wall time for each run.
            memory_mib: MiB of heap for each run.
            sandbox: `False` runs programs unprotected.
            share: `False` gives every program a machine of its own.

        Raises:
            CheckerUnavailable: there is no usable JDK.
            SandboxUnavailable: `sandbox` is asked for and cannot be had.
        """
        if memory_mib < _SMALLEST_MEMORY_MIB:
            raise ValueError(f"memory_mib must be at least {_SMALLEST_MEMORY_MIB}, not {memory_mib}")
        limits = Limits(timeout_s, memory_mib, sandbox)
        self._own = OwnMachines(limits)
        self._warm = WarmMachines(workers, limits) if share else None
        self._servers = CompileServers(workers, max(timeout_s, _COMPILE_TIMEOUT_S))
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="run-java")

    def run(self, sources: Sequence[str | Program]) -> list[Execution]:
        executions: list[Execution] = []
        texts = [s.source if isinstance(s, Program) else s for s in sources]
        for start in range(0, len(texts), _TURN):
            executions += self._turn(texts[start : start + _TURN])
        return executions

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        """Verdicts by the runner's own compilers, for who needs both: they are started and warmed up a single time."""
        return [verdict_of(reply) for reply in self._servers.ask(sources, "check")]

    def close(self) -> None:
        if self._warm is not None:
            self._warm.close()
        self._servers.close()
        self._threads.shutdown(cancel_futures=True)

    def _turn(self, sources: Sequence[str]) -> list[Execution]:
        replies = self._servers.ask(sources, "compile")
        verdicts = [verdict_of(reply) for reply in replies]
        programs = {i: _classes(r) for i, r in enumerate(replies) if not isinstance(r, Lost) and r["accepted"]}
        ran = self._run(programs)
        return [replace(ran[i], verdict=v) if i in ran else _refused(v) for i, v in enumerate(verdicts)]

    def _run(self, programs: Mapping[int, Classes]) -> dict[int, Execution]:
        """What each program came to, on warm machines first."""
        warm = self._warm.run(list(programs.values())) if self._warm is not None else [None] * len(programs)
        ran = {i: execution for i, execution in zip(programs, warm, strict=True) if execution is not None}
        left = [i for i in programs if i not in ran]
        runs = [self._threads.submit(self._own.run, programs[i]) for i in left]
        try:
            return ran | {i: run.result() for i, run in zip(left, runs, strict=True)}
        finally:
            for run in runs:
                run.cancel()


def _classes(reply: Reply) -> Classes:
    return {name: base64.b64decode(code) for name, code in reply["classes"].items()}


def _refused(verdict: Verdict) -> Execution:
    """The execution of a program that the compiler gave no classes for."""
    if verdict.status == "timeout":
        return Execution("timeout", "the compiler did not come to an end", verdict=verdict)
    first = verdict.diagnostics[0]
    message = first.message.splitlines()[0] if first.message else ""
    return Execution("rejected", f"line {first.line}: {message}", verdict=verdict)
