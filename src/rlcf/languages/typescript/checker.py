"""Verdicts on TypeScript and JavaScript programs from the compiler's language server."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rlcf.config.languages import NodeOptions
from rlcf.languages.functions import facts_of
from rlcf.languages.lsp import LspChild
from rlcf.languages.places import Places
from rlcf.languages.pooled import PooledChecker
from rlcf.languages.syntax import Grammar
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.languages.typescript.workspace import Dialect, Workspace
from rlcf.records import Diagnostic, MethodFacts, Severity

_SEVERITIES: dict[int, Severity] = {1: "error", 2: "error", 3: "note"}
"""The second are errors that a `tsconfig.json` asks for, such as `noUnusedLocals`, and that editors show as warnings.
The fourth are hints for editors, which the compiler itself does not give."""
_SUPPRESSION = re.compile(r"@ts-(?=(?:nocheck|ignore|expect-error|check)\b)")
_REACHING = re.compile(rb"\b(?:global|globalThis|window|self|declare|module|namespace|reference|require)\b|\\u")
"""Words without which a program declares nothing outside of itself; any of them may be written with escapes."""
_LARGE = 1 << 16


class TypeScriptChecker(PooledChecker):
    """Each worker is a server of its own."""

    tool = "TypeScript's compiler"
    right = "let x = [1].map((y) => y + 1);\n"

    def __init__(
        self,
        dialect: Dialect,
        grammar: Grammar,
        workers: int,
        timeout_s: float,
        options: NodeOptions,
        syntax_only: bool = False,
    ) -> None:
        """See `Language.checker`. `syntax_only`: errors of names and types are warnings."""
        self.workspace = Workspace(find_compiler(options.compiler), dialect, options)
        self._grammar, self._syntax_only, self._suppressions = grammar, syntax_only, options.suppressions
        command, root = self.workspace.command("--lsp", "--stdio"), self.workspace.root

        def start() -> LspChild:
            return LspChild(command, {}, root, self.workspace.files, dialect.language_id, alone=_reaches_others)

        super().__init__(start, workers, timeout_s)

    def encoded(self, source: str) -> bytes:
        return super().encoded(source if self._suppressions else without_suppressions(source))

    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        return diagnostics(source, json.loads(answer), self._syntax_only)

    def facts(self, source: str) -> tuple[MethodFacts, ...] | None:
        return facts_of(source, self._grammar)

    def close(self) -> None:
        super().close()
        self.workspace.close()


def diagnostics(source: str, items: Sequence[Mapping[str, Any]], syntax_only: bool = False) -> tuple[Diagnostic, ...]:
    """What the server says of a source, in its order."""
    places = Places(source)
    found = []
    for item in items:
        severity, start, code = _SEVERITIES.get(item.get("severity", 1)), item["range"]["start"], item["code"]
        if severity is None:
            continue
        if syntax_only and severity == "error" and not is_syntax(code):
            severity = "warning"
        offset = places.of_line(start["line"], start["character"], "utf-16")
        found.append(places.diagnostic(f"TS{code}", severity, item["message"], offset))
    return tuple(found)


def without_suppressions(source: str) -> str:
    """The same text, of the same length, in which no comment silences the compiler."""
    return _SUPPRESSION.sub("@ts_", source)


def _reaches_others(source: bytes) -> bool:
    """Whether a program might declare something that other programs see, or take much longer than others."""
    return len(source) > _LARGE or _REACHING.search(source) is not None


def is_syntax(code: int) -> bool:
    """Whether a code is one of the parser's, as the compiler numbers them; 8000 and up are TypeScript in JavaScript."""
    return 1000 <= code < 2000 or 8000 <= code < 9000 or 17000 <= code < 18000
