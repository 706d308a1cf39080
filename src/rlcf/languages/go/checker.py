"""Verdicts on Go programs from Go's own type checker, in a warm process of ours: see `helper/`."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from rlcf.config.languages import GoOptions
from rlcf.errors import CheckerUnavailable, UserError
from rlcf.languages.functions import facts_of
from rlcf.languages.go.syntax import GRAMMAR
from rlcf.languages.go.toolchain import Go, built, find_go, listed
from rlcf.languages.pooled import PooledChecker
from rlcf.languages.serving import read_rows
from rlcf.records import Diagnostic, MethodFacts
from rlcf.workers.child import Child

_ENVIRONMENT = {"GOMAXPROCS": "1", "PATH": "/usr/bin:/bin"}

_PACKAGES = ("encoding/json", "fmt", "math", "reflect", "regexp", "sort", "strconv", "strings", "time")
"""Those that are read before the first program comes."""
_RIGHT = "package main\n\n" + "".join(f'import _ "{path}"\n' for path in _PACKAGES)


class GoChecker(PooledChecker):
    """Each worker is a helper of its own, which reads the standard library's sources as programs import them."""

    tool = "Go's checker"
    right = _RIGHT

    mode: ClassVar[str] = "check"
    """What the helper is asked for."""

    def __init__(self, workers: int, timeout_s: float, options: GoOptions, packages: Sequence[Path] = ()) -> None:
        """See `Language.checker`.

        Args:
            packages: lists of further packages that programs may import.
        """
        go = find_go()
        made = built(go)
        self._folder = tempfile.TemporaryDirectory(prefix="rlcf-go-")
        version, lists = "", [made.packages, *packages]
        if options.module is not None:
            version, own = _module(go, options.module, Path(self._folder.name))
            lists.append(own)
        command = [str(made.helper), self.mode, version, *map(str, lists)]
        super().__init__(lambda: Child(command, _ENVIRONMENT), workers, timeout_s)

    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        return read_rows(source, answer, "byte")

    def facts(self, source: str) -> tuple[MethodFacts, ...] | None:
        return facts_of(source, GRAMMAR)

    def close(self) -> None:
        super().close()
        self._folder.cleanup()


def _module(go: Go, root: Path, target: Path) -> tuple[str, Path]:
    """The version of Go that a module is written in, and the list of the packages that its programs may import."""
    if not (root / "go.mod").is_file():
        raise UserError(f"no Go module: there is no go.mod in {root}")
    file = target / "packages.json"
    try:
        told = json.loads(go.run("list", "-m", "-json", folder=root))
        file.write_text(json.dumps(listed(go, root, ["./..."], told["Path"])), encoding="utf-8")
    except CheckerUnavailable as error:
        raise UserError(f"the Go module in {root} cannot be used: {error}") from error
    version = re.match(r"\d+\.\d+", told.get("GoVersion", ""))
    return f"go{version[0]}" if version else "", file
