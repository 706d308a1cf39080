"""Runs Java programs, their tests included: compiled on the warm servers, each run in a fresh, sandboxed JVM.

A program passes only if its `main` returned and the harness around it then said so with a number drawn for
this run; what the program prints, and how it leaves, cannot say it. See `harness/RunHarness.java`.
"""

from __future__ import annotations

import base64
import secrets
import struct
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

from rlcf.errors import CheckerUnavailable, SandboxUnavailable
from rlcf.languages.base import Runner
from rlcf.languages.java.build import built, clean_environment
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.java.server import CompileServers, Reply
from rlcf.records import Execution, ExecutionStatus
from rlcf.workers.once import Finished, run_once
from rlcf.workers.pool import Lost
from rlcf.workers.sandbox import find_sandbox

_COMPILE_TIMEOUT_S = 30.0
_START_TIMEOUT_S = 60.0
_STARTS = 3
_SMALLEST_MEMORY_MIB = 16
_OVERHEAD_MIB = 384
"""What a JVM takes beside its heap: code, metadata, its own threads' stacks."""


class JavaRunner(Runner):
    """Gives each program a virtual machine of its own; at most `workers` run at a time."""

    def __init__(self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True) -> None:
        """Starts the compilers.

        Args:
            workers: compilers, and programs that run at a time.
            timeout_s: seconds of wall time for each run.
            memory_mib: MiB of heap for each run.
            sandbox: `False` runs programs unprotected.

        Raises:
            CheckerUnavailable: there is no usable JDK.
            SandboxUnavailable: `sandbox` is asked for and cannot be had.
        """
        if memory_mib < _SMALLEST_MEMORY_MIB:
            raise ValueError(f"memory_mib must be at least {_SMALLEST_MEMORY_MIB}, not {memory_mib}")
        self._timeout_s, self._sandboxed = timeout_s, sandbox
        jdk = find_jdk()
        harness = built(jdk, "harness")
        command = [
            str(jdk.java),
            f"-Xmx{memory_mib}m",
            f"-XX:MaxDirectMemorySize={memory_mib}m",
            *_JVM_OPTIONS,
            "-cp",
            str(harness),
            "RunHarness",
        ]
        if sandbox:
            command = find_sandbox().command(command, [*jdk.folders(), harness], memory_mib + _OVERHEAD_MIB)
        self._command = command
        self._servers = CompileServers(workers, max(timeout_s, _COMPILE_TIMEOUT_S))
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="run-java")

    def run(self, sources: Sequence[str]) -> list[Execution]:
        replies = self._servers.ask(sources, "compile")
        runs = [self._threads.submit(self._execute, reply) for reply in replies]
        try:
            return [run.result() for run in runs]
        finally:
            for run in runs:
                run.cancel()

    def close(self) -> None:
        self._servers.close()
        self._threads.shutdown(cancel_futures=True)

    def _execute(self, reply: Reply | Lost) -> Execution:
        if isinstance(reply, Lost):
            status: ExecutionStatus = "timeout" if reply.reason == "timeout" else "rejected"
            return Execution(status, f"the compiler: {reply.detail}")
        if not reply["accepted"]:
            _, message, line, *_ = reply["errors"][0]
            return Execution("rejected", f"line {line}: {message.splitlines()[0] if message else ''}")
        classes = {name: base64.b64decode(code) for name, code in reply["classes"].items()}
        said = b""
        for _ in range(_STARTS):
            nonce = secrets.token_hex(16)
            with tempfile.TemporaryDirectory(prefix="rlcf-run-") as folder:
                finished = run_once(
                    self._command,
                    _message(nonce, classes),
                    timeout_s=self._timeout_s,
                    ready_mark=f"{nonce} ready".encode(),
                    start_timeout_s=_START_TIMEOUT_S,
                    environment=clean_environment(),
                    folder=folder,
                )
            if finished.ready:
                return _execution(finished, nonce, self._timeout_s)
            said = finished.output
        kind = SandboxUnavailable if self._sandboxed else CheckerUnavailable
        raise kind(f"the Java virtual machine does not start: {said[-500:].decode('utf-8', 'replace').strip()}")


_STATUSES: dict[str, ExecutionStatus] = {status: status for status in get_args(ExecutionStatus)}

# One tier of the JIT, one compiler thread, a small heap at first: programs are short, and several run at a
# time.
_JVM_OPTIONS = (
    "-Xms8m",
    "-Xshare:auto",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:CICompilerCount=1",
    "-XX:ReservedCodeCacheSize=32m",
    "-XX:CompressedClassSpaceSize=32m",
    "-XX:MaxMetaspaceSize=96m",
    "-XX:-CreateCoredumpOnCrash",
    "-XX:ErrorFile=/dev/null",
    "-XX:-UsePerfData",
    "-XX:+DisableAttachMechanism",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
    "-Duser.language=en",
    "-Duser.country=US",
)


def _message(nonce: str, classes: Mapping[str, bytes]) -> bytes:
    """What the harness reads: see `RunHarness.java`."""
    parts = [struct.pack(">H", len(nonce)), nonce.encode("ascii"), struct.pack(">I", len(classes))]
    for name, code in classes.items():
        for data in (name.encode("utf-16-be", "surrogatepass"), code):
            parts += [struct.pack(">I", len(data)), data]
    return b"".join(parts)


def _execution(finished: Finished, nonce: str, timeout_s: float) -> Execution:
    """What a run that got as far as its program means."""
    for line in reversed(finished.output.decode("utf-8", "replace").split("\n")):
        if line.startswith(f"{nonce} ") and not line.startswith(f"{nonce} ready"):
            _, outcome, detail = line.split(" ", 2)
            return Execution(_STATUSES[outcome], detail, finished.seconds)
    if finished.returncode is None:
        return Execution("timeout", f"still running after {timeout_s:g} s", finished.seconds)
    killed = finished.returncode in (-9, 128 + 9)
    if killed or b"insufficient memory" in finished.output:
        return Execution("memory", "killed for the memory it took", finished.seconds)
    detail = f"left with exit code {finished.returncode} before its main returned"
    return Execution("error", detail, finished.seconds)
