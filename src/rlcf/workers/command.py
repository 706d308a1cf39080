"""Runs one untrusted command to its end or to its time-out, whatever it writes."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_CHUNK = 1 << 16
_KEPT_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended."""

    output: bytes
    """The last 64 KiB of what it wrote on both channels; the rest is dropped."""
    returncode: int | None
    """`None` when the time-out ended it."""
    ready: bool
    """Whether it has written its ready mark."""
    seconds: float
    """Wall time from the ready mark, or else from the start, to the end."""


def run_once(
    command: Sequence[str],
    stdin: bytes,
    timeout_s: float,
    ready_mark: bytes,
    start_timeout_s: float,
    environment: Mapping[str, str],
    folder: str | None = None,
) -> Finished:
    """Runs `command` in a new session and kills its process group at the end, however that comes.

    It has `start_timeout_s` seconds to write `ready_mark`, and `timeout_s` from there to its end, so that a
    busy machine's slow start is not the program's fault.

    Raises:
        OSError: it cannot be started.
    """
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        cwd=folder,
        start_new_session=True,
        bufsize=0,
    )
    run = _Run(process, stdin, ready_mark)
    try:
        deadline = run.began + start_timeout_s
        while True:
            if not run.exchange(deadline):
                return run.finished(None)
            if run.ended:
                break
            if run.ready_at is not None:
                deadline = run.ready_at + timeout_s
        try:
            # It has closed its output: it is about to end, or plays dead.
            return run.finished(process.wait(max(deadline - time.monotonic(), 0.0)))
        except subprocess.TimeoutExpired:
            return run.finished(None)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        run.close()


class _Run:
    """The pipes of one running command."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes, ready_mark: bytes) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin, process.stdout
        os.set_blocking(self._in.fileno(), False)
        os.set_blocking(self._out.fileno(), False)
        self._to_send = memoryview(stdin)
        self._mark = ready_mark
        self._output = bytearray()
        self.began = time.monotonic()
        self.ready_at: float | None = None
        self.ended = False

    def exchange(self, deadline: float) -> bool:
        """Waits until something can be read or written, and does it; false when the deadline has passed."""
        left = deadline - time.monotonic()
        poll = select.poll()
        poll.register(self._out, select.POLLIN)
        if not self._in.closed:
            poll.register(self._in, select.POLLOUT)
        ready = poll.poll(left * 1000) if left > 0 else []
        for descriptor, _ in ready:
            if descriptor == self._out.fileno():
                self._receive()
            else:
                self._send()
        return bool(ready)

    def finished(self, returncode: int | None) -> Finished:
        since = self.began if self.ready_at is None else self.ready_at
        return Finished(bytes(self._output), returncode, self.ready_at is not None, time.monotonic() - since)

    def close(self) -> None:
        for stream in (self._in, self._out):
            with contextlib.suppress(OSError):
                stream.close()

    def _send(self) -> None:
        try:
            self._to_send = self._to_send[os.write(self._in.fileno(), self._to_send[:_CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:  # it does not want to know
            self._to_send = self._to_send[:0]
        if not self._to_send:
            self._in.close()

    def _receive(self) -> None:
        try:
            data = os.read(self._out.fileno(), _CHUNK)
        except BlockingIOError:
            return
        self.ended = not data
        self._output += data
        if self.ready_at is None and self._mark in self._output:
            self.ready_at = time.monotonic()
        if len(self._output) > 2 * _KEPT_BYTES:
            del self._output[:-_KEPT_BYTES]
