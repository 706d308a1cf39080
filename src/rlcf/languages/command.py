"""Checkers that are commands: one process for each program, in a sandbox that sees the compiler and nothing else."""

from __future__ import annotations

import re
import secrets
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from rlcf.errors import CheckerUnavailable
from rlcf.languages.base import Checker
from rlcf.languages.places import Places
from rlcf.languages.pooled import CRASHED
from rlcf.records import Diagnostic, MethodFacts, Verdict
from rlcf.workers.command import run_command
from rlcf.workers.limits import require_limits
from rlcf.workers.sandbox import find_sandbox

_START_TIMEOUT_S = 60.0
_STARTS = 3
OUTPUT_BYTES = 1 << 25
UNREAD = "rlcf.unread"
"""The code of a program that is rejected although no error can be read in what was written."""
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Command:
    """A compiler's command line."""

    arguments: tuple[str, ...]
    """The program first, with its whole path. It runs in an empty folder that holds the source."""
    file: str
    """The name that the source has there, such as `main.rs`."""
    readable: tuple[Path, ...]
    """Files and folders that the compiler needs; the system's libraries need not be named."""
    environment: Mapping[str, str] = field(default_factory=dict)
    memory_mib: int = 4096
    output_bytes: int = OUTPUT_BYTES
    """Bytes of what the compiler writes that are read, from the start."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How the compiler ended."""

    status: int | None
    """Its exit status; `None` after the time-out."""
    written: str
    """What it wrote on both channels. Of an output that is cut, the first whole lines."""
    cut: bool
    """Whether it wrote more than is read."""


class CommandChecker(Checker):
    """Starts the compiler for each program, `workers` at a time."""

    tool: str
    """What does not work, in messages."""
    right: str
    """A program that is right: a compiler that refuses it does not work."""

    def __init__(self, command: Command, workers: int, timeout_s: float) -> None:
        require_limits(workers, timeout_s)
        self._command, self._timeout_s = command, timeout_s
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=self.tool)
        self._tried = self._threads.submit(self._try_out)
        self._closed = False

    @abstractmethod
    def diagnostics(self, source: str, output: str) -> tuple[Diagnostic, ...] | None:
        """What the compiler has written of a source; `None` where that is nothing it should have written."""

    def facts(self, source: str) -> tuple[MethodFacts, ...] | None:  # noqa: ARG002
        """Of its functions; `None` where they are not known."""
        return None

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        if self._closed:
            raise CheckerUnavailable(f"{self.tool} is closed")
        self._tried.result()
        return list(self._threads.map(self._run, sources))

    def close(self) -> None:
        self._closed = True
        self._threads.shutdown(cancel_futures=True)

    def _try_out(self) -> None:
        """Raises `CheckerUnavailable` where the compiler does not work."""
        right = self._run(self.right)
        if not right.accepted:
            first = right.diagnostics[0].message if right.diagnostics else "it does not come to an end"
            raise CheckerUnavailable(f"{self.tool} refuses a program that is right: {first}")

    def _run(self, source: str) -> Verdict:
        """The verdict on one program. A compiler that neither accepts nor says why is started again."""
        written = ""
        for _ in range(_STARTS):
            ended = self._started(source)
            if ended.status is None:
                return Verdict("timeout")
            verdict = self.verdict(source, ended)
            if verdict is not None:
                return verdict
            written = ended.written
        last = (written.strip().splitlines() or ["nothing"])[-1][:300]
        if source != self.right and self._run(self.right).accepted:  # so it is the program that ends the compiler
            message = f"{self.tool} breaks down on it and writes: {last}"
            return Verdict("rejected", (Places(source).diagnostic(CRASHED, "error", message, None),))
        raise CheckerUnavailable(f"{self.tool} ended with an error and no diagnostic; it wrote: {last}")

    def verdict(self, source: str, ended: Ended) -> Verdict | None:
        """What an exit status and what was written say of a program; `None` where they say nothing."""
        found = self.diagnostics(source, ended.written)
        if found is None:
            return None
        if any(d.severity == "error" for d in found):
            return Verdict("rejected", found, self.facts(source))
        return self.without_errors(source, ended, found) if ended.status == 0 else None

    def without_errors(self, source: str, ended: Ended, found: tuple[Diagnostic, ...]) -> Verdict:
        """That on a program in which no error was read: what was not read may hold one."""
        if not ended.cut:
            return Verdict("accepted", found, self.facts(source))
        read = f"{self.tool} writes more than the {self._command.output_bytes >> 10} KiB that are read"
        unread = Places(source).diagnostic(UNREAD, "error", f"{read}, and no error in these", None)
        return Verdict("rejected", (unread, *found), self.facts(source))

    def _started(self, source: str) -> Ended:
        mark = secrets.token_hex(16)
        command = self._command
        shell = f'cat > "$0" && echo {mark} && exec "$@"'
        program = ["/bin/sh", "-c", shell, command.file, *command.arguments]
        readable = [Path("/bin/sh"), Path("/bin/sh").resolve(), Path("/bin/cat"), Path("/bin/cat").resolve()]
        sandbox = replace(find_sandbox(), filter=None)  # a compiler may start processes: its linker, its back end
        seen = list(dict.fromkeys([*readable, *command.readable]))
        environment = {"PATH": "/usr/bin:/bin", **command.environment}
        sandboxed = sandbox.command(program, seen, command.memory_mib, environment=environment)
        ended = run_command(
            sandboxed,
            _SURROGATE.sub("\ufffd", source).encode(),
            timeout_s=self._timeout_s,
            ready_mark=mark.encode(),
            start_timeout_s=_START_TIMEOUT_S,
            environment={},
            kept_bytes=command.output_bytes,
            keeps_head=True,
        )
        if not ended.ready:
            raise CheckerUnavailable(f"{self.tool} does not start: {ended.output[-300:].decode('utf-8', 'replace')}")
        written = ended.output.partition(mark.encode() + b"\n")[2]
        if ended.cut:
            written = written[: written.rfind(b"\n") + 1]
        return Ended(ended.returncode, written.decode("utf-8", "replace"), ended.cut)
