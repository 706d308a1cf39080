"""Projects as a whole, by a language server: what it says of each file, and which other bodies it accepts."""

from __future__ import annotations

import shutil
import tempfile
from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar

from rlcf.errors import CheckerUnavailable, Unsupported
from rlcf.languages.lsp import TreeLspChild
from rlcf.languages.outline import Outline
from rlcf.languages.projects import Replacement, SourceError, SourceFile, Surveyor, with_bodies
from rlcf.languages.tree_checker import TreeChecker
from rlcf.records import Diagnostic, Program, Verdict
from rlcf.workers.child import ChildDied, ChildTimeout

UNREADABLE = "io"
"""The code of a file that is no text in UTF-8."""
_WORKERS = 2
_TIMEOUT_S = 600.0


class TreeSurveyor(Surveyor):
    """See `Surveyor`. The compiled code of a project is its sources."""

    tool: ClassVar[str]
    """What broke, in messages."""
    extra: ClassVar[str]
    """What has the grammar, such as `rlcf[python]`."""
    unused: ClassVar[frozenset[str]] = frozenset()
    """Codes of errors for what code leaves unused: a stub leaves everything unused."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._found: dict[Path, SourceFile] = {}

    @abstractmethod
    def write(self, files: Iterable[Path], target: Path) -> None:
        """Copies files of the project to a folder, with what else a checker needs to see them as a project."""

    @abstractmethod
    def server(self, folder: Path, names: Sequence[str]) -> AbstractContextManager[TreeLspChild]:
        """A server that sees what `write` has written to a folder."""

    @abstractmethod
    def checker(self, folder: Path, workers: int, timeout_s: float) -> TreeChecker:
        """A checker of programs in what `write` has written to a folder."""

    @abstractmethod
    def errors(self, path: Path, text: str, items: Sequence[Mapping[str, Any]]) -> Iterator[SourceError]:
        """What the server says is wrong with a file."""

    @abstractmethod
    def outline(self, path: Path, text: str) -> Outline | None:
        """What is in a file; `None` for one that no task is made of. Raises `ImportError` without a grammar."""

    def seen(self, child: TreeLspChild, name: str, path: Path, file: SourceFile) -> SourceFile:  # noqa: ARG002
        """The same; methods are marked into whose bodies the checker does not look."""
        return file

    def survey(
        self,
        files: Sequence[Path],
        classes: Path | None = None,
        class_path: Sequence[Path] = (),
        emptied: Collection[Path] = (),
    ) -> Mapping[Path, SourceFile]:
        if not self._found.keys() >= set(files):
            self._found |= self._read(files, class_path)
        if classes is not None:
            self.write([path for path in files if not self._is_unreadable(path)], classes)
        empty = SourceFile((), "", (), ())
        return {path: empty if path in emptied else self._found[path] for path in files}

    def _is_unreadable(self, path: Path) -> bool:
        return any(error.code == UNREADABLE for error in self._found[path].errors)

    def _read(self, files: Sequence[Path], class_path: Sequence[Path]) -> dict[Path, SourceFile]:
        """What the server says of the files, with the sources of `class_path` around them."""
        names = {path.relative_to(self._root).as_posix(): path for path in files}
        with tempfile.TemporaryDirectory(prefix="rlcf-survey-") as folder:
            for sources in class_path:
                shutil.copytree(sources, folder, dirs_exist_ok=True)
            self.write(files, Path(folder))
            try:
                with self.server(Path(folder), list(names)) as child:
                    told = child.read_all()
                    found = {name: self._file(path, told[name]) for name, path in names.items()}
                    return {path: self.seen(child, name, path, found[name]) for name, path in names.items()}
            except (OSError, ChildDied, ChildTimeout) as error:
                raise CheckerUnavailable(f"{self.tool} broke over the project: {error}") from error

    def _file(self, path: Path, items: Sequence[Mapping[str, Any]]) -> SourceFile:
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError as error:
            message = f"is not UTF-8 text (byte {error.start})"
            return SourceFile((SourceError(UNREADABLE, message, 0, None),), "", (), ())
        found = tuple(self.errors(path, text, items))
        try:
            outline = None if any(error.fatal for error in found) else self.outline(path, text)
        except ImportError as error:
            raise Unsupported(f"functions are found with tree-sitter: pip install '{self.extra}'") from error
        if outline is None:
            return SourceFile(found, text, (), ())
        return SourceFile(found, outline.interface(), outline.classes, outline.methods)

    def survey_replaced(
        self, texts: Mapping[Path, str], bodies: Sequence[Replacement], class_path: Sequence[Path] = ()
    ) -> list[bool]:
        """Those of a file together, where no other code can see what they do; else one by one."""
        (folder, *_) = class_path
        with self.checker(folder, _WORKERS, _TIMEOUT_S) as checker:
            together = self._together(texts, bodies)
            good = set().union(*self._good_together(checker, texts, bodies, together))
            left = [number for number in range(len(bodies)) if number not in good]
            programs = [self._whole(texts, bodies, [number]) for number in left]
            verdicts = checker.check_programs(programs)
            good |= {n for n, v in zip(left, verdicts, strict=True) if v.accepted or self._only_unused(v)}
        return [number in good for number in range(len(bodies))]

    def _good_together(
        self,
        checker: TreeChecker,
        texts: Mapping[Path, str],
        bodies: Sequence[Replacement],
        together: Sequence[Sequence[int]],
    ) -> Iterator[set[int]]:
        """The numbers of the bodies without an error, of each file where all other code has the errors it had."""
        before = checker.check_files(
            [Program(texts[bodies[n[0]].path], path=self._name(bodies[n[0]])) for n in together]
        )
        after = checker.check_files([self._whole(texts, bodies, numbers) for numbers in together])
        for numbers, old, new in zip(together, before, after, strict=True):
            chosen = {number: bodies[number] for number in numbers}
            _, spans = with_bodies(texts[bodies[numbers[0]].path], chosen)
            known = {(d.code, d.offset) for d in old.diagnostics}
            errors = [d for d in new.diagnostics if d.severity == "error" and d.code not in self.unused]
            bad = {n for d in errors for n, (a, b) in spans.items() if d.offset is not None and a <= d.offset <= b}
            outside = [d for d in errors if not any(a <= (d.offset or 0) <= b for a, b in spans.values())]
            if all(_is_known(d, chosen, spans, known) for d in outside):
                yield set(numbers) - bad

    def _only_unused(self, verdict: Verdict) -> bool:
        errors = [d for d in verdict.diagnostics if d.severity == "error"]
        return bool(errors) and all(d.code in self.unused for d in errors)

    def _name(self, body: Replacement) -> str:
        return body.path.relative_to(self._root).as_posix()

    def _together(self, texts: Mapping[Path, str], bodies: Sequence[Replacement]) -> list[list[int]]:
        """The numbers of bodies that can be tried at once, by file."""
        of_file: dict[Path, list[int]] = {}
        for number, body in enumerate(bodies):
            if self.is_hidden(texts[body.path], body):
                of_file.setdefault(body.path, []).append(number)
        return [numbers for numbers in of_file.values() if len(numbers) > 1]

    def _whole(self, texts: Mapping[Path, str], bodies: Sequence[Replacement], numbers: Sequence[int]) -> Program:
        """The file of some bodies with these in it."""
        first = bodies[numbers[0]]
        text, spans = with_bodies(texts[first.path], {number: bodies[number] for number in numbers})
        start, end = min(a for a, _ in spans.values()), max(b for _, b in spans.values())
        return Program(text, start, end, path=self._name(first))

    def close(self) -> None:
        self._found.clear()


def _is_known(
    error: Diagnostic,
    bodies: Mapping[int, Replacement],
    spans: Mapping[int, tuple[int, int]],
    known: Collection[tuple[str, int | None]],
) -> bool:
    """Whether an error outside of the bodies was there before they took the place of others."""
    offset = error.offset or 0
    shorter = sum(b.end - b.start - len(b.text) for n, b in bodies.items() if spans[n][1] < offset)
    return (error.code, offset + shorter) in known
