"""The pipes of a child process, read and written without blocking and with a deadline."""

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

_CHUNK = 1 << 16
_LONGEST_POLL_MS = (1 << 31) - 1
"""More than this does not fit into what `poll` takes."""


class Pipes:
    """A child process in a session of its own, with pipes to its standard input and from its standard output."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str] | None, stderr: int, folder: str | None = None
    ) -> None:
        """Starts `command` in `folder`; `stderr` is as in `subprocess`. Raises `OSError` when it cannot be started."""
        self.process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=None if environment is None else dict(environment),
            cwd=folder,
            start_new_session=True,
            bufsize=0,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._stdin, self._stdout = self.process.stdin, self.process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        os.set_blocking(self._stdout.fileno(), False)
        self._unsent = memoryview(b"")
        self._closes = False

    def send(self, data: bytes, close: bool = False) -> None:
        """Has `exchange` send `data`, after which it closes the input on demand."""
        self._unsent, self._closes = memoryview(data), close

    @property
    def unsent(self) -> bool:
        """Whether `exchange` has something left to send."""
        return bool(self._unsent)

    def exchange(self, deadline: float) -> bytes | None:
        """Waits until something can be read or written, and does it; `None` where the output has ended.

        Raises:
            TimeoutError: nothing could be done until `deadline`, a time of `time.monotonic`.
        """
        poll = select.poll()
        poll.register(self._stdout, select.POLLIN)
        if self._unsent or (self._closes and not self._stdin.closed):
            poll.register(self._stdin, select.POLLOUT)
        ready: list[tuple[int, int]] = []
        while not ready:
            left = deadline - time.monotonic()
            if not left > 0:
                raise TimeoutError
            ready = poll.poll(min(left * 1000, _LONGEST_POLL_MS))
        received: bytes | None = b""
        for descriptor, _ in ready:
            if descriptor == self._stdout.fileno():
                with contextlib.suppress(BlockingIOError):
                    received = os.read(descriptor, _CHUNK) or None
            else:
                self._send()
        return received

    def _send(self) -> None:
        try:
            self._unsent = self._unsent[os.write(self._stdin.fileno(), self._unsent[:_CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:  # it reads no more; what it has written may still be in its output, which ends soon
            self._unsent = self._unsent[:0]
        if self._closes and not self._unsent:
            self._stdin.close()

    def kill(self) -> None:
        """Ends the child and all of its process group. Any thread may call it at any time."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kills the child, waits for its end and gives the descriptors back; safe to call twice."""
        self.kill()
        self.process.wait()
        for stream in (self._stdin, self._stdout):
            with contextlib.suppress(OSError):
                stream.close()


def killing_signal(returncode: int | None) -> int | None:
    """The signal that ended a process if it is one that no program provokes: somebody's, or the kernel's.

    A program that catches a signal and ends by it, as a JVM does, and a parent that hands on how its child ended, end
    with 128 and the number: so may a program by itself.
    """
    number = None if returncode is None else -returncode if returncode < 0 else returncode - 128
    return number if number in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT) else None
