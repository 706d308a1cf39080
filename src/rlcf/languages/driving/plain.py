"""Calls functions of programs on generated inputs, for languages whose values are plain data.

The program is in a sandboxed process of its own; the inputs are made, and what it does is written down, in this one.
"""

from __future__ import annotations

import contextlib
import select
import subprocess
import tempfile
import threading
import time
from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, ClassVar

from rlcf.languages.base import Driver
from rlcf.languages.driving import complete, driven_alone, not_driven
from rlcf.languages.driving.inputs import CannotMake, Inputs, Type
from rlcf.languages.driving.target import Missing, Signature, Target
from rlcf.languages.driving.values import Declared, Remote
from rlcf.languages.paired import end
from rlcf.languages.python.harness.plain import Channel, ChannelBroken, Raised
from rlcf.records import Call, Driven, DrivenRun, Program, Task
from rlcf.workers.limits import require_limits
from rlcf.workers.processor import used_s, wants_to_run
from rlcf.workers.sandbox import find_sandbox

_MIN_MEMORY_MIB = 16
_PATIENCE = 5
"""How many times the time-out may pass. A program that had no time-out of the processor's time by then was starved."""
_START_S = 30.0
_NO_ANSWERS = (ChannelBroken, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a program can bring about by answers that are none."""


class PlainDriver(Driver):
    """At most `workers` programs are driven at a time."""

    tool: ClassVar[str]
    suffix: ClassVar[str]
    """Of the file that the program is written to."""
    channel: ClassVar[type[Channel]] = Channel
    class_of: ClassVar[tuple[str, str]] = ("__class__", "__qualname__")
    """An object's attribute that is its class, and the class's that is its name."""

    def __init__(self, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        """See `Language.driver`."""
        require_limits(workers, timeout_s, memory_mib, _MIN_MEMORY_MIB)
        if sandbox:
            find_sandbox()
        self._timeout_s, self._memory_mib, self._sandbox = timeout_s, memory_mib, sandbox
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=f"drive-{self.tool}")

    @abstractmethod
    def signature(self, task: Task) -> Signature | str:
        """The function that a task asks for, from the task's own text; or why there is none."""

    @abstractmethod
    def command(self, file: Path) -> list[str]:
        """The command that serves the program in a file, over the channel of `python/harness/plain.py`."""

    def translated(self, source: str) -> str | None:
        """What is run of a program; `None` where it cannot be translated."""
        return source

    def shaped(self, value: Any, of: Type) -> Any:  # noqa: ARG002
        """A generated value as the language has it."""
        return value

    def drive(self, runs: Sequence[DrivenRun]) -> list[Driven]:
        driven = list(self._threads.map(self._drive, runs))
        return driven_alone(driven, lambda i: self._drive(runs[i]))

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def _drive(self, run: DrivenRun) -> Driven:
        signature = self.signature(run.task)
        if isinstance(signature, str):
            return not_driven(run, signature)
        source = self.translated(Program.of(run.task, run.completion).source)
        if source is None:
            return not_driven(run, "the program cannot be translated")
        with tempfile.TemporaryDirectory(prefix="rlcf-drive-") as folder:
            file = Path(folder) / f"program{self.suffix}"
            file.write_bytes(source.encode("utf-8", "surrogatepass"))
            command, pipe, nothing = self.command(file), subprocess.PIPE, subprocess.DEVNULL
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing, env={}, start_new_session=True)
            watch = threading.Timer(_START_S + self._timeout_s * _PATIENCE, end, [process])
            watch.start()
            try:
                return self._calls(run, signature, process)
            finally:
                watch.cancel()
                end(process)

    def _calls(self, run: DrivenRun, signature: Signature, process: subprocess.Popen[bytes]) -> Driven:
        assert process.stdin is not None
        assert process.stdout is not None
        incoming = _Awaited(process.stdout)
        channel = self.channel(incoming, process.stdin, _refuse, lambda _, number: Remote(number))  # type: ignore[arg-type]
        calls: list[Call] = []
        short, starved = threading.Event(), False

        def stop() -> None:
            if used_s(process.pid) < self._timeout_s and (wants_to_run(process.pid) or not incoming.is_awaited()):
                short.set()
            end(process)

        deadline = threading.Timer(self._timeout_s * _PATIENCE, stop)
        started = time.monotonic()
        try:
            deadline.start()
            channel.ask(load=True)
            target = Target(channel, signature, self.shaped, Declared.by(run, self.class_of))
            for number in run.inputs:
                calls.append(target.call(Inputs(number, run.seed, run.constants, target.make)))
        except Missing as missing:
            return not_driven(run, f"the program has no {missing}")
        except CannotMake as cannot:
            return not_driven(run, f"no value of type {cannot}")
        except Raised:
            return not_driven(run, "the program ends with an exception before its function is called")
        except _NO_ANSWERS:
            late = time.monotonic() - started >= self._timeout_s * _PATIENCE
            starved = late and short.is_set()
            calls.append(Call("timeout" if late and not starved else "unreached"))
        finally:
            deadline.cancel()
        return complete(run, calls, starved)


class _Awaited:
    """What comes from a program, and whether it is the program that has to go on."""

    def __init__(self, incoming: IO[bytes]) -> None:
        self._incoming, self._reads = incoming, False

    def readline(self, most: int) -> bytes:
        self._reads = True
        try:
            return self._incoming.readline(most)
        finally:
            self._reads = False

    def is_awaited(self) -> bool:
        """Whether the other side waits, and nothing is there for it."""
        with contextlib.suppress(OSError, ValueError):  # it has been closed
            return self._reads and not select.select([self._incoming], [], [], 0)[0]
        return False


def _refuse(channel: Channel, request: dict[str, Any]) -> Any:  # noqa: ARG001
    raise ChannelBroken("the program asks for something")
