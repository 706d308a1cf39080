"""Icarus Verilog: finds it, and runs its parts in a sandbox that sees the texts and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from rlcf.errors import CheckerUnavailable
from rlcf.workers.command import Finished, run_command
from rlcf.workers.sandbox import find_sandbox

REMEDY = "apt install iverilog"
_OLDEST = 11
_START_S = 60.0
_COMPILE_S = 60.0
_SHELL = "/bin/sh"
_COMPILER_MIB = 1024


@dataclass(frozen=True, slots=True)
class Simulator:
    """Its compiler and its machine."""

    compiler: Path
    machine: Path
    version: str

    def preprocess(self, text: str, sandbox: bool) -> tuple[str | None, str]:
        """A text without macros, or none and what the preprocessor says."""
        shell = 'iverilog -E -g2012 -o text "$1" 2>said && echo done && cat text || cat said'
        output = self._compiler({"text.sv": text}, shell, sandbox)
        said, done, whole = output.partition("done\n")
        return (whole, "") if done and not said else (None, output)

    def run(self, texts: Mapping[str, str], top: str, ready: str, limits: Limits) -> Finished:
        """Compiles texts together, tells `ready`, and simulates. Where they do not compile, `ready` is never told."""
        shell = (
            'top="$1" ready="$2"; shift 2; iverilog -g2012 -Wno-timescale -s "$top" -o design "$@" </dev/null && '
            'echo && echo "$ready" && exec vvp -n design </dev/null'
        )
        return self._shell(texts, shell, [top, ready], ready, limits)

    def _compiler(self, texts: Mapping[str, str], shell: str, sandbox: bool) -> str:
        ended = self._shell(texts, f"echo begun; {shell}", [], "begun", Limits(_COMPILE_S, _COMPILER_MIB, sandbox))
        return ended.output.partition(b"begun\n")[2].decode("utf-8", "replace")

    def _shell(
        self, texts: Mapping[str, str], shell: str, arguments: Sequence[str], ready: str, limits: Limits
    ) -> Finished:
        """A command of a shell, whose last arguments are the files with the texts. It runs in an empty folder."""
        with TemporaryDirectory(prefix="rlcf-run-") as folder:
            files = [Path(folder) / name for name in texts]
            for file, text in zip(files, texts.values(), strict=True):
                file.write_text(text, encoding="utf-8", errors="replace")
            command = [_SHELL, "-c", shell, "sh", *arguments, *map(str, files)]
            scratch = None
            if limits.sandbox:
                readable = [Path(_SHELL), Path(_SHELL).resolve(), self.compiler, self.machine, Path("/bin/cat"), *files]
                inside = replace(find_sandbox(), filter=None)  # the compiler consists of several processes
                command = inside.command(command, readable, limits.memory_mib)
            else:
                scratch = folder
            path = f"{self.compiler.parent}:/usr/bin:/bin"
            return run_command(
                command,
                b"",
                timeout_s=limits.timeout_s,
                ready_mark=ready.encode(),
                start_timeout_s=_START_S,
                environment={"PATH": path},
                folder=scratch,
            )


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take: seconds of wall time, MiB of memory; and whether it runs in a sandbox."""

    timeout_s: float
    memory_mib: int
    sandbox: bool


@cache
def find_simulator() -> Simulator:
    """Icarus Verilog on the path.

    Raises:
        CheckerUnavailable: there is none, or one that is too old; the message says how to get one.
    """
    compiler, machine = shutil.which("iverilog"), shutil.which("vvp")
    if compiler is None or machine is None:
        raise CheckerUnavailable(f"Icarus Verilog (iverilog) is not installed. To get it: {REMEDY}")
    told = subprocess.run([compiler, "-V"], capture_output=True, text=True, check=False).stdout
    version = next((word for word in told.split() if word[:1].isdigit()), "0")
    if int(version.partition(".")[0]) < _OLDEST:
        raise CheckerUnavailable(f"Icarus Verilog {version} is too old: {_OLDEST} or newer is needed; {REMEDY}")
    return Simulator(Path(compiler), Path(machine), version)
