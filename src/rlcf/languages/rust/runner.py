"""Runs Rust programs with their tests: functions with `#[test]`, or a function `main`."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rlcf.config.languages import RustOptions
from rlcf.errors import CheckerUnavailable
from rlcf.languages.compiled import Build, CompiledRunner, Division
from rlcf.languages.rust.checker import RustChecker
from rlcf.languages.rust.divide import divide
from rlcf.languages.rust.toolchain import LINKER_REMEDY, Rust, find_linker, find_rust
from rlcf.records import Program, Verdict
from rlcf.storage.atomic import whole_folder
from rlcf.storage.cache import cache_folder

_HARNESS = Path(__file__).parent / "harness" / "rlcf.rs"
_TEST = re.compile(r"^(?:#\[cfg\(test\)\]|#\[test\]|fn main\()", re.MULTILINE)
_CHECK_TIMEOUT_S = 30.0
_COMPILE_TIMEOUT_S = 300.0


class RustRunner(CompiledRunner):
    """See `CompiledRunner`."""

    tool = "rustc"
    suffix = ".rs"
    no_memory = (b"memory allocation of",)

    def __init__(self, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        """See `Language.runner`."""
        super().__init__(workers, timeout_s, memory_mib, sandbox)
        rust, linker, edition = find_rust(), find_linker(), RustOptions().edition
        if linker is None:
            raise CheckerUnavailable(f"rustc needs a linker, which is cc. To get it: {LINKER_REMEDY}")
        library = _library(rust)
        options = f"--edition={edition} --cap-lints=allow -C debuginfo=0 -C linker='{linker}'"
        options += f" --extern 'rlcf={library}' -o \"$0\""
        shell = " ".join([f"'{rust.command}'", f"'--sysroot={rust.root}'", options, '"$@"'])
        readable = (*rust.readable(), library.parent, linker.parent, Path("/usr/bin"))  # what it starts is there
        self._build = Build(shell, readable, {**rust.environment(), "PATH": "/usr/bin:/bin"})
        self._checker = _TestChecker(workers, _CHECK_TIMEOUT_S, RustOptions())

    def divide(self, programs: Sequence[Program]) -> list[tuple[Verdict, Division | str]]:
        verdicts = self._checker.check([program.source for program in programs])
        return [(v, divide(p) if v.accepted else "") for p, v in zip(programs, verdicts, strict=True)]

    def build(self, is_judge: bool) -> Build:  # noqa: ARG002
        return self._build

    def with_known_test(self, source: str) -> Program:
        """The test of a plain text starts with its first test, or with `main`."""
        found = _TEST.search(source)
        start = found.start() if found else len(source)
        return Program(source, end=start, test_start=start)

    def close(self) -> None:
        super().close()
        self._checker.close()


class _TestChecker(RustChecker):
    """Sees what stands under `#[cfg(test)]`, too."""

    target = ("--test",)


def _library(rust: Rust) -> Path:
    """The compiled library that both processes have."""
    digest = hashlib.sha256(f"{rust.root} {rust.version}".encode() + _HARNESS.read_bytes()).hexdigest()[:16]
    target = cache_folder() / "rust" / f"library-{digest}" / "librlcf.rlib"
    if not target.is_file():
        with whole_folder(target.parent, replace=False) as fresh:
            command = [
                str(rust.command),
                "--edition=2021",
                "--crate-type=rlib",
                "--crate-name=rlcf",
                "-O",
                str(_HARNESS),
            ]
            command += ["--out-dir", str(fresh)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=_COMPILE_TIMEOUT_S, check=False)
            if done.returncode != 0:
                raise CheckerUnavailable(f"rustc cannot compile rlcf's library: {done.stderr.strip()[:300]}")
    return target
