"""What a program in the sandbox can see and do, tried with the system's own tools."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rlcf.errors import SandboxUnavailable
from rlcf.workers import sandbox
from rlcf.workers.sandbox import Sandbox, find_sandbox


@pytest.fixture
def box() -> Sandbox:
    try:
        return find_sandbox()
    except SandboxUnavailable as error:
        pytest.skip(str(error))


def inside(box: Sandbox, program: str, memory_mib: int | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a Python program in the sandbox, which sees Python and nothing else."""
    readable = {Path(sys.base_prefix).resolve(), Path(sys.executable).resolve().parent.parent}
    command = box.command([str(Path(sys.executable).resolve()), "-S", "-c", program], sorted(readable), memory_mib)
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_it_sees_no_file_but_those_named_and_the_libraries(box: Sandbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    said = inside(
        box,
        f"import os; print(sorted(os.listdir('/etc')), os.path.exists({str(secret)!r}), os.listdir('/tmp'))",
    )
    assert said.stdout.strip().endswith("False []"), said.stderr
    assert "passwd" not in said.stdout


def test_it_sees_no_environment_and_no_process_of_ours(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    said = inside(box, "import os; print(len(os.environ), sum(name.isdigit() for name in os.listdir('/proc')))")
    variables, processes = map(int, said.stdout.split())
    assert variables <= 3  # PWD, and what Python sets for itself
    assert processes <= 2  # itself, and the sandbox's first process


def test_it_has_no_network(box: Sandbox) -> None:
    said = inside(box, "import socket; print([name for _, name in socket.if_nameindex()])")
    assert said.stdout.strip() == "['lo']"


def test_it_can_write_nowhere_but_in_a_tmp_of_its_own(box: Sandbox) -> None:
    said = inside(box, "open('/tmp/rlcf-inside', 'w').write('x'); open('/usr/lib/rlcf-inside', 'w')")
    assert "Read-only file system" in said.stderr
    assert not Path("/tmp/rlcf-inside").exists()


def test_its_memory_ends(box: Sandbox) -> None:
    if box.prlimit is None:
        pytest.skip("no prlimit on this machine")
    assert "MemoryError" in inside(box, "bytearray(512 << 20)", memory_mib=128).stderr


def test_it_is_not_root(box: Sandbox) -> None:
    assert inside(box, "import os; print(os.getuid())").stdout.strip() == "65534"


def test_where_bubblewrap_is_missing_the_message_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    sandbox.find_sandbox.cache_clear()
    with pytest.raises(SandboxUnavailable, match="apt install bubblewrap"):
        find_sandbox()
    sandbox.find_sandbox.cache_clear()


def test_where_bubblewrap_does_not_work_the_message_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    sandbox.find_sandbox.cache_clear()
    with pytest.raises(SandboxUnavailable, match="No permissions"):
        find_sandbox()
    sandbox.find_sandbox.cache_clear()


def test_a_program_sees_the_variables_that_are_named_and_no_others(box: Sandbox) -> None:
    env = Path("/usr/bin/env")
    command = box.command([str(env)], [env], environment={"THREADS": "1"})
    seen = subprocess.run(command, capture_output=True, text=True, check=True, env={"SECRET": "2"})
    assert set(seen.stdout.split()) == {"THREADS=1", "PWD=/tmp"}
