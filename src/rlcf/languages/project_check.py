"""The verdicts on the files of a source tree, compiled as a whole."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rlcf.errors import DataError
from rlcf.languages.base import Language
from rlcf.languages.projects import SourceError, SourceFile, SourceProject
from rlcf.records import Diagnostic, Verdict


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A source file, and what the compiler says of it."""

    path: Path | None
    """`None`: an error that the compiler places in no file."""
    text: str
    """Bytes that are not UTF-8 are replaced; the compiler rejects such a file."""
    verdict: Verdict


def check_project(language: Language, project: SourceProject, files: Sequence[Path]) -> list[CheckedFile]:
    """The verdict on each of `files`, in order, and then on whatever else the compiler finds wrong.

    All files are compiled at once, so an error is also found where the change of another file causes it. What the build
    tool has compiled is only used if the sources alone do not compile: code that is generated, or in another language.

    Raises:
        CheckerUnavailable: the compiler is missing, or broke.
        UserError: a file's name cannot be passed on.
    """
    for path in files:
        if not _is_text_line(str(path)):
            raise DataError(
                f"the name of the source file {str(path)!r} is not UTF-8, or has a line end in it: rename it"
            )
    with language.surveyor(project) as surveyor:
        found = surveyor.survey(files)
        if project.built and any(file.errors for file in found.values()):
            with tempfile.TemporaryDirectory(prefix="rlcf-classes-") as folder:
                found = surveyor.survey(files, class_path=language.current_classes(project, Path(folder)))
    elsewhere = [path for path in found if path not in set(files) and found[path].errors]
    return [_checked(path, found) for path in [*files, *elsewhere]]


def _is_text_line(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return not {"\n", "\r"} & set(name)


def _checked(path: Path, found: Mapping[Path, SourceFile]) -> CheckedFile:
    errors = found[path].errors if path in found else ()
    text = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
    diagnostics = tuple(_diagnostic(error, text) for error in errors)
    verdict = Verdict("rejected" if errors else "accepted", diagnostics)
    return CheckedFile(None if path == Path() else path, text, verdict)


def _diagnostic(error: SourceError, text: str) -> Diagnostic:
    if error.offset is None or error.line == 0:
        return Diagnostic(error.code, "error", error.message, error.line, 1 if error.line else 0, None)
    line_start = max(text.rfind("\n", 0, error.offset), text.rfind("\r", 0, error.offset)) + 1
    return Diagnostic(error.code, "error", error.message, error.line, error.offset - line_start + 1, error.offset)
