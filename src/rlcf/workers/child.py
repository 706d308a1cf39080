"""One long-lived child process that answers framed requests.

Protocol. A frame is a length (4 bytes, big-endian, unsigned) and that many bytes of payload, whose meaning is
between the child and whoever starts it. Requests go to the child's standard input, replies come from its
standard output: one reply for each request, in order. Several requests may be on their way at once.

Life. The child starts in a session of its own, so that a Ctrl-C at the terminal does not reach it and its
whole process group can be killed. It ends by itself when its standard input ends, so it does not outlive its
parent. Its standard error is drained by a thread; the last lines are kept for messages. A child that breaks
the protocol, closes its output, or lets a time-out pass is of no use any more: `ask` raises, and the owner
calls `dispose` and starts another.

A `Child` is used by one thread at a time; only `kill` may come from another.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

_LENGTH = struct.Struct(">I")
_CHUNK = 1 << 16
_STDERR_LINES = 20
_LARGEST_FRAME = 1 << 30


class ChildDied(Exception):
    """The child ended, or spoke no frames, before it answered all it was asked."""

    def __init__(self, message: str, returncode: int | None) -> None:
        super().__init__(message)
        self.returncode = returncode
        """As `subprocess` gives it: negative for a signal; `None` when it broke the protocol."""

    @property
    def killed_from_outside(self) -> bool:
        """Whether a signal ended it that no program can provoke: somebody, or the kernel short of memory."""
        signals = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
        # A program that catches the signal and ends by it, as a JVM does, ends with 128 and its number.
        return self.returncode in {code for number in signals for code in (-number, 128 + number)}


class ChildTimeout(Exception):
    """The child did not answer in time."""


class Child:
    """A running child process; see the module's text for its protocol and life."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Starts `command`; raises `OSError` when it cannot be started."""
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if environment is None else dict(environment),
            start_new_session=True,
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._stdin, False)
        os.set_blocking(self._stdout, False)
        self._received = bytearray()
        self._last_words: deque[str] = deque(maxlen=_STDERR_LINES)
        self._drain = threading.Thread(target=self._drain_stderr, name="drain-stderr", daemon=True)
        self._drain.start()

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        return self._process.pid

    def request(self, payload: bytes, timeout_s: float) -> bytes:
        """The reply to one request.

        Raises:
            ChildDied: it ended instead of answering.
            ChildTimeout: no answer within `timeout_s` seconds.
        """
        return next(iter(self.ask([payload], timeout_s)))

    def ask(self, payloads: Sequence[bytes], timeout_s: float) -> Iterator[bytes]:
        """The replies to `payloads`, in order, each as it comes.

        `timeout_s` is for each reply: seconds from the moment the one before it was there.

        Raises:
            ChildDied, ChildTimeout: as in `request`, for the first payload that has no reply yet.
        """
        to_send = memoryview(b"".join(_LENGTH.pack(len(payload)) + payload for payload in payloads))
        for _ in payloads:
            deadline = time.monotonic() + timeout_s
            while (reply := self._take_frame()) is None:
                to_send = self._exchange(to_send, deadline, timeout_s)
            yield reply

    def kill(self) -> None:
        """Ends the child and all of its process group. The one method that any thread may call at any
        time."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def dispose(self) -> None:
        """Kills the child and gives its descriptors back; safe to call twice."""
        self.kill()
        self._process.wait()
        self._drain.join(timeout=1.0)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def last_words(self) -> str:
        """The last lines of its standard error, as one line."""
        return " | ".join(self._last_words)

    def _take_frame(self) -> bytes | None:
        """The next whole frame received so far, if there is one."""
        if len(self._received) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._received)
        if length > _LARGEST_FRAME:
            raise ChildDied(f"process {self.pid} sent no frame but {bytes(self._received[:80])!r}", None)
        end = _LENGTH.size + length
        if len(self._received) < end:
            return None
        frame = bytes(self._received[_LENGTH.size : end])
        del self._received[:end]
        return frame

    def _exchange(self, to_send: memoryview, deadline: float, timeout_s: float) -> memoryview:
        """Waits until something can be written or read, does it, and returns what is left to send."""
        left = deadline - time.monotonic()
        poll = select.poll()
        poll.register(self._stdout, select.POLLIN)
        if to_send:
            poll.register(self._stdin, select.POLLOUT)
        ready = poll.poll(max(left, 0.0) * 1000) if left > 0 else []
        if not ready:
            raise ChildTimeout(f"process {self.pid} gave no answer within {timeout_s:g} s")
        for descriptor, _ in ready:
            if descriptor == self._stdin:
                to_send = self._send(to_send)
            else:
                self._receive()
        return to_send

    def _send(self, to_send: memoryview) -> memoryview:
        try:
            return to_send[os.write(self._stdin, to_send[:_CHUNK]) :]
        except BlockingIOError:
            return to_send
        except OSError:
            # It reads no more. What it has already answered may still stand in its output, which ends soon.
            return to_send[:0]

    def _receive(self) -> None:
        try:
            data = os.read(self._stdout, _CHUNK)
        except BlockingIOError:
            return
        if not data:
            raise self._death()
        self._received += data

    def _death(self) -> ChildDied:
        try:
            returncode: int | None = self._process.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            returncode = None
        self._drain.join(timeout=1.0)
        how = "closed its output" if returncode is None else f"ended with {returncode}"
        return ChildDied(f"process {self.pid} {how}: {self.last_words() or 'nothing on stderr'}", returncode)

    def _drain_stderr(self) -> None:
        stream = self._process.stderr
        assert stream is not None
        with stream:
            for line in iter(lambda: stream.readline(4096), b""):
                self._last_words.append(line.decode("utf-8", "replace").rstrip())
