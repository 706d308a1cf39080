"""Python projects as a whole: what ty says of each module, and which other bodies it accepts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rlcf.config.languages import PythonOptions
from rlcf.errors import CheckerUnavailable
from rlcf.languages.lsp import TreeLspChild
from rlcf.languages.projects import Replacement, SourceError, SourceFile, with_bodies
from rlcf.languages.python.checker import diagnostics
from rlcf.languages.python.effects import reaches_out
from rlcf.languages.python.in_project import ProjectChecker
from rlcf.languages.python.outline import PythonOutline
from rlcf.languages.python.workspace import Workspace, write_modules
from rlcf.languages.tree_survey import UNREADABLE, TreeSurveyor

_TIMEOUT_S = 600.0
_SYNTAX, _NO_NAME = "invalid-syntax", "unresolved-reference"
_UNKNOWN = "rlcf_name_that_nobody_has"
_CODING = re.compile(r"\A(?:[ \t\f]*#[^\n]*\n|[ \t\f]*\r?\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)")
"""Where a file says how it is encoded (PEP 263): in its first line, or the second."""
_UTF_8 = {"utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii"}


class PythonSurveyor(TreeSurveyor):
    """See `Surveyor`. The compiled code of a project is its modules."""

    tool = "ty"
    extra = "rlcf[python]"

    def __init__(self, ty: Path | None, root: Path, options: PythonOptions) -> None:
        if ty is None:
            raise CheckerUnavailable("Python's checker ty is not installed. To get it: pip install 'rlcf[python]'")
        super().__init__(root)
        self._ty, self._options = ty, options

    def write(self, files: Iterable[Path], target: Path) -> None:
        write_modules(files, self._root, target)

    @contextmanager
    def server(self, folder: Path, names: Sequence[str]) -> Iterator[TreeLspChild]:
        workspace = Workspace(self._options.model_copy(update={"project": folder}))
        command, settings = [str(self._ty), "server"], {"diagnosticMode": "workspace"}
        try:
            child = TreeLspChild(command, workspace.environment, workspace.root, names, "python", settings)
            try:
                yield child
            finally:
                child.close()
        finally:
            workspace.close()

    def checker(self, folder: Path, workers: int, timeout_s: float) -> ProjectChecker:
        return ProjectChecker(self._ty, workers, timeout_s, self._options.model_copy(update={"project": folder}))

    def seen(self, child: TreeLspChild, name: str, path: Path, file: SourceFile) -> SourceFile:
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

    def outline(self, path: Path, text: str) -> PythonOutline | None:
        return PythonOutline(text) if path.suffix == ".py" else None

    def errors(self, path: Path, text: str, items: Sequence[Mapping[str, Any]]) -> Iterator[SourceError]:  # noqa: ARG002
        coding = _CODING.match(text)
        if coding and coding[1].lower().replace("_", "-") not in _UTF_8 and not text.isascii():
            message = f"says that it is {coding[1]}: expected UTF-8, as ty reads it"
            yield SourceError(UNREADABLE, message, 1, 0)
        for each in diagnostics(text, items, self._options):
            if each.severity == "error":
                yield SourceError(each.code, each.message, each.line, each.offset, fatal=each.code == _SYNTAX)

    def is_hidden(self, text: str, body: Replacement) -> bool:
        is_undeclared = "Protocol" not in text and "abstract" not in text
        return is_undeclared and not reaches_out(text[body.start : body.end]) and not reaches_out(body.text)
