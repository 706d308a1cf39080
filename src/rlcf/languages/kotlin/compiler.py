"""Kotlin's compiler: that of the npm package `kotlin-compiler`, or of a `kotlinc` on the path."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from rlcf.errors import CheckerUnavailable

REMEDY = "make languages, or npm install --global kotlin-compiler@2"
_OLDEST = 2


@dataclass(frozen=True, slots=True)
class KotlinCompiler:
    """A compiler that can be used."""

    home: Path
    """Its folder, with `lib` in it."""
    version: str

    @property
    def jar(self) -> Path:
        return self.home / "lib" / "kotlin-compiler.jar"


def find_compiler() -> KotlinCompiler:
    """The compiler of this environment, or else the one on the path.

    Raises:
        CheckerUnavailable: there is none, or one that is too old; the message says how to get one.
    """
    own = Path(sys.prefix) / "lib" / "node" / "node_modules" / "kotlin-compiler"
    on_path = shutil.which("kotlinc")
    homes = [own, *([Path(on_path).resolve().parent.parent] if on_path else [])]
    for home in homes:
        if (home / "lib" / "kotlin-compiler.jar").is_file():
            version = _version(home)
            if int(version.partition(".")[0]) < _OLDEST:
                raise CheckerUnavailable(f"Kotlin {version} in {home} is too old. To get a newer one: {REMEDY}")
            return KotlinCompiler(home, version)
    raise CheckerUnavailable(f"Kotlin's compiler is not installed. To get it: {REMEDY}")


def _version(home: Path) -> str:
    """As its file `build.txt` tells it, such as `2.4.20`; `0` where it does not."""
    try:
        told = (home / "build.txt").read_text(encoding="utf-8")
    except OSError:
        return "0"
    found = re.match(r"\d+(\.\d+)*", told)
    return found[0] if found else "0"
