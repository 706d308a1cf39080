"""Verdicts on Python programs from ty's language server."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

from rlcf.config.languages import PythonOptions
from rlcf.errors import CheckerUnavailable, UserError
from rlcf.languages.lsp import LspChild
from rlcf.languages.places import Places
from rlcf.languages.pooled import PooledChecker
from rlcf.languages.python.facts import GRAMMAR
from rlcf.languages.syntax import facts_of
from rlcf.records import Diagnostic, MethodFacts, Severity

_SYNTAX = frozenset({"invalid-syntax"})
_NAMES = _SYNTAX | {"unresolved-reference", "possibly-unresolved-reference", "unresolved-import", "import-not-found"}
_LEVELS = {"syntax": _SYNTAX, "names": _NAMES, "types": None}
"""Codes that reject a program; `None`: all that ty calls errors."""
_SEVERITIES: dict[int, Severity] = {1: "error", 2: "warning", 3: "note", 4: "note"}
_SUPPRESSIONS = {
    re.compile(r"(#[^\r\n]*?\bt(?:y|ype)[ \t]*:[ \t]*)i(?=gnore)"): r"\1_",
    re.compile(r"(^#[ \t]*//)/", re.MULTILINE): r"\1_",  # a script's own settings, ty's among them
    re.compile(r"\bno_type_check\b"): "no_type_chec_",  # is then a name that does not exist
}
_FILE = "program.py"


class PythonChecker(PooledChecker):
    """Each worker is a server of its own, with one thread."""

    tool = "ty"
    right = "import re\n\n\ndef f(x: int) -> str:\n    return re.escape(str(x))\n"

    def __init__(self, ty: Path | None, workers: int, timeout_s: float, options: PythonOptions) -> None:
        """See `Language.checker`."""
        if ty is None:
            raise CheckerUnavailable("Python's checker ty is not installed. To get it: pip install 'rlcf[python]'")
        self._level, self._suppressions = _LEVELS[options.strictness], options.suppressions
        self._folder = tempfile.TemporaryDirectory(prefix="rlcf-python-")
        root = Path(self._folder.name)
        (root / "ty.toml").write_text(settings(root, options), encoding="utf-8")
        environment = {"HOME": str(root), "PATH": "/usr/bin:/bin", "TY_MAX_PARALLELISM": "1", "RAYON_NUM_THREADS": "1"}
        super().__init__(lambda: LspChild([str(ty), "server"], environment, root, _FILE, "python"), workers, timeout_s)

    def encoded(self, source: str) -> bytes:
        return super().encoded(source if self._suppressions else without_suppressions(source))

    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        places = Places(source)
        found = []
        for item in json.loads(answer):
            code, start = str(item.get("code", "")), item["range"]["start"]
            severity = _SEVERITIES.get(item.get("severity"), "error")
            if severity == "error" and self._level is not None and code not in self._level:
                severity = "warning"
            offset = places.of_line(start["line"], start["character"])
            found.append(places.diagnostic(code, severity, item["message"], offset))
        return tuple(found)

    def facts(self, source: str) -> tuple[MethodFacts, ...] | None:
        return facts_of(source, GRAMMAR)

    def close(self) -> None:
        super().close()
        self._folder.cleanup()


def without_suppressions(source: str) -> str:
    """The same text, of the same length, in which nothing silences ty: no comment, no decorator, no settings."""
    for pattern, instead in _SUPPRESSIONS.items():
        source = pattern.sub(instead, source)
    return source


def settings(root: Path, options: PythonOptions) -> str:
    """The text of `ty.toml`. Without an environment of the user's, only the standard library is known."""
    for path in (*options.search_path, *([options.environment] if options.environment else [])):
        if not path.is_dir():
            raise UserError(f"no such folder: {path}")
    environment = options.environment
    if environment is None:
        environment = root / "empty"
        packages = environment / "lib" / f"python{options.version}" / "site-packages"
        packages.mkdir(parents=True)
        (environment / "pyvenv.cfg").write_text(f"home = {root}\nversion = {options.version}\n", encoding="utf-8")
    told = {
        "python-version": options.version,
        "python": str(environment.absolute()),
        "extra-paths": [str(path.absolute()) for path in options.search_path],
    }
    return "[environment]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in told.items())
