"""Finds a Java Development Kit: JAVA_HOME, then the `javac` and the `java` on the PATH, then /usr/lib/jvm/*."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rlcf.errors import CheckerUnavailable

OLDEST = 17
OLDEST_RELEASE = 8
"""The oldest Java that the compilers of JDK 17 and newer still check for (`javac --release`)."""
FIRST_WITH_MODULES = 9
"""The first release whose platform consists of modules."""
REMEDY = "apt install openjdk-17-jdk-headless (or set JAVA_HOME to a JDK of version 17 or newer)"

_JVM_FOLDER = Path("/usr/lib/jvm")


@dataclass(frozen=True, slots=True)
class Jdk:
    """A Java Development Kit with a compiler."""

    home: Path
    """Resolved: no part of it is a symbolic link."""
    version: str
    """Such as `17.0.15`."""

    @property
    def feature(self) -> int:
        """The release it is a JDK of: 17 of `17.0.15`, 8 of `1.8.0_402`."""
        numbers = [int(number) for number in re.findall(r"\d+", self.version)[:2]] or [0]
        return numbers[1] if numbers[0] == 1 and len(numbers) > 1 else numbers[0]

    @property
    def java(self) -> Path:
        return self.home / "bin" / "java"

    @property
    def javac(self) -> Path:
        return self.home / "bin" / "javac"

    def modules(self) -> set[str]:
        """The names of its modules; none where its file `release` does not tell."""
        return set((_in_release_file(self.home, "MODULES") or "").split())

    def folders(self) -> list[Path]:
        """Folders a virtual machine reads: its home, and where the links in it lead (Debian's /etc/java-*)."""
        links = (path for part in ("conf", "lib") for path in (self.home / part).rglob("*") if path.is_symlink())
        targets = {link.resolve().parent for link in links if link.exists()}
        return [self.home, *sorted(target for target in targets if not target.is_relative_to(self.home))]


def find_jdk() -> Jdk:
    """The first usable JDK.

    Raises:
        CheckerUnavailable: none; tells a missing one from one that is too old or has no compiler.
    """
    refused: list[str] = []
    for home in dict.fromkeys(_candidates()):
        version = _version(home)
        if version is None:
            continue
        jdk = Jdk(home, version)
        if jdk.feature < OLDEST:
            refused.append(f"{home} is Java {version}, too old (needs {OLDEST} or newer)")
        elif not jdk.javac.is_file():
            refused.append(f"{home} is a runtime (JRE) of Java {version} without the compiler javac")
        else:
            return jdk
    if refused:
        raise CheckerUnavailable(f"no usable JDK: {'; '.join(refused)}. To get one: {REMEDY}")
    named = os.environ.get("JAVA_HOME")
    place = f" (JAVA_HOME is {named!r}, where there is none)" if named else ""
    raise CheckerUnavailable(f"no JDK found{place}. To get one: {REMEDY}")


def _candidates() -> Iterator[Path]:
    """Folders that may be the home of a JDK, best first."""
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named).resolve()
    for program in ("javac", "java"):
        if found := shutil.which(program):
            yield Path(found).resolve().parent.parent
    if _JVM_FOLDER.is_dir():
        yield from sorted((folder.resolve() for folder in _JVM_FOLDER.iterdir()), reverse=True)


def _version(home: Path) -> str | None:
    """The Java version under `home`, or `None` where there is no Java."""
    if not (home / "bin" / "java").is_file():
        return None
    if version := _in_release_file(home, "JAVA_VERSION"):
        return version
    java = str(home / "bin" / "java")  # some builds carry no such file
    try:
        output = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'version "([^"]+)"', output)
    return match[1] if match else None


def _in_release_file(home: Path, key: str) -> str | None:
    try:
        match = re.search(rf'^{key}="([^"]+)"', (home / "release").read_text(), re.MULTILINE)
    except OSError:
        return None
    return match[1] if match else None
