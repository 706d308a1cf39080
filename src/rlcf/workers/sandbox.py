"""The sandbox that generated programs run in: bubblewrap, and `prlimit` where there is one.

What it covers: no network; no sight of other processes, nor of its own memory (there is no /proc); no file of the
machine but the folders named (read-only) and the system's libraries; a private, bounded /tmp, and nothing else to write
to; an empty environment; no privileges; no memory and no files beyond the limits; no processes beside the first
(`syscalls.py`, on x86-64 and aarch64); death with its parent. Threads: at most `_TASKS`, where the kernel counts them
for each sandbox (Linux 5.14 or newer, and not as root, whom it never counts); else as many as the memory bears.

What it does not cover: the processor's time (the caller's time-out does), the number of files in /tmp, and flaws of the
kernel.
"""

import functools
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rlcf.errors import SandboxUnavailable, StorageError, no_answer
from rlcf.storage.atomic import write_bytes
from rlcf.storage.cache import cache_folder
from rlcf.workers.syscalls import no_processes

REMEDY = "apt install bubblewrap (and a kernel that lets users make namespaces); or run without protection"

_LIBRARIES = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64")
_TMP_MIB = 64
_TASKS = 512
_COUNTS_EACH_SANDBOX = (5, 14)
"""The first Linux that counts a user's threads in each user namespace."""
_MIB = 1 << 20
_PROBE_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that works on this machine."""

    bwrap: str
    version: str
    prlimit: str | None
    filter: Path | None = None
    """A file with the filter of system calls that keeps a program from starting others."""
    counts: bool = False
    """Whether the number of threads can be limited."""
    scratch_mib: int = _TMP_MIB
    """MiB that /tmp has, and a single file."""

    def command(
        self,
        program: Sequence[str],
        readable: Sequence[Path],
        memory_mib: int | None = None,
        tasks: int = _TASKS,
        environment: Mapping[str, str] | None = None,
        writable: Sequence[Path] = (),
    ) -> list[str]:
        """The command that runs `program` inside.

        Args:
            program: the command; its paths are those outside.
            readable: files and folders that it sees, at their own paths.
            memory_mib: MiB of private memory that it may have (`RLIMIT_DATA`).
            tasks: threads that it may have at a time, where that can be limited.
            environment: its variables; none by default.
            writable: folders that it may write to, at their own paths.
        """
        command = []
        if self.prlimit:
            data = [] if memory_mib is None else [f"--data={memory_mib * _MIB}"]
            command = [self.prlimit, "--core=0", f"--fsize={self.scratch_mib * _MIB}", *data, "--"]
        if self.filter is None:
            command += [self.bwrap]
        else:
            command += ["/bin/sh", "-c", 'exec "$@" 3<"$0"', str(self.filter), self.bwrap, "--seccomp", "3"]
        command += ["--unshare-user", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
        for name, value in (environment or {}).items():
            command += ["--setenv", name, value]
        command += ["--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"]
        # Of /proc, only what the dynamic linker and launchers read: where the program is. The rest describes the
        # machine, and opens the program's own memory, with the harness's secrets in it.
        command += ["--symlink", str(program[0]), "/proc/self/exe", "--dev", "/dev"]
        command += ["--size", str(self.scratch_mib * _MIB), "--tmpfs", "/tmp"]
        for path in map(Path, _LIBRARIES):
            if path.is_symlink():
                command += ["--symlink", str(path.readlink()), str(path)]
            elif path.is_dir():
                command += ["--ro-bind", str(path), str(path)]
        command += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
        for path in readable:
            command += ["--ro-bind", str(path), str(path)]
        for path in writable:
            command += ["--bind", str(path), str(path)]
        limited = list(program)
        if self.prlimit and self.counts:  # inside, so that it counts what is inside
            command += ["--ro-bind", self.prlimit, self.prlimit]
            limited = [self.prlimit, f"--nproc={tasks}", "--", *program]
        command += ["--remount-ro", "/dev", "--remount-ro", "/"]
        return [*command, "--chdir", "/tmp", "--", *limited]


@functools.cache
def find_sandbox() -> Sandbox:
    """The sandbox, tried a single time in this process.

    Raises:
        SandboxUnavailable: bubblewrap is missing, or the kernel does not let it work; the message tells what to do.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxUnavailable(f"bubblewrap (bwrap) is not installed. To get it: {REMEDY}")
    version = _run([bwrap, "--version"]).stdout.strip().removeprefix("bubblewrap ")
    sandbox = Sandbox(bwrap, version, shutil.which("prlimit"))
    if refusal := _refusal(sandbox):
        raise SandboxUnavailable(f"bubblewrap does not work here: {refusal}. {REMEDY}")
    for better in (replace(sandbox, filter=_filter()), replace(sandbox, filter=_filter(), counts=True)):
        if not _refusal(better) and (_limits_tasks(better) or not better.counts):
            sandbox = better
    return sandbox


def _refusal(sandbox: Sandbox) -> str:
    """Why a command does not run inside; nothing if it does."""
    true = shutil.which("true") or "/bin/true"
    tried = _run(sandbox.command([true], [Path(true).resolve(), Path(true)]))
    lines = tried.stderr.strip().splitlines() or ["nothing on stderr"]
    return "" if tried.returncode == 0 else lines[-1]


def _limits_tasks(sandbox: Sandbox) -> bool:
    """Whether a limit on threads is kept inside, and counts nothing outside."""
    kernel = tuple(int(number) for number in re.findall(r"\d+", platform.release())[:2])
    if kernel < _COUNTS_EACH_SANDBOX or sandbox.prlimit is None:
        return False
    shell = [Path("/bin/sh"), Path("/bin/sh").resolve()]
    forks = replace(sandbox, filter=None).command(["/bin/sh", "-c", "(:); (:) & wait"], shell, tasks=1)
    return _run(forks).returncode != 0


def _filter() -> Path | None:
    """The file with the filter of system calls; `None` where there is none for this machine, or no place for it."""
    wanted = no_processes()
    if wanted is None:
        return None
    try:
        file = cache_folder() / "sandbox" / f"no-processes-{platform.machine()}-{len(wanted)}.bpf"
        if not file.is_file() or file.read_bytes() != wanted:
            write_bytes(file, wanted)
    except (OSError, StorageError):
        return None
    return file


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_PROBE_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise SandboxUnavailable(f"{command[0]} does not work: {no_answer(error)}") from error
    except OSError as error:
        raise SandboxUnavailable(f"{command[0]} does not work here: {error}. {REMEDY}") from error
