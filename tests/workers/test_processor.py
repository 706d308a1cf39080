"""How much of the processor's time processes have had, and whether they want more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from rlcf.workers.processor import used_s, wants_to_run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")


@contextmanager
def started(program: str) -> Iterator[int]:
    """The process, once it has written a line."""
    command = [sys.executable, "-S", "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def soon(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold within ten seconds."""
    deadline = time.monotonic() + 10
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def test_one_that_computes_wants_to_run_and_uses_time() -> None:
    with started("print(flush=True)\nwhile True: pass") as pid:
        before = used_s(pid)
        assert soon(lambda: used_s(pid) - before > 0.05)
        assert wants_to_run(pid)


def test_one_that_waits_or_has_stopped_itself_does_not() -> None:
    with started("print(flush=True); import time; time.sleep(600)") as sleeping:
        assert soon(lambda: not wants_to_run(sleeping))
    stops = "print(flush=True); import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"
    with started(stops) as stopped:
        assert soon(lambda: not wants_to_run(stopped))


def test_what_is_below_counts() -> None:
    child = "print(flush=True)\\nwhile True: pass"
    with started(f"import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', '{child}'])") as pid:
        before = used_s(pid)
        assert soon(lambda: used_s(pid) - before > 0.05)
        assert wants_to_run(pid)


def test_one_that_is_not_there_has_used_nothing() -> None:
    with started("print(flush=True)") as pid:
        pass
    assert used_s(pid) == 0.0
    assert not wants_to_run(pid)
