"""The programs in `tests/diagnostics`: what the compiler has to say stands beside the source.

A comment `// ^ code` names an error of the last line above that is no such comment; its caret is in the
error's column. A program without such comments must be accepted.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rlcf.languages.java.checker import JavaChecker

PROGRAMS = sorted((Path(__file__).parent.parent / "diagnostics").glob("*.java"))
MARK = re.compile(r"\s*//\s*\^ ?(?P<code>[\w.-]+)$")


def expected_errors(source: str) -> list[tuple[str, int, int]]:
    """Code, line and column of each mark."""
    errors, line = [], 0
    for number, text in enumerate(source.split("\n"), start=1):
        if mark := MARK.match(text):
            errors.append((mark["code"], line, text.index("^") + 1))
        else:
            line = number
    return errors


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_errors_are_those_beside_the_source(path: Path, java_checker: JavaChecker) -> None:
    source = path.read_text(encoding="utf-8")
    (verdict,) = java_checker.check([source])
    found = [(error.code, error.line, error.column) for error in verdict.diagnostics]
    assert sorted(found) == sorted(expected_errors(source))
    assert verdict.status == ("rejected" if found else "accepted")
    lines = source.split("\n")
    for error in verdict.diagnostics:
        assert error.severity == "error"
        assert error.message
        assert error.offset == sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
