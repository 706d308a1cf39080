"""Compiles rlcf's own Java, a single time on each machine, into the cache folder.

The compile server (`server`, with the facts that `analysis` adds) and the virtual machines that run programs
(`harness`) are built apart. A folder's name holds a hash of its sources and of the JDK, so that a new release of either
makes a new one.
"""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rlcf.errors import CheckerUnavailable, no_answer
from rlcf.languages.java.jdk import Jdk
from rlcf.storage.atomic import whole_folder
from rlcf.storage.cache import cache_folder

COMPILER_EXPORTS = tuple(
    option
    for package in ("api", "code", "main", "parser", "platform", "tree", "util")
    for option in ("--add-exports", f"jdk.compiler/com.sun.tools.javac.{package}=ALL-UNNAMED")
)
"""What of the compiler's insides the compile server uses, as options for `java` and `javac`."""

_TIMEOUT_S = 120.0


def built(jdk: Jdk, *rooms: str) -> Path:
    """The folder with the classes of the Java sources in the folders `rooms`, compiled together.

    Raises:
        CheckerUnavailable: the JDK cannot compile them.
        StorageError: the cache folder cannot be written.
    """
    sources = [file for room in rooms for file in sorted((Path(__file__).parent / room).glob("*.java"))]
    return compiled(jdk, rooms[0], sources, COMPILER_EXPORTS)


def compiled(jdk: Jdk, name: str, sources: Sequence[Path], options: Sequence[str]) -> Path:
    """As `built`, for any sources and options of `javac`; the folder's name begins with `name`."""
    digest = hashlib.sha256(f"{jdk.home} {jdk.version} {options}".encode())
    for source in sources:
        digest.update(source.read_bytes())
    target = cache_folder() / "java" / f"{name}-{digest.hexdigest()[:16]}"
    if not any(target.glob("*.class")):
        with whole_folder(target, replace=False) as fresh:  # another process may be faster, with the same classes
            _compile(jdk, sources, fresh, options)
            fresh.chmod(0o755)
    return target


def _compile(jdk: Jdk, sources: Sequence[Path], target: Path, more: Sequence[str]) -> None:
    options = ["-proc:none", "-nowarn", *more, "-d"]
    command, environment = [str(part) for part in (jdk.javac, *options, target, *sources)], clean_environment()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False, env=environment)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CheckerUnavailable(f"{jdk.javac} does not work: {no_answer(error)}") from error
    if done.returncode != 0:
        errors = " | ".join((done.stderr or done.stdout).splitlines()[:5])
        raise CheckerUnavailable(f"{jdk.javac} ({jdk.version}) cannot compile rlcf's helpers: {errors}")


def clean_environment() -> dict[str, str]:
    """The environment for a JVM of ours: nothing that changes its options (JAVA_TOOL_OPTIONS) or its language."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
