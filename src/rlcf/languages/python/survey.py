"""Python projects as a whole: what ty says of each module, and which other bodies it accepts."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rlcf.config.languages import PythonOptions
from rlcf.errors import CheckerUnavailable, Unsupported
from rlcf.languages.lsp import TreeLspChild
from rlcf.languages.projects import Replacement, SourceError, SourceFile, Surveyor, with_bodies
from rlcf.languages.python.checker import diagnostics
from rlcf.languages.python.effects import reaches_out
from rlcf.languages.python.in_project import ProjectChecker
from rlcf.languages.python.outline import Outline
from rlcf.languages.python.workspace import Workspace, write_modules
from rlcf.records import Program
from rlcf.workers.child import ChildDied, ChildTimeout

_WORKERS = 2
_TIMEOUT_S = 600.0
_SYNTAX, _UNREADABLE, _NO_NAME = "invalid-syntax", "io", "unresolved-reference"
_UNKNOWN = "rlcf_name_that_nobody_has"
_CODING = re.compile(r"\A(?:[ \t\f]*#[^\n]*\n|[ \t\f]*\r?\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)")
"""Where a file says how it is encoded (PEP 263): in its first line, or the second."""
_UTF_8 = {"utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii"}


class PythonSurveyor(Surveyor):
    """See `Surveyor`. The compiled code of a project is its modules."""

    def __init__(self, ty: Path | None, root: Path, options: PythonOptions) -> None:
        if ty is None:
            raise CheckerUnavailable("Python's checker ty is not installed. To get it: pip install 'rlcf[python]'")
        self._ty, self._root, self._options = ty, root, options
        self._found: dict[Path, SourceFile] = {}

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
            write_modules([path for path in files if not self._is_unreadable(path)], self._root, classes)
        empty = SourceFile((), "", (), ())
        return {path: empty if path in emptied else self._found[path] for path in files}

    def _is_unreadable(self, path: Path) -> bool:
        return any(error.code == _UNREADABLE for error in self._found[path].errors)

    def _read(self, files: Sequence[Path], class_path: Sequence[Path]) -> dict[Path, SourceFile]:
        """What ty says of the files, with the modules of `class_path` around them."""
        with tempfile.TemporaryDirectory(prefix="rlcf-survey-") as folder:
            for modules in class_path:
                shutil.copytree(modules, folder, dirs_exist_ok=True)
            write_modules(files, self._root, Path(folder))
            workspace = Workspace(self._options.model_copy(update={"project": Path(folder)}))
        names = {path.relative_to(self._root).as_posix(): path for path in files}
        command, settings = [str(self._ty), "server"], {"diagnosticMode": "workspace"}
        try:
            child = TreeLspChild(command, workspace.environment, workspace.root, list(names), "python", settings)
            try:
                told = child.read_all()
                found = {name: self._file(path, told[name]) for name, path in names.items()}
                return {path: self._seen(child, name, path, found[name]) for name, path in names.items()}
            finally:
                child.close()
        except (OSError, ChildDied, ChildTimeout) as error:
            raise CheckerUnavailable(f"ty broke over the project: {error}") from error
        finally:
            workspace.close()

    def _seen(self, child: TreeLspChild, name: str, path: Path, file: SourceFile) -> SourceFile:
        """The same; methods are marked into whose bodies ty does not look, because it takes them to be unreachable."""
        if not file.methods:
            return file
        text = path.read_bytes().decode()
        outer = {i: m for i, m in enumerate(file.methods) if "local" not in m.marks}
        probes = {i: Replacement(path, m.head_end + 1, m.closing + 1, f" {_UNKNOWN}") for i, m in outer.items()}
        probed, spans = with_bodies(text, probes)
        asked = json.dumps({"path": name, "text": probed, "elsewhere": False}).encode()
        answer = json.loads(child.request(asked, _TIMEOUT_S))
        hit = [each.offset or 0 for each in diagnostics(probed, answer["own"], self._options) if each.code == _NO_NAME]
        unseen = {i for i, (start, end) in spans.items() if not any(start <= offset <= end for offset in hit)}
        marked = (replace(m, marks=m.marks | {"unseen"}) if i in unseen else m for i, m in enumerate(file.methods))
        return replace(file, methods=tuple(marked))

    def _file(self, path: Path, items: Sequence[dict[str, object]]) -> SourceFile:
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError as error:
            return SourceFile(
                (SourceError(_UNREADABLE, f"is not UTF-8 text (byte {error.start})", 0, None),), "", (), ()
            )
        found = tuple(self._errors(text, items))
        if path.suffix != ".py" or any(error.fatal for error in found):
            return SourceFile(found, text, (), ())
        try:
            outline = Outline(text)
        except ImportError as error:
            raise Unsupported("functions are found with tree-sitter: pip install 'rlcf[python]'") from error
        return SourceFile(found, outline.interface(), outline.classes, outline.methods)

    def _errors(self, text: str, items: Sequence[dict[str, object]]) -> Iterator[SourceError]:
        coding = _CODING.match(text)
        if coding and coding[1].lower().replace("_", "-") not in _UTF_8 and not text.isascii():
            message = f"says that it is {coding[1]}: expected UTF-8, as ty reads it"
            yield SourceError(_UNREADABLE, message, 1, 0)
        for each in diagnostics(text, items, self._options):
            if each.severity == "error":
                yield SourceError(each.code, each.message, each.line, each.offset, fatal=each.code == _SYNTAX)

    def survey_replaced(
        self, texts: Mapping[Path, str], bodies: Sequence[Replacement], class_path: Sequence[Path] = ()
    ) -> list[bool]:
        """Those of a file together, where no other code can see what they do; else one by one."""
        (project, *_) = class_path
        options = self._options.model_copy(update={"project": project})
        with ProjectChecker(self._ty, _WORKERS, _TIMEOUT_S, options) as checker:
            together = self._together(texts, bodies)
            good = set().union(*self._good_together(checker, texts, bodies, together))
            left = [number for number in range(len(bodies)) if number not in good]
            programs = [self._whole(texts, bodies, [number]) for number in left]
            good |= {n for n, v in zip(left, checker.check_programs(programs), strict=True) if v.accepted}
        return [number in good for number in range(len(bodies))]

    def _good_together(
        self,
        checker: ProjectChecker,
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
            errors = [d for d in new.diagnostics if d.severity == "error"]
            bad = {n for d in errors for n, (a, b) in spans.items() if d.offset is not None and a <= d.offset <= b}
            outside = [d for d in errors if not any(a <= (d.offset or 0) <= b for a, b in spans.values())]
            if all((d.code, _before(d.offset or 0, chosen, spans)) in known for d in outside):
                yield set(numbers) - bad

    def _name(self, body: Replacement) -> str:
        return body.path.relative_to(self._root).as_posix()

    def _together(self, texts: Mapping[Path, str], bodies: Sequence[Replacement]) -> list[list[int]]:
        """The numbers of bodies that can be tried at once, by file."""
        of_file: dict[Path, list[int]] = {}
        for number, body in enumerate(bodies):
            text = texts[body.path]
            is_hidden = "Protocol" not in text and "abstract" not in text
            if is_hidden and not reaches_out(text[body.start : body.end]) and not reaches_out(body.text):
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


def _before(offset: int, bodies: Mapping[int, Replacement], spans: Mapping[int, tuple[int, int]]) -> int:
    """Where a place outside of the bodies was, before they took the place of others."""
    shorter = sum(b.end - b.start - len(b.text) for n, b in bodies.items() if spans[n][1] < offset)
    return offset + shorter
