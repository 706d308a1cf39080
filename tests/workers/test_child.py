"""One child: its frames, its death and its process group."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rlcf.workers.child import Child, ChildDied, ChildTimeout

ECHO = """
import struct, sys
while header := sys.stdin.buffer.read(4):
    sys.stdout.buffer.write(header + sys.stdin.buffer.read(struct.unpack(">I", header)[0]))
    sys.stdout.buffer.flush()
"""


def python(program: str) -> Child:
    return Child([sys.executable, "-S", "-c", program])


def is_alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for_end(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_alive(pid)


def test_frames_of_any_size_and_content_go_both_ways() -> None:
    child = python(ECHO)
    payloads = [
        b"",
        b"\x00\xff" * 3,
        "\ud800".encode("utf-8", "surrogatepass"),
        os.urandom(5_000_000),
        b"end",
    ]
    assert list(child.request_all(payloads, timeout_s=20)) == payloads
    child.close()


def test_a_child_that_dies_shows_its_stderr_tail() -> None:
    child = python("import sys; sys.stderr.write('first\\nout of luck\\n'); sys.exit(3)")
    with pytest.raises(ChildDied, match=r"ended with 3.*out of luck") as caught:
        child.request(b"hello", timeout_s=20)
    assert caught.value.returncode == 3
    child.close()


def test_what_was_answered_before_the_death_is_not_lost() -> None:
    child = python(
        ECHO.replace("while header", "for _ in range(2):\n    header").replace(
            ":= sys.stdin.buffer.read(4):", "= sys.stdin.buffer.read(4)"
        )
    )
    replies = child.request_all([b"one", b"two", b"three"], timeout_s=20)
    assert [next(replies), next(replies)] == [b"one", b"two"]
    with pytest.raises(ChildDied):
        next(replies)
    child.close()


def test_a_child_that_does_not_answer_is_not_waited_for() -> None:
    child = python("import time; time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(ChildTimeout, match=r"0\.2 s"):
        child.request(b"hello" * 100_000, timeout_s=0.2)
    assert time.monotonic() - began < 5
    child.close()
    child.close()


@pytest.mark.parametrize("timeout_s", [1e9, float("inf")])
def test_the_longest_time_out_waits_as_long_as_it_takes(timeout_s: float) -> None:
    child = python("import time; time.sleep(0.1)\n" + ECHO)
    assert child.request(b"hello", timeout_s) == b"hello"
    child.close()


def test_a_flood_on_standard_error_blocks_nothing() -> None:
    child = python("import sys\nfor i in range(200_000): sys.stderr.write('noise\\n')\n" + ECHO)
    assert child.request(b"still here", timeout_s=20) == b"still here"
    child.close()


def test_killing_a_child_kills_what_it_has_started() -> None:
    child = python(
        "import subprocess, sys\n"
        "grandchild = subprocess.Popen(['sleep', '60'])\n"
        "reply = str(grandchild.pid).encode()\n"
        "sys.stdout.buffer.write(len(reply).to_bytes(4, 'big') + reply)\n"
        "sys.stdout.buffer.flush()\n"
        "grandchild.wait()\n"
    )
    grandchild = int(child.request(b"", timeout_s=20))
    assert is_alive(grandchild)
    child.close()
    assert wait_for_end(grandchild)


def test_a_child_does_not_outlive_its_parent() -> None:
    parent = (
        "import os, sys\n"
        "from rlcf.workers.child import Child\n"
        f"child = Child([sys.executable, '-S', '-c', {ECHO!r}])\n"
        "child.request(b'', 20)\n"
        "print(child.pid, flush=True)\n"
        "os._exit(1)\n"
    )
    said = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True, check=False)
    assert wait_for_end(int(said.stdout)), said.stderr


def test_a_command_that_is_not_there_is_an_os_error() -> None:
    with pytest.raises(FileNotFoundError):
        Child(["/nonexistent/tool"])
