"""One untrusted command, to its end."""

from __future__ import annotations

import sys
import time

from rlcf.workers.command import KEPT_BYTES, Finished, run_command


def run(
    program: str,
    stdin: bytes = b"",
    timeout_s: float = 10.0,
    start_timeout_s: float = 10.0,
    keeps_head: bool = False,
    needed_s: float = 0.0,
) -> Finished:
    return run_command(
        [sys.executable, "-S", "-c", program],
        stdin,
        timeout_s=timeout_s,
        ready_mark=b"ready",
        start_timeout_s=start_timeout_s,
        environment={},
        keeps_head=keeps_head,
        needed_s=needed_s,
    )


def test_the_end_of_a_long_output_is_kept_and_memory_is_bounded() -> None:
    finished = run("print('ready')\nfor _ in range(300): print('x' * 100_000)\nprint('the end')")
    assert finished.ready
    assert finished.returncode == 0
    assert finished.output.endswith(b"the end\n")
    assert len(finished.output) < 1 << 18
    assert finished.cut


def test_the_head_of_a_long_output_is_kept_on_demand() -> None:
    finished = run("print('ready')\nfor _ in range(300): print('x' * 100_000)\nprint('the end')", keeps_head=True)
    assert finished.ready
    assert finished.returncode == 0
    assert finished.output == b"ready\n" + b"x" * (KEPT_BYTES - 6)
    assert finished.cut


def test_an_output_that_is_kept_whole_is_not_cut() -> None:
    for keeps_head in (False, True):
        finished = run("print('ready')\nprint('x' * 1000)", keeps_head=keeps_head)
        assert (len(finished.output), finished.cut) == (1007, False)


def test_the_time_out_counts_from_the_ready_mark() -> None:
    finished = run("import time; time.sleep(0.5); print('ready', flush=True); time.sleep(60)", timeout_s=0.3)
    assert finished.ready
    assert finished.returncode is None
    assert 0.3 <= finished.seconds < 5


def test_a_command_that_goes_on_without_the_time_that_it_needs_is_starved() -> None:
    spins, sleeps = (
        "print('ready', flush=True)\nwhile True: pass",
        "print('ready', flush=True); import time; time.sleep(60)",
    )
    assert run(spins, timeout_s=0.3, needed_s=60).starved
    assert not run(spins, timeout_s=0.3, needed_s=1e-6).starved
    assert not run(spins, timeout_s=0.3).starved
    assert not run(sleeps, timeout_s=0.3, needed_s=60).starved


def test_a_command_that_never_gets_ready_is_ended_and_says_so() -> None:
    finished = run("import time; time.sleep(60)", start_timeout_s=0.3)
    assert not finished.ready
    assert finished.returncode is None


def test_one_that_closes_its_output_and_plays_dead_is_ended() -> None:
    began = time.monotonic()
    finished = run("import os, time; os.write(1, b'ready'); os.close(1); os.close(2); time.sleep(60)", timeout_s=0.3)
    assert finished.returncode is None
    assert time.monotonic() - began < 5


def test_the_longest_time_outs_wait_as_long_as_it_takes() -> None:
    forever = float("inf")
    finished = run("import os, time; os.write(1, b'ready'); time.sleep(0.1)", timeout_s=forever, start_timeout_s=1e9)
    assert finished.returncode == 0


def test_input_that_nobody_reads_does_not_block() -> None:
    assert run("print('ready')", stdin=b"x" * 10_000_000).returncode == 0
