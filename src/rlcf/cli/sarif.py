"""Verdicts in SARIF 2.1.0 (OASIS), the format that code scanning services read."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rlcf import __version__
from rlcf.evaluation.checking import Checked
from rlcf.records import LINE_END, Diagnostic

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_TIMEOUT, _REJECTED = "rlcf.timeout", "rlcf.rejected"
"""Rules of verdicts without a diagnostic."""


def sarif(checked: Sequence[Checked], root: Path, timeout_s: float) -> str:
    """The document with one run: a result for each diagnostic, a rule for each code.

    Args:
        root: the folder that paths are relative to.
        timeout_s: what a program had, for the message about one that took longer.
    """
    results = [result for each in checked for result in _results(each, root, timeout_s)]
    rules = list(dict.fromkeys(result["ruleId"] for result in results))
    for result in results:
        result["ruleIndex"] = rules.index(result["ruleId"])
    driver = {"name": "rlcf", "version": __version__, "rules": [_rule(code) for code in rules]}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> dict[str, Any]:
    text = f"The diagnostic {code} of the compiler."
    return {"id": code, "shortDescription": {"text": text}, "defaultConfiguration": {"level": "error"}}


def _results(checked: Checked, root: Path, timeout_s: float) -> Iterator[dict[str, Any]]:
    lines = LINE_END.split(checked.program.source)
    seen: Counter[str] = Counter()
    for diagnostic in _diagnostics(checked, timeout_s):
        line = lines[diagnostic.line - 1].strip() if 0 < diagnostic.line <= len(lines) else ""
        mark = hashlib.sha256(f"{diagnostic.code}\0{line}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[mark] += 1
        yield {
            "ruleId": diagnostic.code,
            "level": diagnostic.severity,
            "message": {"text": diagnostic.message or diagnostic.code},
            "locations": [_location(checked, diagnostic, root)],
            "partialFingerprints": {"codeAndLine/v1": f"{mark}:{seen[mark]}"},
        }


def _diagnostics(checked: Checked, timeout_s: float) -> Sequence[Diagnostic]:
    verdict = checked.verdict
    if verdict.status == "timeout":
        return [Diagnostic(_TIMEOUT, "error", f"The compiler took longer than {timeout_s:g} s.", 0, 0)]
    if verdict.diagnostics or verdict.accepted:
        return verdict.diagnostics
    return [Diagnostic(_REJECTED, "error", "The compiler rejects it.", 0, 0)]


def _location(checked: Checked, diagnostic: Diagnostic, root: Path) -> dict[str, Any]:
    """The place in a file; a completion, which stands in none, is a logical location."""
    region = {"startLine": diagnostic.line, "startColumn": max(diagnostic.column, 1)} if diagnostic.line else None
    if checked.path is None:
        return {"logicalLocations": [{"fullyQualifiedName": checked.id}]}
    physical: dict[str, Any] = {"artifactLocation": _artifact(checked.path, root)}
    return {"physicalLocation": physical | ({"region": region} if region else {})}


def _artifact(path: Path, root: Path) -> dict[str, str]:
    real, top = os.path.realpath(path), os.path.realpath(root)
    if not Path(real).is_relative_to(top):
        return {"uri": "file://" + quote(os.fsencode(real))}
    return {"uri": quote(os.fsencode(os.path.relpath(real, top))), "uriBaseId": _ROOT}
