"""Runs one untrusted command to its end or to its time-out, whatever it writes."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rlcf.workers.pipes import Pipes
from rlcf.workers.processor import used_s, wants_to_run

KEPT_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended."""

    output: bytes
    """What it wrote on both channels: of a long output the last part, at least `kept_bytes` of it, or the first
    `kept_bytes`."""
    returncode: int | None
    """`None` when the time-out ended it."""
    ready: bool
    """Whether it has written its ready mark."""
    seconds: float
    """Wall time from the ready mark, or else from the start, to the end."""
    cut: bool = False
    """Whether it wrote more than `output` holds."""
    starved: bool = False
    """Whether the time-out ended it although it would have gone on, and had less than `needed_s` of the processor's
    time by then."""


def run_command(
    command: Sequence[str],
    stdin: bytes,
    timeout_s: float,
    ready_mark: bytes,
    start_timeout_s: float,
    environment: Mapping[str, str],
    folder: str | None = None,
    kept_bytes: int = KEPT_BYTES,
    keeps_head: bool = False,
    needed_s: float = 0.0,
) -> Finished:
    """Runs `command` in a new session and kills its process group at the end, however that comes.

    It has `start_timeout_s` seconds to write `ready_mark`, and `timeout_s` from there to its end, so that a slow start
    on a busy machine does not count.

    Args:
        keeps_head: of a long output the first part is kept, not the last.
        needed_s: see `Finished.starved`; 0: that is not asked.

    Raises:
        OSError: it cannot be started.
    """
    pipes = Pipes(command, environment, subprocess.STDOUT, folder)
    pipes.send(stdin, close=True)
    began = time.monotonic()
    deadline, ready_at, returncode, before_s, starved = began + start_timeout_s, None, None, 0.0, False
    output, cut = bytearray(), False
    most = kept_bytes if keeps_head else 2 * kept_bytes
    try:
        while (data := pipes.exchange(deadline)) is not None:
            output += data
            if ready_at is None and ready_mark in output:
                ready_at = time.monotonic()
                deadline = ready_at + timeout_s
                before_s = used_s(pipes.process.pid) if needed_s else 0.0
            if len(output) > most:
                cut = True
                del output[slice(kept_bytes, None) if keeps_head else slice(None, -kept_bytes)]
        # It has closed its output: it is about to end, or pretends to.
        returncode = pipes.process.wait(max(deadline - time.monotonic(), 0.0))
    except (TimeoutError, subprocess.TimeoutExpired):
        pid = pipes.process.pid
        starved = bool(needed_s) and used_s(pid) - before_s < needed_s and wants_to_run(pid)
    finally:
        pipes.close()
    ended = time.monotonic()
    return Finished(bytes(output), returncode, ready_at is not None, ended - (ready_at or began), cut, starved)
