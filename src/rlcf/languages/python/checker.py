"""Verdicts on Python programs from ty's language server."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rlcf.config.languages import PythonOptions
from rlcf.errors import CheckerUnavailable
from rlcf.languages.functions import facts_of
from rlcf.languages.lsp import LspChild, unknown_names
from rlcf.languages.places import Places
from rlcf.languages.pooled import PooledChecker
from rlcf.languages.python.facts import GRAMMAR
from rlcf.languages.python.suppressions import without_suppressions
from rlcf.languages.python.workspace import Workspace
from rlcf.records import Diagnostic, MethodFacts, Severity
from rlcf.workers.child import Child

_SYNTAX = frozenset({"invalid-syntax"})
_NAMES = _SYNTAX | {"unresolved-reference", "possibly-unresolved-reference", "unresolved-import", "import-not-found"}
_LEVELS = {"syntax": _SYNTAX, "names": _NAMES, "types": None}
"""Codes that reject a program; `None`: all that ty calls errors."""
_SEVERITIES: dict[int, Severity] = {1: "error", 2: "warning", 3: "note"}
"""The fourth are hints for editors, which `ty check` does not give."""
THREADS = {"TY_MAX_PARALLELISM": "1", "RAYON_NUM_THREADS": "1"}


class PythonChecker(PooledChecker):
    """Each worker is a server of its own, with one thread."""

    tool = "ty"
    right = "import re\n\n\ndef f(x: int) -> str:\n    return re.escape(str(x))\n"

    def __init__(self, ty: Path | None, workers: int, timeout_s: float, options: PythonOptions) -> None:
        """See `Language.checker`."""
        if ty is None:
            raise CheckerUnavailable("Python's checker ty is not installed. To get it: pip install 'rlcf[python]'")
        self._options = options
        self._workspace = Workspace(options)
        super().__init__(self._starter([str(ty), "server"]), workers, timeout_s)

    def _starter(self, command: Sequence[str]) -> Callable[[], Child]:
        environment, root = self._workspace.environment | THREADS, self._workspace.root
        files = unknown_names(".py")
        return lambda: LspChild(command, environment, root, files, "python")

    def encoded(self, source: str) -> bytes:
        return super().encoded(source if self._options.suppressions else without_suppressions(source))

    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        return diagnostics(source, json.loads(answer), self._options)

    def facts(self, source: str) -> tuple[MethodFacts, ...] | None:
        return facts_of(source, GRAMMAR)

    def close(self) -> None:
        super().close()
        self._workspace.close()


def diagnostics(source: str, items: Sequence[Mapping[str, Any]], options: PythonOptions) -> tuple[Diagnostic, ...]:
    """What the server says of a source, in its order."""
    level = _LEVELS[options.strictness]
    places = Places(source)
    found = []
    for item in items:
        code, start = str(item.get("code", "")), item["range"]["start"]
        severity = _SEVERITIES.get(item.get("severity", 1))
        if severity is None:
            continue
        if severity == "error" and level is not None and code not in level:
            severity = "warning"
        offset = places.of_line(start["line"], start["character"])
        found.append(places.diagnostic(code, severity, item["message"], offset))
    return tuple(found)
