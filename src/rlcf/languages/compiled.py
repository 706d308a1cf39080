"""Runs programs of compiled languages with their tests: two programs are built, and run in two sandboxed processes.

The test's program has the task's own text, with functions that call those of the other process. Of the completion it
has names and types of functions at most. Plain data goes over the channel. So nothing that a completion does in its own
process, to its memory, its files or its output, can make a test pass: it can only answer calls. Programs may use all of
their language, and no language has to keep its promises about memory.
"""

from __future__ import annotations

import functools
import hashlib
import secrets
import tempfile
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from rlcf.errors import CheckerUnavailable
from rlcf.languages.base import Runner
from rlcf.languages.paired import PairedProcesses, sandboxed
from rlcf.records import Execution, Program, Verdict
from rlcf.workers.command import run_command
from rlcf.workers.limits import require_limits
from rlcf.workers.sandbox import find_sandbox

_MIN_MEMORY_MIB = 16
_LARGEST_PROGRAM = 64 << 20
_BUILD_TIMEOUT_S = 60.0
_BUILD_MEMORY_MIB = 4096
_KEPT = 64
"""How many tests stay built: the completions of a task share theirs."""
_PROGRAM = 'exec "$@" 7<&0 8>&1 </dev/null >/dev/null'
_JUDGE = 'exec "$@" 7<&0 8>&1 9>&2 </dev/null >/dev/null 2>/dev/null'
"""Descriptors of the harness: messages come in by 7 and go out by 8, and the test tells by 9 how it ended."""


@dataclass(frozen=True, slots=True)
class Division:
    """A program and its test, as two programs: the texts of their files."""

    program: tuple[str, ...]
    judge: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Build:
    """How a program is built."""

    shell: str
    """Commands; `$0` is the program to be written, `$@` are the files."""
    readable: tuple[Path, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


class CompiledRunner(Runner):
    """At most `workers` programs are built or run at a time."""

    tool: ClassVar[str]
    """What does not start, in messages."""
    suffix: ClassVar[str]
    """Of the files of a program."""
    no_memory: ClassVar[tuple[bytes, ...]]
    """What a process writes that has no memory left."""
    overhead_mib: ClassVar[int] = 64
    """What a process takes that does nothing."""

    def __init__(self, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        """See `Language.runner`."""
        require_limits(workers, timeout_s, memory_mib, _MIN_MEMORY_MIB)
        if sandbox:
            find_sandbox()
        self._memory_mib, self._sandbox = memory_mib + self.overhead_mib, sandbox
        self._processes = PairedProcesses(self.tool, timeout_s, self._is_out_of_memory)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=self.tool)
        self._folder = tempfile.TemporaryDirectory(prefix="rlcf-tests-")
        self._judge = functools.lru_cache(_KEPT)(self._built_judge)

    @abstractmethod
    def divide(self, programs: Sequence[Program]) -> list[tuple[Verdict, Division | str]]:
        """The verdict on each program together with its test, and what runs them; or why they cannot be run."""

    @abstractmethod
    def build(self, is_judge: bool) -> Build:
        """How the files of a division become a program."""

    def run(self, sources: Sequence[str | Program]) -> list[Execution]:
        programs = [self.with_known_test(source) if isinstance(source, str) else source for source in sources]
        ran = [self._threads.submit(self._run, *each) for each in self.divide(programs)]
        try:
            return [each.result() for each in ran]
        finally:
            for each in ran:
                each.cancel()

    @abstractmethod
    def with_known_test(self, source: str) -> Program:
        """A program of which it is known where its test starts."""

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._folder.cleanup()

    def _run(self, verdict: Verdict, division: Division | str) -> Execution:
        if not verdict.accepted:
            return replace(Execution.not_run(verdict), verdict=verdict)
        if isinstance(division, str):
            return Execution("error", division, verdict=verdict)
        with tempfile.TemporaryDirectory(prefix="rlcf-run-") as folder:
            try:
                judge = self._judge(division.judge)
                own = self._built(division.program, Path(folder), is_judge=False)
            except _NotBuilt as error:
                return Execution("error", str(error), verdict=verdict)
            ran = self._processes.run(self._command(_PROGRAM, own), self._command(_JUDGE, judge), Path(folder))
            return replace(ran, verdict=verdict)

    def _command(self, shell: str, program: Path) -> list[str]:
        limited = sandboxed([str(program)], [program], self._memory_mib, self._sandbox)
        return ["/bin/sh", "-c", shell, "sh", *limited]

    def _is_out_of_memory(self, written: bytes) -> bool:
        return any(mark in written for mark in self.no_memory)

    def _built_judge(self, files: tuple[str, ...]) -> Path:
        folder = Path(self._folder.name) / hashlib.sha256("\0".join(files).encode("utf-8", "replace")).hexdigest()[:16]
        folder.mkdir(exist_ok=True)
        return self._built(files, folder, is_judge=True)

    def _built(self, files: Sequence[str], folder: Path, is_judge: bool) -> Path:
        """The program that files make, written into a folder."""
        part = "judge" if is_judge else "program"
        paths = [folder / f"{part}{number}{self.suffix}" for number in range(len(files))]
        for path, text in zip(paths, files, strict=True):
            path.write_bytes(text.encode("utf-8", "surrogatepass"))
        build, mark, target = self.build(is_judge), secrets.token_hex(16).encode(), folder / part
        inside = Path("/tmp/built") if self._sandbox else folder / "built"
        shell = f'echo {mark.decode()}; {build.shell} && cat "$0"'
        command = ["/bin/sh", "-c", shell, str(inside), *map(str, paths)]
        if self._sandbox:
            sandbox = replace(find_sandbox(), filter=None)  # a compiler starts its linker
            shells = [Path("/bin/sh"), Path("/bin/cat")]
            seen = dict.fromkeys([*shells, *(each.resolve() for each in shells), *build.readable, folder])
            command = sandbox.command(command, list(seen), _BUILD_MEMORY_MIB, environment=build.environment)
        done = run_command(
            command,
            b"",
            timeout_s=_BUILD_TIMEOUT_S,
            ready_mark=mark,
            start_timeout_s=_BUILD_TIMEOUT_S,
            environment={} if self._sandbox else build.environment,
            kept_bytes=_LARGEST_PROGRAM,
        )
        if not done.ready:
            raise CheckerUnavailable(f"{self.tool} does not start: {done.output[-300:].decode('utf-8', 'replace')}")
        written = done.output.partition(mark + b"\n")[2]
        if done.returncode != 0:
            lines = written.decode("utf-8", "replace").strip().splitlines() or ["no message"]
            raise _NotBuilt(f"the {'test' if is_judge else 'program'} cannot be built: {lines[0][:300]}")
        target.write_bytes(written)
        target.chmod(0o755)
        return target


class _NotBuilt(Exception):
    """The compiler does not build what it has accepted; the message says why."""
