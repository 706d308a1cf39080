"""Runs programs with their tests in two sandboxed processes: the program in one, its test in the other.

The test calls the program over a channel that carries plain data only: see `python/harness/judge.py`. So what passes is
what the test says, and no program can say it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, get_args

from rlcf.errors import SandboxUnavailable
from rlcf.languages.base import Checker, Runner
from rlcf.records import Execution, ExecutionStatus, Program
from rlcf.workers.limits import require_limits
from rlcf.workers.sandbox import find_sandbox

_READY = b"ready\n"
_START_S = 30.0
_ENDS_S = 1.0
_MIN_MEMORY_MIB = 16
_ERRORS_BYTES = 1 << 16
_LONGEST_DETAIL = 500
_STATUSES: dict[str, ExecutionStatus] = {status: status for status in get_args(ExecutionStatus)}


class PairedRunner(Runner):
    """At most `workers` programs run at a time."""

    tool: ClassVar[str]
    """What does not start, in messages."""
    suffix: ClassVar[str]
    """Of the files that program and test are written to."""
    memory_codes: ClassVar[frozenset[int]] = frozenset()
    """Exit codes of a process that has no memory left."""

    def __init__(self, checker: Checker, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        """See `Language.runner`; `checker` gives the verdicts, and is closed with this."""
        require_limits(workers, timeout_s, memory_mib, _MIN_MEMORY_MIB)
        if sandbox:
            find_sandbox()
        self._checker, self._memory_mib, self._sandbox = checker, memory_mib, sandbox
        self._processes = PairedProcesses(self.tool, timeout_s, codes=self.memory_codes)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=self.tool)

    @abstractmethod
    def with_known_test(self, source: str) -> Program:
        """A program of which it is known where its test starts."""

    @abstractmethod
    def commands(self, program: Program, own: Path, test: Path) -> tuple[list[str], list[str]]:
        """The commands that run the program in the file `own`, and the test in another folder."""

    def translated(self, own: str, test: str) -> tuple[str, str] | None:
        """What is run of a program and of its test; `None` where they cannot be translated."""
        return own, test

    def run(self, sources: Sequence[str | Program]) -> list[Execution]:
        programs = [self.with_known_test(source) if isinstance(source, str) else source for source in sources]
        verdicts = self._checker.check([program.source for program in programs])
        ran = [self._threads.submit(self._run, p) for p, v in zip(programs, verdicts, strict=True) if v.accepted]
        try:
            executions = iter([each.result() for each in ran])
        finally:
            for each in ran:
                each.cancel()
        return [
            replace(next(executions) if verdict.accepted else Execution.not_run(verdict), verdict=verdict)
            for verdict in verdicts
        ]

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._checker.close()

    def _run(self, program: Program) -> Execution:
        start = len(program.source) if program.test_start is None else program.test_start
        texts = self.translated(program.source[:start], program.source[start:])
        if texts is None:
            return Execution("error", "the program cannot be translated")
        with tempfile.TemporaryDirectory(prefix="rlcf-run-") as folder:
            own, test = (Path(folder) / name / f"{name}{self.suffix}" for name in ("program", "test"))
            for file, text in zip((own, test), texts, strict=True):
                file.parent.mkdir()
                file.write_bytes(text.encode("utf-8", "surrogatepass"))
            return self._processes.run(*self.commands(program, own, test), Path(folder))


@dataclass(frozen=True, slots=True)
class PairedProcesses:
    """A program's process, and that of its test, which tells on its standard error how it ended.

    That is a line `ready`, and then a line with a status and a detail, as JSON.
    """

    tool: str
    """What does not start, in messages."""
    timeout_s: float
    is_out_of_memory: Callable[[bytes], bool] = lambda _: False
    """Whether the beginning of what a program wrote on its standard error says that it had no memory left."""
    codes: frozenset[int] = frozenset()
    """Exit codes that say so."""

    def run(self, program: list[str], judge: list[str], folder: Path) -> Execution:
        """Starts both, each with the other one's output as its input, and waits for the test.

        Args:
            folder: a place for what the program writes on its standard error.
        """
        environment = {"PYTHONIOENCODING": "utf-8"}
        pipe, errors = subprocess.PIPE, folder / "errors"
        with errors.open("wb") as written:
            one = subprocess.Popen(
                program, stdin=pipe, stdout=pipe, stderr=written, env=environment, start_new_session=True
            )
        try:
            other = subprocess.Popen(
                judge, stdin=one.stdout, stdout=one.stdin, stderr=pipe, env=environment, start_new_session=True
            )
            try:
                told = self._told(other)
                if told.status == "error" and self._memory_ran_out(one, errors):
                    return replace(told, status="memory", detail="no memory left for the program")
                return told
            finally:
                end(other)
        finally:
            end(one)

    def _memory_ran_out(self, program: subprocess.Popen[bytes], errors: Path) -> bool:
        """Whether a program that has ended has ended for the memory it took."""
        try:
            code = program.wait(timeout=_ENDS_S)
        except subprocess.TimeoutExpired:
            return False
        with errors.open("rb") as written:
            return code in self.codes or self.is_out_of_memory(written.read(_ERRORS_BYTES))

    def _told(self, judge: subprocess.Popen[bytes]) -> Execution:
        """What the test's process tells before its time is over. The time counts from when it has started."""
        assert judge.stderr is not None
        told, began = bytearray(), time.monotonic()
        ready, deadline = False, began + _START_S
        poll = select.poll()
        poll.register(judge.stderr, select.POLLIN)
        while poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            data = os.read(judge.stderr.fileno(), 1 << 16)
            if not data:
                break
            told += data
            if not ready and told.startswith(_READY):
                ready, began = True, time.monotonic()
                deadline = began + self.timeout_s
        seconds = time.monotonic() - began
        if not ready:
            raise SandboxUnavailable(f"{self.tool} does not start: {told[-300:].decode('utf-8', 'replace').strip()}")
        line = bytes(told[len(_READY) :]).strip()
        if line:
            return _outcome(line, seconds)
        if seconds < self.timeout_s:
            return Execution("error", "the process of the test was ended", seconds)
        return Execution("timeout", f"still running after {self.timeout_s:g} s", seconds)


def _outcome(line: bytes, seconds: float) -> Execution:
    """What a line says that a test's process has written, or what has ended the process, which writes no such line."""
    try:
        status, detail = json.loads(line)
        return Execution(_STATUSES[status], str(detail), seconds)
    except (ValueError, KeyError, TypeError):
        written = " ".join(line.decode("utf-8", "replace").split())[:_LONGEST_DETAIL]
        return Execution("error", f"the process of the test was ended: {written}", seconds)


def sandboxed(command: list[str], readable: Sequence[Path], memory_mib: int, sandbox: bool) -> list[str]:
    """A command in the sandbox, where it sees no files but those named; without it where none is wanted."""
    return find_sandbox().command(command, list(readable), memory_mib) if sandbox else command


def end(process: subprocess.Popen[bytes]) -> None:
    """Kills a process with its group, and gives its pipes back; safe to call twice."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.close()
