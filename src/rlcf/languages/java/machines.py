"""The virtual machines that programs run in: warm ones that harmless programs share, and one of its own for any other.

Both are given a program as its class files, with the method that is to be driven if there is one, and both come to the
same status; see `harness/RunServer.java` and
`harness/RunOnce.java`.
"""

# ruff: noqa: SIM905

import secrets
import signal
import struct
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import get_args

from rlcf.errors import CheckerUnavailable, SandboxUnavailable, ToolError
from rlcf.languages.java.build import built, clean_environment
from rlcf.languages.java.jdk import Jdk, find_jdk
from rlcf.records import Execution, ExecutionStatus
from rlcf.workers.child import Child, ChildDied
from rlcf.workers.command import KEPT_BYTES, Finished, run_command
from rlcf.workers.pipes import killing_signal
from rlcf.workers.pool import Pool, PoolBroken, Unanswered
from rlcf.workers.sandbox import find_sandbox

_START_TIMEOUT_S = 60.0
_STARTS = 3
_GRACE_S = 5.0
"""How much later than its time-out a warm machine may report that a program exceeded it."""
_OVERHEAD_MIB = 384
"""What a machine takes beside its heap: code, metadata, its own threads' stacks."""
_KEPT_BYTES_DRIVEN = 1 << 24
_STATUSES: dict[str, ExecutionStatus] = {status: status for status in get_args(ExecutionStatus)}

# One tier of the JIT, one compiler thread, a small heap at first: programs are short, and several run at a time. What
# the machine logs goes to standard error: standard output is for frames.
_JVM_OPTIONS = """
    -Xms8m -Xshare:auto -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:CICompilerCount=1 -XX:ReservedCodeCacheSize=32m
    -XX:CompressedClassSpaceSize=32m -XX:MaxMetaspaceSize=96m -XX:-CreateCoredumpOnCrash -XX:ErrorFile=/dev/null
    -XX:-UsePerfData -Xlog:disable -Xlog:all=warning:stderr -XX:+DisableAttachMechanism -Djava.awt.headless=true
    -Dfile.encoding=UTF-8 -Duser.language=en -Duser.country=US -Dsun.reflect.inflationThreshold=1000000000
    """.split()
_MODULES = {
    *("java.se", "jdk.charsets", "jdk.crypto.ec", "jdk.httpserver", "jdk.localedata", "jdk.net", "jdk.random"),
    "jdk.zipfs",
}
"""What a program in a machine of its own may use of the JDK: what Java SE names, and what that uses unseen."""
_DENIES_NATIVE_CODE = 24


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled program."""

    main: str
    """The binary name of the class whose `main` is run, or whose method is driven."""
    classes: Mapping[str, bytes]
    """Binary names and class files, in the compiler's order."""
    drive: bytes = b""
    """What the harness reads of the method that is driven: see `harness/Drive.java`. Empty: `main` is run."""

    def payload(self) -> bytes:
        """What the harness reads: see `harness/Program.java`."""
        parts = [text_block(self.main), struct.pack(">I", len(self.classes))]
        for name, code in self.classes.items():
            parts += [text_block(name), _block(code)]
        return b"".join([*parts, bytes([bool(self.drive)]), self.drive])


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a program."""

    execution: Execution
    told: Sequence[str] = ()
    """The lines that the harness told while it drove a method."""
    starved: bool = False
    """Whether a `timeout` is the machine's: other processes had the processor's time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take."""

    timeout_s: float
    """Seconds of wall time. Where `longest_s` is more, of the processor's time in a warm machine, which can tell it."""
    memory_mib: int
    """MiB of heap."""
    sandbox: bool
    """`False` runs programs unprotected."""
    longest_s: float = 0.0
    """Seconds of wall time in any case, if more than `timeout_s`."""

    def command(self, main: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
        """The command that starts a machine with the class `main` of our harness, and more options for the machine."""
        jdk = find_jdk()
        harness = built(jdk, "harness")
        heap = (f"-Xmx{self.memory_mib}m", f"-XX:MaxDirectMemorySize={self.memory_mib}m")
        command = [str(jdk.java), *heap, *_JVM_OPTIONS, *options, "-cp", str(harness), main, *arguments]
        if not self.sandbox:
            return command
        return find_sandbox().command(command, [*jdk.folders(), harness], self.memory_mib + _OVERHEAD_MIB)

    @property
    def wall_s(self) -> float:
        """Seconds of wall time in any case."""
        return max(self.timeout_s, self.longest_s)

    @property
    def out_of_time(self) -> str:
        return f"still running after {self.timeout_s:g} s"

    def unavailable(self, message: str) -> ToolError:
        """The error for machines that do not work."""
        return SandboxUnavailable(message) if self.sandbox else CheckerUnavailable(message)


class WarmMachines:
    """A pool of machines that run harmless programs, one program at a time each."""

    def __init__(self, workers: int, limits: Limits) -> None:
        self._limits = limits
        limits_ms = (str(int(seconds * 1000)) for seconds in (limits.timeout_s, limits.wall_s))
        command = limits.command("RunServer", *limits_ms)
        folder = built(find_jdk(), "harness")
        ping = Compiled("Ping", {"Ping": (folder / "Ping.class").read_bytes()}).payload()

        def expect_pass(child: Child, timeout_s: float) -> None:
            reply = child.request(ping, timeout_s)
            if not reply.startswith(b"passed "):
                raise ChildDied(f"refuses a program that is right: {reply!r}", None)

        environment = clean_environment()
        self._pool = Pool(lambda: Child(command, environment), expect_pass, workers, limits.wall_s + _GRACE_S)

    def run(self, programs: Sequence[Compiled]) -> list[Ran | None]:
        """What each program came to; `None` for one that must have a machine of its own.

        Raises:
            SandboxUnavailable, CheckerUnavailable: the machines cannot be kept alive.
        """
        try:
            answers = self._pool.map([program.payload() for program in programs])
        except PoolBroken as error:
            raise self._limits.unavailable(f"the Java virtual machine does not stay alive: {error}") from error
        return [None if isinstance(answer, Unanswered) else self._ran(answer) for answer in answers]

    def _ran(self, answer: bytes) -> Ran | None:
        end, *told = answer.decode("utf-8", "replace").split("\n")
        status, micros, detail = end.split(" ", 2)
        if starved := status == "starved":
            status = "timeout"
        if status == "timeout":
            detail = self._limits.out_of_time
        if status not in _STATUSES:
            return None
        return Ran(Execution(_STATUSES[status], detail, int(micros) / 1e6), told, starved)

    def close(self) -> None:
        """Ends them; safe to call twice."""
        self._pool.close()


class OwnMachines:
    """Starts a machine for every program."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._command = limits.command("RunOnce", options=_modules(find_jdk()))

    def run(self, program: Compiled) -> Ran:
        """What one program came to.

        A program passes only if its `main` returned and the harness around it then reported so with a number drawn
        for this run. A machine that is killed from outside is replaced.

        Raises:
            SandboxUnavailable, CheckerUnavailable: no machine can be started, or each is killed from outside.
        """
        for _ in range(_STARTS):
            nonce = secrets.token_hex(16)
            with tempfile.TemporaryDirectory(prefix="rlcf-run-") as folder:
                finished = run_command(
                    self._command,
                    struct.pack(">H", len(nonce)) + nonce.encode("ascii") + program.payload(),
                    timeout_s=self._limits.wall_s,
                    ready_mark=f"{nonce} ready".encode(),
                    start_timeout_s=_START_TIMEOUT_S,
                    environment=clean_environment(),
                    folder=folder,
                    kept_bytes=_KEPT_BYTES_DRIVEN if program.drive else KEPT_BYTES,
                    needed_s=self._limits.timeout_s if self._limits.longest_s else 0.0,
                )
            by_signal = killing_signal(finished.returncode)
            if finished.ready and not by_signal:
                return self._ran(finished, nonce)
        code = finished.returncode or 0
        if finished.ready and (code > 0 or not self._limits.sandbox):
            # Each time, and the sandbox lives: the program ended by itself, or the kernel had no memory for it.
            if by_signal == signal.SIGKILL:
                return Ran(Execution("memory", "killed for the memory it took", finished.seconds))
            return self._ran(finished, nonce)
        tail = finished.output[-500:].decode("utf-8", "replace").strip()
        what = f"is killed from outside ({code})" if finished.ready else f"does not start: {tail}"
        raise self._limits.unavailable(f"the Java virtual machine {what}")

    def _ran(self, finished: Finished, nonce: str) -> Ran:
        """What a run that got as far as its program means."""
        lines = finished.output.decode("utf-8", "replace").split("\n")
        said = [line.removeprefix(f"{nonce} ").partition(" ") for line in lines if line.startswith(f"{nonce} ")]
        told = [text for kind, _, text in said if kind == "told"]
        ends = [Execution(_STATUSES[kind], text, finished.seconds) for kind, _, text in said if kind in _STATUSES]
        return Ran(ends[-1] if ends else self._unsaid(finished), told, not ends and finished.starved)

    def _unsaid(self, finished: Finished) -> Execution:
        """How a program ended of which the harness could not say it."""
        if finished.returncode is None:
            return Execution("timeout", self._limits.out_of_time, finished.seconds)
        if b"insufficient memory" in finished.output:
            return Execution("memory", "no memory left for the virtual machine", finished.seconds)
        return Execution("error", f"exit code {finished.returncode} before its main returned", finished.seconds)


class Machines:
    """Both kinds of machines; at most `workers` programs run at a time."""

    def __init__(self, workers: int, limits: Limits, share: bool = True) -> None:
        """Starts the warm machines; `share=False` gives every program a machine of its own."""
        self._own = OwnMachines(limits)
        self._warm = WarmMachines(workers, limits) if share else None
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="run-java")

    def run(self, programs: Sequence[Compiled]) -> list[Ran]:
        """What each program came to, on warm machines first. The errors are those of both kinds."""
        warm = self._warm.run(programs) if self._warm is not None else [None] * len(programs)
        alone = [self._threads.submit(self._own.run, p) for p, ran in zip(programs, warm, strict=True) if ran is None]
        try:
            own = iter([run.result() for run in alone])
            return [next(own) if ran is None else ran for ran in warm]
        finally:
            for run in alone:
                run.cancel()

    def close(self) -> None:
        """Ends them; safe to call twice."""
        if self._warm is not None:
            self._warm.close()
        self._threads.shutdown(cancel_futures=True)


def _modules(jdk: Jdk) -> list[str]:
    """The options that leave out what would open the harness around a program: `sun.misc.Unsafe`, heap dumps,
    debuggers, native code."""
    options = ["--limit-modules", ",".join(sorted(jdk.modules() & _MODULES))] if jdk.modules() >= {"java.se"} else []
    return [*options, "--illegal-native-access=deny"] if jdk.feature >= _DENIES_NATIVE_CODE else options


def text_block(text: str) -> bytes:
    """A text as the harness reads it."""
    return _block(text.encode("utf-16-be", "surrogatepass"))


def _block(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
