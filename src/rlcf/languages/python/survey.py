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
            good = [False] * len(bodies)
            together = self._together(texts, bodies)
            wholes = [self._whole(texts, bodies, numbers) for numbers in together]
            for numbers, verdict in zip(together, checker.check_files(wholes), strict=True):
                for number in numbers:
                    good[number] = verdict.accepted
            left = [number for number, is_good in enumerate(good) if not is_good]
            programs = [self._whole(texts, bodies, [number]) for number in left]
            for number, verdict in zip(left, checker.check_programs(programs), strict=True):
                good[number] = verdict.accepted
        return good

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
        path = bodies[numbers[0]].path
        text, spans = with_bodies(texts[path], {number: bodies[number] for number in numbers})
        start, end = min(a for a, _ in spans.values()), max(b for _, b in spans.values())
        return Program(text, start, end, path=path.relative_to(self._root).as_posix())

    def close(self) -> None:
        self._found.clear()
