"""Verdicts on programs that stand in a file of a project, by a language server that sees the project.

A program is rejected for errors that the project does not have without it: those in the text that takes the place of
other text, and those that it causes anywhere else. The project's own errors reject nothing: they are reported as notes.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rlcf.errors import DataError
from rlcf.languages.pooled import PooledChecker
from rlcf.languages.tree_folder import TreeFolder, is_inside
from rlcf.records import Diagnostic, MethodFacts, Program, Verdict
from rlcf.workers.pool import Unanswered

Items = Sequence[Mapping[str, Any]]
"""What a server says of a text."""


class TreeChecker(PooledChecker):
    """A program with a path stands in the place of the file there, for itself only. Its children are `TreeLspChild`."""

    folder: TreeFolder
    alone: str
    """The file of a program of which it is not known where it stands."""

    @abstractmethod
    def told(self, source: str, items: Items) -> tuple[Diagnostic, ...]:
        """The diagnostics of a source."""

    @abstractmethod
    def without_suppressions(self, text: str) -> str:
        """A text of the same length in which nothing silences the checker, unless that is wanted."""

    @abstractmethod
    def body_reaches_others(self, program: Program, reference: str) -> bool:
        """Whether other files may have errors because of a program that has another body than its file."""

    @abstractmethod
    def own_facts(self, program: Program) -> tuple[MethodFacts, ...] | None:
        """Of the function that a completion writes, and of those in it; of all, where it writes no function's body."""

    def encoded(self, source: str) -> bytes:
        return self._asked(Program(source), elsewhere=False)

    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        return self.told(source, json.loads(answer)["own"])

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        return self.check_programs([Program(source) for source in sources])

    def check_programs(self, programs: Sequence[Program]) -> list[Verdict]:
        verdicts = self.check_files(programs)
        far = [i for i, p in enumerate(programs) if verdicts[i].accepted and self._reaches_others(p)]
        for i, verdict in zip(far, self.check_files([programs[i] for i in far], elsewhere=True), strict=True):
            verdicts[i] = verdict
        return verdicts

    def check_files(self, programs: Sequence[Program], elsewhere: bool = False) -> list[Verdict]:
        """The same for the programs' own files; with `elsewhere`, for what they cause in other files as well."""
        answers = self.answers([self._asked(program, elsewhere) for program in programs])
        return [self._verdict_on(program, answer) for program, answer in zip(programs, answers, strict=True)]

    def _asked(self, program: Program, elsewhere: bool) -> bytes:
        path = self._file(program)
        start, end = self._changed(program)
        text = program.source
        text = text[:start] + self.without_suppressions(text[start:end]) + text[end:]
        return json.dumps({"path": path, "text": text, "elsewhere": elsewhere}).encode()

    def _file(self, program: Program) -> str:
        if program.path is None:
            return self.alone
        if not is_inside(program.path):
            raise DataError(f"the path {program.path!r} leads out of its project")
        return program.path

    def _changed(self, program: Program) -> tuple[int, int]:
        """Where the program differs from the file in whose place it stands; all of it, where there is none."""
        text, source = self.folder.text(program.path or ""), program.source
        if text is None:
            return 0, len(source)
        if _is_framed(program, text):
            return program.start, program.start + len(program.completion)
        start = _shared(text, source)
        return start, len(source) - _shared(text[start:][::-1], source[start:][::-1])

    def _verdict_on(self, program: Program, answer: bytes | Unanswered) -> Verdict:
        if isinstance(answer, Unanswered):
            return self.unanswered(answer)
        answered = json.loads(answer)
        own = self.told(program.source, answered["own"])
        found = (*self._without_known(program, own, answered["known"]), *self._caused(answered["elsewhere"]))
        if any(d.severity == "error" for d in found):
            return Verdict("rejected", found)
        return Verdict("accepted", found, self.own_facts(program))

    def _without_known(self, program: Program, found: Sequence[Diagnostic], items: Items) -> list[Diagnostic]:
        """The diagnostics, of which those are notes that the file has as it is."""
        text = self.folder.text(program.path or "")
        if text is None or not items:
            return list(found)
        start, end = self._changed(program)
        known = self._known_errors(program.path or "", text, items)
        longer = len(program.source) - len(text)

        def is_known(diagnostic: Diagnostic) -> bool:
            offset = diagnostic.offset
            if offset is None or start <= offset < end:
                return (diagnostic.code, None) in known if offset is None else False
            return (diagnostic.code, offset if offset < start else offset - longer) in known

        return [replace(d, severity="note") if d.severity == "error" and is_known(d) else d for d in found]

    def _known_errors(self, path: str, text: str, items: Items) -> frozenset[tuple[str, int | None]]:
        known = self.folder.known
        if path not in known:
            known[path] = frozenset((d.code, d.offset) for d in self.told(text, items))
        return known[path]

    def _caused(self, elsewhere: Mapping[str, Items]) -> list[Diagnostic]:
        """The errors in other files, which have no place in the program."""
        return [
            Diagnostic(d.code, d.severity, f"{path}:{d.line}: {d.message}", 0, 0)
            for path, items in elsewhere.items()
            for d in self.told(self.folder.text(path) or "", items)
            if d.severity == "error"
        ]

    def _reaches_others(self, program: Program) -> bool:
        """Whether other files may have errors because of a program."""
        text = self.folder.text(program.path or "")
        if text is None or text == program.source:
            return False
        if not program.start or not _is_framed(program, text):
            return True
        end = len(text) - len(program.source) + program.start + len(program.completion)
        return self.body_reaches_others(program, text[program.start : end])


def _is_framed(program: Program, text: str) -> bool:
    """Whether a program differs from a text in its completion only."""
    after = program.source[program.start + len(program.completion) :]
    fits = program.start + len(after) <= len(text)
    return fits and text.startswith(program.source[: program.start]) and text.endswith(after)


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    shorter = min(len(one), len(other))
    return next((i for i in range(shorter) if one[i] != other[i]), shorter)
