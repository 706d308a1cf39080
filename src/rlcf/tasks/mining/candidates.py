"""The methods of a project that tasks can be made of, and why the others cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rlcf.languages.base import Language
from rlcf.languages.projects import SourceFile, SourceMethod
from rlcf.tasks.mining.keys import keys
from rlcf.tasks.mining.prompts import comment_start

_DOCUMENTED = 40
"""Characters of a documentation comment from which a method counts as documented."""
_AFTER = 2000
"""Characters after a body that a sample may be taken to go on with."""
_SHAPES = {
    "empty": "does nothing",
    "throw": "only throws",
    "literal": "returns a literal",
    "getter": "getter",
    "setter": "setter",
    "delegate": "one call that hands on what it is given",
}
_MARKS = {
    "constructor": "constructor",
    "local": "inside a method or an expression",
    "generated": "generated code",
    "deprecated": "deprecated",
    "silenced": "holds a comment that silences the checker",
    "unseen": "the checker does not look into it",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A method whose body is to be written."""

    path: str
    """Of its file, in the project's folder, with slashes."""
    text: str
    """Of its file."""
    file: SourceFile
    method: SourceMethod

    @property
    def start(self) -> int:
        """Where the completion starts: after the opening mark, and its line's end where nothing else follows it."""
        after = self.method.head_end + 1
        blank = re.compile(r"[^\S\r\n]*(?:\r\n|\r|\n)").match(self.text, after)
        return blank.end() if blank else after

    @property
    def end(self) -> int:
        return self.method.closing + 1

    @property
    def body(self) -> str:
        """The reference."""
        return self.text[self.start : self.end]

    @property
    def header(self) -> str:
        """The method up to where the completion starts, with the indentation of its first line."""
        first = self.text.rfind("\n", 0, self.method.start) + 1
        first = self.method.start if self.text[first : self.method.start].strip() else first
        return self.text[first : self.start]

    @property
    def task_id(self) -> str:
        """From path and signature, so that it stays the same when the project is mined again."""
        owner = f"{self.method.owner}." if self.method.owner else ""
        return f"{self.path}#{owner}{self.method.signature}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which methods are asked for."""

    min_statements: int = 1
    max_statements: int = 30
    documented: bool = False


def candidates(root: Path, texts: Mapping[Path, str], files: Mapping[Path, SourceFile]) -> Iterator[Candidate]:
    """All methods with a body, by path and place."""
    for path in sorted(texts):
        if path in files:
            name = path.relative_to(root).as_posix()
            for method in files[path].methods:
                yield Candidate(name, texts[path], files[path], method)


def why_not(candidate: Candidate, wanted: Wanted, language: Language) -> str | None:
    """The first reason against a candidate, in a few words; `None`: there is none."""
    method = candidate.method
    for mark, reason in _MARKS.items():
        if mark in method.marks:
            return reason
    if method.shape:
        return _SHAPES[method.shape]
    if not wanted.min_statements <= method.statements <= wanted.max_statements:
        return f"fewer than {wanted.min_statements} or more than {wanted.max_statements} statements"
    comment_at = comment_start(candidate.text, method, language.notation)
    if wanted.documented and max(method.start - comment_at, method.head_end - method.opening) <= _DOCUMENTED:
        return "not documented"
    if any(e.offset is not None and candidate.start <= e.offset < candidate.end for e in candidate.file.errors):
        return "has an error as it stands"
    if any(comment_at < key.end() and key.start() < candidate.end for key in keys(candidate.text)):
        return "holds what looks like a key"
    if not _ends_where_it_ends(candidate, language):
        return "its end cannot be told from the text"
    return None


def _ends_where_it_ends(candidate: Candidate, language: Language) -> bool:
    """Whether a sample that writes the reference, and then goes on, would be cut where the reference ends."""
    after = candidate.text[candidate.end : candidate.end + _AFTER]
    end = language.program_end(candidate.header, candidate.body + after)
    if end is None:
        return language.ends_with_text and not after.strip()
    return end >= len(candidate.body) and not after[: end - len(candidate.body)].strip()
