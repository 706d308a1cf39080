"""What gcc knows: where the headers of C and C++ are. libclang's package has none."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from pathlib import Path

COMPILERS = {"c": ("gcc", "apt install gcc libc6-dev"), "c++": ("g++", "apt install g++")}
"""The compiler whose headers are used, and how to get it."""
_LISTED = re.compile(r"search starts here:\n((?: .*\n)*)")


@functools.cache
def find_compiler(name: str) -> Path | None:
    """The compiler `gcc` or `g++`."""
    found = shutil.which(name)
    return Path(found) if found else None


@functools.cache
def version_of(compiler: Path) -> str:
    """Such as `12.2.0`."""
    told = subprocess.run([compiler, "-dumpfullversion"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown version"


@functools.cache
def header_folders(compiler: Path, language: str) -> tuple[Path, ...]:
    """The folders that a compiler looks for `#include <…>` in, in its order; those that are there.

    Args:
        language: `c` or `c++`.
    """
    command = [str(compiler), "-E", "-v", "-x", language, "-"]
    told = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stderr
    listed = [Path(line.strip()) for group in _LISTED.findall(told) for line in group.splitlines()]
    return tuple(folder.resolve() for folder in listed if folder.is_dir())
