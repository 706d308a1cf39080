"""The compiler `tsc` of the npm package `typescript`, which is a native program from version 7 on."""

from __future__ import annotations

import json
import platform
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rlcf.errors import CheckerUnavailable

REMEDY = "make languages, or npm install --global typescript@7"
_OLDEST = 7
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64", "armv7l": "arm"}


@dataclass(frozen=True, slots=True)
class Compiler:
    """A `tsc` that can be used."""

    program: Path
    """The native program."""
    version: str

    @property
    def folder(self) -> Path:
        """What it needs: itself, and the types of the standard library."""
        return self.program.parent


@cache
def find_compiler(named: Path | None = None) -> Compiler:
    """The compiler: the one that is named, that of this environment, or else the one on the path.

    Raises:
        CheckerUnavailable: there is none, or one that is too old; the message says how to get one.
    """
    own = Path(sys.prefix) / "lib" / "node" / "node_modules" / "typescript" / "bin" / "tsc"
    on_path = shutil.which("tsc")
    found = named or (own if own.is_file() else on_path and Path(on_path))
    if not found or not found.is_file():
        missing = f"there is no compiler {named}" if named else "TypeScript's compiler tsc is not installed"
        raise CheckerUnavailable(f"{missing}. To get it: {REMEDY}")
    program = found.resolve()
    if not (program.parent / "lib.d.ts").is_file():  # the script that starts the native program
        version = _version(program.parent.parent)
        if version is not None and int(version.partition(".")[0]) < _OLDEST:
            raise CheckerUnavailable(f"TypeScript {version} in {found} is too old. To get a newer one: {REMEDY}")
        program = _native(program.parent.parent)
    version = _version(program.parent.parent)
    if version is None or not program.is_file():
        raise CheckerUnavailable(f"{found} comes without the native compiler for this machine. To get it: {REMEDY}")
    return Compiler(program, version)


def _native(package: Path) -> Path:
    """The program in the package for this machine, which npm puts beside the package `typescript` or into it."""
    name = f"typescript-{sys.platform}-{_MACHINES.get(platform.machine().lower(), platform.machine())}"
    places = [package.parent / "@typescript" / name, package / "node_modules" / "@typescript" / name]
    return next((p for p in places if p.is_dir()), places[0]) / "lib" / "tsc"


def _version(package: Path) -> str | None:
    """The version in a package's `package.json`; `None` where there is none."""
    try:
        told = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(told) if str(told)[:1].isdigit() else None
