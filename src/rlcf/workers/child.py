"""One long-lived child process that answers framed requests.

Protocol. A frame is a length (4 bytes, big-endian, unsigned) and that many bytes of payload, whose meaning is between
the child and its parent. Requests go to the child's standard input, replies come from its standard output: one reply
for each request, in order. Several requests may be on their way at a time.

Life. The child starts in a session of its own, so that a Ctrl-C at the terminal does not reach it and its whole process
group can be killed. It ends by itself when its standard input ends, so it does not outlive its parent. A thread drains
its standard error and keeps the tail for messages. A child that breaks the protocol, closes its output, or exceeds a
time-out is of no more use: `request_all` raises, and the parent calls `close` and starts another.

A `Child` is used by one thread at a time; only `kill` may come from another.
"""

import struct
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from rlcf.workers.pipes import Pipes, killing_signal

_LENGTH = struct.Struct(">I")
_STDERR_LINES = 20
_LARGEST_FRAME = 1 << 30


class ChildDied(Exception):
    """The child ended, or sent something other than frames, before it had answered all requests."""

    def __init__(self, message: str, returncode: int | None) -> None:
        super().__init__(message)
        self.returncode = returncode
        """As `subprocess` gives it: negative for a signal; `None` when it broke the protocol."""

    @property
    def killed_from_outside(self) -> bool:
        """Whether a signal ended it that no program provokes: somebody's, or the kernel's, short of memory."""
        return killing_signal(self.returncode) is not None


class ChildTimeout(Exception):
    """The child did not answer in time."""


class Child:
    """A running child process; see the module's text for its protocol and life."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Starts `command`; raises `OSError` when it cannot be started."""
        self._pipes = Pipes(command, environment, subprocess.PIPE)
        self._received = bytearray()
        self._stderr: deque[str] = deque(maxlen=_STDERR_LINES)
        self._drain = threading.Thread(target=self._drain_stderr, name="drain-stderr", daemon=True)
        self._drain.start()

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group."""
        return self._pipes.process.pid

    def request(self, payload: bytes, timeout_s: float) -> bytes:
        """The reply to one request; see `request_all`."""
        return next(iter(self.request_all([payload], timeout_s)))

    def request_all(self, payloads: Sequence[bytes], timeout_s: float) -> Iterator[bytes]:
        """The replies to `payloads`, in order, each as it comes.

        `timeout_s` is for each reply: seconds from the moment the one before it was there.

        Raises:
            ChildDied: it ended before it answered the first payload that has no reply yet.
            ChildTimeout: it did not answer that in time.
        """
        self._pipes.send(b"".join(_LENGTH.pack(len(payload)) + payload for payload in payloads))
        for _ in payloads:
            deadline = time.monotonic() + timeout_s
            while (reply := self._take_frame()) is None:
                try:
                    self._exchange(deadline)
                except ChildTimeout:
                    raise ChildTimeout(f"process {self.pid} gave no answer within {timeout_s:g} s") from None
            yield reply

    def kill(self) -> None:
        """Ends the child and all of its process group. The one method that any thread may call at any time."""
        self._pipes.kill()

    def close(self) -> None:
        """Kills the child and gives its descriptors back; safe to call twice."""
        self._pipes.close()
        self._drain.join(timeout=1.0)

    def _exchange(self, deadline: float) -> None:
        """Sends and receives what can be until something has come; raises `ChildDied` or `ChildTimeout`."""
        try:
            data = self._pipes.exchange(deadline)
        except TimeoutError:
            raise ChildTimeout(f"process {self.pid} gave no answer in time") from None
        if data is None:
            raise self._death()
        self._received += data

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

    def _death(self) -> ChildDied:
        try:
            returncode: int | None = self._pipes.process.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            returncode = None
        self._drain.join(timeout=1.0)
        how = "closed its output" if returncode is None else f"ended with {returncode}"
        return ChildDied(f"process {self.pid} {how}: {' | '.join(self._stderr) or 'nothing on stderr'}", returncode)

    def _drain_stderr(self) -> None:
        stream = self._pipes.process.stderr
        assert stream is not None
        with stream:
            for line in iter(lambda: stream.readline(4096), b""):
                self._stderr.append(line.decode("utf-8", "replace").rstrip())
