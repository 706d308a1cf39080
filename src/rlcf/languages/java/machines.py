"""The virtual machines that programs run in: warm ones that harmless programs share, and one of its own for any other.

Both are given a program as its class files, and both come to the same status; see `harness/RunServer.java` and
`harness/RunOnce.java`.
"""

from __future__ import annotations

import secrets
import struct
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from rlcf.errors import CheckerUnavailable, SandboxUnavailable, ToolError
from rlcf.languages.java.build import built, clean_environment
from rlcf.languages.java.jdk import Jdk, find_jdk
from rlcf.records import Execution, ExecutionStatus
from rlcf.workers.child import Child, ChildDied
from rlcf.workers.command import Finished, run_once
from rlcf.workers.pool import Lost, Pool, PoolBroken
from rlcf.workers.sandbox import find_sandbox

_START_TIMEOUT_S = 60.0
_STARTS = 3
_GRACE_S = 5.0
"""How much later than its time-out a warm machine may be with the word that a program ran into it."""
_OVERHEAD_MIB = 384
"""What a machine takes beside its heap: code, metadata, its own threads' stacks."""
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
    "-Xlog:disable",
    "-Xlog:all=warning:stderr",  # standard output is for frames
    "-XX:+DisableAttachMechanism",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
    "-Duser.language=en",
    "-Duser.country=US",
)

_MODULES = frozenset(
    (
        "java.se",
        "jdk.charsets",
        "jdk.crypto.ec",
        "jdk.httpserver",
        "jdk.localedata",
        "jdk.net",
        "jdk.random",
        "jdk.zipfs",
    )
)
"""What a program in a machine of its own may use of the JDK: what Java SE names, and what that uses unseen."""
_DENIES_NATIVE_CODE = 24

Classes = Mapping[str, bytes]
"""A compiled program: binary names and class files, in the compiler's order."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take."""

    timeout_s: float
    """Seconds of wall time."""
    memory_mib: int
    """MiB of heap."""
    sandbox: bool
    """`False` runs programs unprotected."""

    def command(self, main: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
        """The command that starts a machine with the class `main` of our harness, and more options for the machine.

        Raises:
            CheckerUnavailable: there is no usable JDK.
            SandboxUnavailable: the sandbox cannot be had.
        """
        jdk = find_jdk()
        harness = built(jdk, "harness")
        heap = (f"-Xmx{self.memory_mib}m", f"-XX:MaxDirectMemorySize={self.memory_mib}m")
        command = [str(jdk.java), *heap, *_JVM_OPTIONS, *options, "-cp", str(harness), main, *arguments]
        if not self.sandbox:
            return command
        return find_sandbox().command(command, [*jdk.folders(), harness], self.memory_mib + _OVERHEAD_MIB)

    def unavailable(self, message: str) -> ToolError:
        """The error for machines that do not work."""
        return SandboxUnavailable(message) if self.sandbox else CheckerUnavailable(message)


class WarmMachines:
    """A pool of machines that run harmless programs, one program at a time each."""

    def __init__(self, workers: int, limits: Limits) -> None:
        """Starts them in the background."""
        self._limits = limits
        command = limits.command("RunServer", str(int(limits.timeout_s * 1000)))
        folder = built(find_jdk(), "harness")
        ping = _payload({"Ping": (folder / "Ping.class").read_bytes()})

        def expect_pass(child: Child, timeout_s: float) -> None:
            reply = child.request(ping, timeout_s)
            if not reply.startswith(b"passed "):
                raise ChildDied(f"refuses a program that is right: {reply!r}", None)

        self._pool = Pool(
            lambda: Child(command, clean_environment()), expect_pass, workers, limits.timeout_s + _GRACE_S
        )

    def run(self, programs: Sequence[Classes]) -> list[Execution | None]:
        """What each program came to; `None` for one that must have a machine of its own.

        Raises:
            SandboxUnavailable, CheckerUnavailable: the machines cannot be kept alive.
        """
        try:
            answers = self._pool.map([_payload(classes) for classes in programs])
        except PoolBroken as error:
            raise self._limits.unavailable(f"the Java virtual machine does not stay alive: {error}") from error
        return [None if isinstance(answer, Lost) else self._execution(answer) for answer in answers]

    def _execution(self, answer: bytes) -> Execution | None:
        status, micros, detail = answer.decode("utf-8", "replace").split(" ", 2)
        if status not in _STATUSES:
            return None
        if status == "timeout":
            detail = _out_of_time(self._limits)
        return Execution(_STATUSES[status], detail, int(micros) / 1e6)

    def close(self) -> None:
        """Ends them; safe to call twice."""
        self._pool.close()


class OwnMachines:
    """Starts a machine for every program."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._command = limits.command("RunOnce", options=_modules(find_jdk()))

    def run(self, classes: Classes) -> Execution:
        """What one program came to.

        A program passes only if its `main` returned and the harness around it then said so with a number drawn for
        this run.

        Raises:
            SandboxUnavailable, CheckerUnavailable: no machine can be started.
        """
        said = b""
        for _ in range(_STARTS):
            nonce = secrets.token_hex(16)
            with tempfile.TemporaryDirectory(prefix="rlcf-run-") as folder:
                finished = run_once(
                    self._command,
                    struct.pack(">H", len(nonce)) + nonce.encode("ascii") + _payload(classes),
                    timeout_s=self._limits.timeout_s,
                    ready_mark=f"{nonce} ready".encode(),
                    start_timeout_s=_START_TIMEOUT_S,
                    environment=clean_environment(),
                    folder=folder,
                )
            if finished.ready:
                return self._execution(finished, nonce)
            said = finished.output
        last = said[-500:].decode("utf-8", "replace").strip()
        raise self._limits.unavailable(f"the Java virtual machine does not start: {last}")

    def _execution(self, finished: Finished, nonce: str) -> Execution:
        """What a run that got as far as its program means."""
        for line in reversed(finished.output.decode("utf-8", "replace").split("\n")):
            if line.startswith(f"{nonce} ") and not line.startswith(f"{nonce} ready"):
                _, outcome, detail = line.split(" ", 2)
                return Execution(_STATUSES[outcome], detail, finished.seconds)
        if finished.returncode is None:
            return Execution("timeout", _out_of_time(self._limits), finished.seconds)
        killed = finished.returncode in (-9, 128 + 9)
        if killed or b"insufficient memory" in finished.output:
            return Execution("memory", "killed for the memory it took", finished.seconds)
        detail = f"left with exit code {finished.returncode} before its main returned"
        return Execution("error", detail, finished.seconds)


def _modules(jdk: Jdk) -> list[str]:
    """The options that leave out what would open the harness around a program: `sun.misc.Unsafe`, heap dumps,
    debuggers, native code."""
    options = ["--limit-modules", ",".join(sorted(jdk.modules() & _MODULES))] if jdk.modules() >= {"java.se"} else []
    return [*options, "--illegal-native-access=deny"] if jdk.feature >= _DENIES_NATIVE_CODE else options


def _out_of_time(limits: Limits) -> str:
    return f"still running after {limits.timeout_s:g} s"


def _payload(classes: Classes) -> bytes:
    """What the harness reads: see `harness/Program.java`."""
    parts = [struct.pack(">I", len(classes))]
    for name, code in classes.items():
        for data in (name.encode("utf-16-be", "surrogatepass"), code):
            parts += [struct.pack(">I", len(data)), data]
    return b"".join(parts)
