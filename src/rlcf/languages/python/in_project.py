"""Verdicts on Python programs that stand in a file of a project.

A program is rejected for errors that the project does not have without it: those in the text that takes the place of
other text, and those that it causes anywhere else. The project's own errors reject nothing: they are reported as notes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rlcf.config.languages import PythonOptions
from rlcf.errors import DataError
from rlcf.languages.lsp import TreeLspChild
from rlcf.languages.python.checker import THREADS, PythonChecker, diagnostics
from rlcf.languages.python.effects import does_nothing, reaches_out
from rlcf.languages.python.ends import open_function_start
from rlcf.languages.python.facts import GRAMMAR
from rlcf.languages.python.suppressions import without_suppressions
from rlcf.languages.python.workspace import is_inside
from rlcf.languages.syntax import facts_of
from rlcf.records import Diagnostic, MethodFacts, Program, Verdict
from rlcf.workers.child import Child
from rlcf.workers.pool import Unanswered

_ALONE = "rlcf_program.py"
"""The file of a program of which it is not known where it stands."""
_BLOCK = "if True:\n"


class ProjectChecker(PythonChecker):
    """As `PythonChecker`; a program with a path stands in the place of the file there, for itself only."""

    def __init__(self, ty: Path | None, workers: int, timeout_s: float, options: PythonOptions) -> None:
        """See `Language.checker`."""
        self._known: dict[str, frozenset[tuple[str, int | None]]] = {}
        super().__init__(ty, workers, timeout_s, options)

    def _starter(self, command: Sequence[str]) -> Callable[[], Child]:
        workspace = self._workspace
        environment, settings = workspace.environment | THREADS, {"diagnosticMode": "workspace"}
        return lambda: TreeLspChild(command, environment, workspace.root, workspace.files, "python", settings)

    def encoded(self, source: str) -> bytes:
        return self._asked(Program(source), elsewhere=False)

    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        return diagnostics(source, json.loads(answer)["own"], self._options)

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        return self.check_programs([Program(source) for source in sources])

    def check_programs(self, programs: Sequence[Program]) -> list[Verdict]:
        verdicts = self.check_files(programs)
        far = [i for i, p in enumerate(programs) if verdicts[i].accepted and self._reaches_others(p)]
        verdicts = list(verdicts)
        for i, verdict in zip(far, self.check_files([programs[i] for i in far], elsewhere=True), strict=True):
            verdicts[i] = verdict
        return verdicts

    def check_files(self, programs: Sequence[Program], elsewhere: bool = False) -> list[Verdict]:
        """The same for the programs' own files; with `elsewhere`, for what they cause in other files as well."""
        answers = self.answers([self._asked(program, elsewhere) for program in programs])
        return [self._told(program, answer) for program, answer in zip(programs, answers, strict=True)]

    def _asked(self, program: Program, elsewhere: bool) -> bytes:
        path = self._file(program)
        text = program.source
        if not self._options.suppressions:
            start, end = self._changed(program)
            text = text[:start] + without_suppressions(text[start:end]) + text[end:]
        return json.dumps({"path": path, "text": text, "elsewhere": elsewhere}).encode()

    def _file(self, program: Program) -> str:
        if program.path is None:
            return os.path.join(*(self._options.roots[:1] or ("",)), _ALONE)  # noqa: PTH118 - of a text
        if not is_inside(program.path):
            raise DataError(f"the path {program.path!r} leads out of its project")
        return program.path

    def _changed(self, program: Program) -> tuple[int, int]:
        """Where the program differs from the file in whose place it stands; all of it, where there is none."""
        text, source = self._workspace.text(program.path or ""), program.source
        if text is None:
            return 0, len(source)
        if _is_framed(program, text):
            return program.start, program.start + len(program.completion)
        start = _shared(text, source)
        return start, len(source) - _shared(text[start:][::-1], source[start:][::-1])

    def _told(self, program: Program, answer: bytes | Unanswered) -> Verdict:
        if isinstance(answer, Unanswered):
            return self.unanswered(answer)
        told = json.loads(answer)
        own = diagnostics(program.source, told["own"], self._options)
        found = (*self._without_known(program, own, told["known"]), *self._caused(told["elsewhere"]))
        rejected = any(d.severity == "error" for d in found)
        return Verdict("rejected" if rejected else "accepted", found, _facts(program))

    def _without_known(
        self, program: Program, found: Sequence[Diagnostic], items: Sequence[Mapping[str, Any]]
    ) -> list[Diagnostic]:
        """The diagnostics, of which those are notes that the file has as it is."""
        text = self._workspace.text(program.path or "")
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

    def _known_errors(
        self, path: str, text: str, items: Sequence[Mapping[str, Any]]
    ) -> frozenset[tuple[str, int | None]]:
        if path not in self._known:
            self._known[path] = frozenset((d.code, d.offset) for d in diagnostics(text, items, self._options))
        return self._known[path]

    def _caused(self, elsewhere: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Diagnostic]:
        """The errors in other files, which have no place in the program."""
        return [
            Diagnostic(d.code, d.severity, f"{path}:{d.line}: {d.message}", 0, 0)
            for path, items in elsewhere.items()
            for d in diagnostics(self._workspace.text(path) or "", items, self._options)
            if d.severity == "error"
        ]

    def _reaches_others(self, program: Program) -> bool:
        """Whether other files may have errors because of a program."""
        text = self._workspace.text(program.path or "")
        if text is None or text == program.source:
            return False
        if not program.start or not _is_framed(program, text):
            return True
        reference = text[program.start : len(text) - len(program.source) + program.start + len(program.completion)]
        if reaches_out(reference) or reaches_out(program.completion):
            return True
        is_declared = "Protocol" in text or "abstract" in text
        return is_declared and does_nothing(program.completion) != does_nothing(reference)


def _facts(program: Program) -> tuple[MethodFacts, ...] | None:
    """Of the function that a completion writes, and of those in it; of all, where it writes no function's body.

    Long files need not be parsed for each body.
    """
    first = open_function_start(program.source[: program.start]) if program.start else None
    if first is None:
        return facts_of(program.source, GRAMMAR)
    around = _BLOCK if program.source[first] in " \t" else ""
    facts = facts_of(around + program.source[first : program.start] + program.completion, GRAMMAR)
    return facts and tuple(replace(f, offset=f.offset + first - len(around)) for f in facts)


def _is_framed(program: Program, text: str) -> bool:
    """Whether a program differs from a text in its completion only."""
    after = program.source[program.start + len(program.completion) :]
    fits = program.start + len(after) <= len(text)
    return fits and text.startswith(program.source[: program.start]) and text.endswith(after)


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    shorter = min(len(one), len(other))
    return next((i for i in range(shorter) if one[i] != other[i]), shorter)
