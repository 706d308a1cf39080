"""Finds the Rust compiler: `rustc` itself, which the one on the PATH may only be a proxy for (rustup's)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rlcf.errors import CheckerUnavailable

OLDEST = (1, 63)
REMEDY = "apt install rustc, or https://rustup.rs (1.63 or newer)"
LINKER_REMEDY = "apt install gcc"

_LIBRARIES = Path("/usr/lib")
"""Of these the sandbox sees all."""


@dataclass(frozen=True, slots=True)
class Rust:
    """An installation of Rust."""

    root: Path
    """Its system root."""
    version: str
    """Such as `1.95.0`."""

    @property
    def command(self) -> Path:
        return self.root / "bin" / "rustc"

    def arguments(self) -> list[str]:
        """The command, as it is started in the sandbox, where nothing tells it where it stands."""
        return [str(self.command), f"--sysroot={self.root}"]

    def environment(self) -> dict[str, str]:
        """Where it finds its own libraries there."""
        return {"LD_LIBRARY_PATH": str(self.root / "lib")}

    def readable(self) -> tuple[Path, ...]:
        """What the compiler reads."""
        libraries = self.root / "lib"
        return (self.command, *([] if libraries.is_relative_to(_LIBRARIES) else [libraries]))


@cache
def find_rust() -> Rust:
    """The Rust of the PATH.

    Raises:
        CheckerUnavailable: there is none; tells a missing one from one that is too old.
    """
    found = shutil.which("rustc") or shutil.which("rustc", path=str(Path.home() / ".cargo" / "bin"))
    if found is None:
        raise CheckerUnavailable(f"rustc is not installed. To get it: {REMEDY}")
    root = _told([found, "--print", "sysroot"])
    version = re.match(r"rustc (\S+)", _told([f"{root}/bin/rustc", "--version"])) if root else None
    if version is None:
        raise CheckerUnavailable(f"{found} does not work: it names no compiler. To get one: {REMEDY}")
    if tuple(int(number) for number in re.findall(r"\d+", version[1])[:2]) < OLDEST:
        raise CheckerUnavailable(f"{found} is Rust {version[1]}, too old. To get a newer one: {REMEDY}")
    return Rust(Path(root), version[1])


def find_linker() -> Path | None:
    """What rustc links with: the command `cc`, wherever its links lead."""
    found = shutil.which("cc")
    return Path(found).resolve() if found else None


def _told(command: list[str]) -> str:
    """What a command writes, in a folder that chooses no toolchain; empty where it does not work."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=os.sep)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
