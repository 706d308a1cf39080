"""What the compiler said of a project, kept in the cache folder: mining it again compiles only what has changed.

A file whose text has changed is compiled alone, against the classes of the others, if what others see of it is the
same. Otherwise, and where files were added or removed, or the sources alone do not compile, the whole project is
compiled.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rlcf.errors import DataError
from rlcf.languages.base import Language
from rlcf.languages.projects import SourceClass, SourceError, SourceFile, SourceMethod, SourceProject, Surveyor
from rlcf.storage.atomic import whole_folder, write_json
from rlcf.storage.cache import cache_folder
from rlcf.storage.jsonl import read_json

_FORMAT = 5
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_ROUNDS = 20
_PACKAGE = re.compile(r"^\s*package\s+([\w.\s]+?)\s*;", re.MULTILINE)


@dataclass(slots=True)
class Surveyed:
    """What is known of a project's files, and where its compiled code is."""

    folder: Path
    digests: dict[Path, str] = field(default_factory=dict)
    around: str = ""
    """Says whether the class path is the one of before, and the build tool's classes where they matter."""
    incomplete: bool = False
    """Whether the sources alone do not compile, so that what the build tool has compiled matters."""
    files: dict[Path, SourceFile] = field(default_factory=dict)
    """Those without an error for which a file is left out."""
    wrong: dict[Path, str] = field(default_factory=dict)
    """The others: the first error."""
    advice: list[str] = field(default_factory=list)
    """What can be done about the errors."""
    stubs: dict[str, str | None] = field(default_factory=dict)
    """What is wrong with the stub of a task; `None`: nothing. By the task's id and a digest: that of its file, or that
    of all files where others can see what the stub does."""

    @property
    def classes(self) -> Path:
        """The folder of the compiled code."""
        return self.folder / "classes"

    @property
    def built(self) -> tuple[Path, ...]:
        """The folder of what the build tool has compiled, if that is needed."""
        folder = self.folder / "built"
        return (folder,) if folder.is_dir() else ()

    @property
    def digest(self) -> str:
        """Of all files."""
        return hashlib.sha256(json.dumps(list(self.digests.values())).encode()).hexdigest()

    def archive(self) -> bytes:
        """All compiled code as a ZIP file: the same bytes for the same code."""
        folders = (*self.built, self.classes)
        found = {p.relative_to(folder): p for folder in folders for p in folder.rglob("*") if p.is_file()}
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for path, file in sorted(found.items()):
                entry = zipfile.ZipInfo(path.as_posix(), _LONG_AGO)
                archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)
        return content.getvalue()


@contextmanager
def surveyed(
    surveyor: Surveyor, project: SourceProject, language: Language, texts: Mapping[Path, str]
) -> Iterator[Surveyed]:
    """The project as it is now. What the block adds to `stubs` is kept with it.

    Raises:
        DataError: nothing of the project compiles.
        CheckerUnavailable: the compiler broke.
    """
    target = _place(project, language)
    digests = {path: hashlib.sha256(text.encode()).hexdigest() for path, text in texts.items()}
    with whole_folder(target) as fresh:
        now = _updated(surveyor, project, language, _load(target), Surveyed(fresh, digests), texts)
        now.around = _around(project, now.incomplete)
        now.classes.mkdir(exist_ok=True)
        yield now
        _save(now)


def _place(project: SourceProject, language: Language) -> Path:
    """A folder for this project, this compiler and these options."""
    compiler = [f"{r.name} {r.found}" for r in language.requirements()]
    options = project.options.model_dump(mode="json")
    told = json.dumps([_FORMAT, str(project.root), options, project.settings, compiler])
    return cache_folder() / "mining" / f"{project.root.name}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _around(project: SourceProject, is_incomplete: bool) -> str:
    values = [value if isinstance(value, tuple) else (value,) for _, value in project.options]
    paths = [path for value in values for path in value if isinstance(path, Path)]
    if is_incomplete:
        paths += project.built
    files = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    stats = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()]
    return hashlib.sha256(json.dumps(stats).encode()).hexdigest()


def _updated(
    surveyor: Surveyor,
    project: SourceProject,
    language: Language,
    before: Surveyed | None,
    now: Surveyed,
    texts: Mapping[Path, str],
) -> Surveyed:
    same_files = before is not None and list(before.digests) == list(now.digests)  # in the same order, too
    if before is not None and same_files and before.around == _around(project, before.incomplete):
        changed = [path for path, digest in now.digests.items() if before.digests[path] != digest]
        if not changed or (not before.incomplete and len(changed) < len(texts)):
            for folder in (before.classes, *before.built):
                shutil.copytree(folder, now.folder / folder.name)
            known = {now.digest, *now.digests.values()}
            now.files, now.wrong, now.advice = dict(before.files), before.wrong, before.advice
            now.incomplete = before.incomplete
            now.stubs = {key: why for key, why in before.stubs.items() if key.rpartition(" ")[2] in known}
            if not changed or _compile_changed(surveyor, before, now, changed, texts):
                return now
            shutil.rmtree(now.classes)
    now.files, now.wrong, now.stubs = {}, {}, {}
    _compile_all(surveyor, project, language, now, texts)
    return now


def _compile_changed(
    surveyor: Surveyor,
    before: Surveyed,
    now: Surveyed,
    changed: Sequence[Path],
    texts: Mapping[Path, str],
) -> bool:
    """Compiles changed files alone; whether that is enough."""
    for path in changed:
        for old in _classes_of(now.classes, before.files[path], texts[path]):
            old.unlink()
    found = surveyor.survey(changed, now.classes, (before.classes,))
    same = all(path in found and found[path].interface == before.files[path].interface for path in changed)
    if not same or any(_fatal(file) for file in found.values()):
        return False
    now.files |= {path: found[path] for path in changed}
    return True


def _classes_of(classes: Path, file: SourceFile, text: str) -> list[Path]:
    package = _PACKAGE.search(text)
    folder = classes.joinpath(*re.split(r"[.\s]+", package[1])) if package else classes
    names = [c.name for c in file.classes if not c.owner]
    return [p for name in names for p in [folder / f"{name}.class", *folder.glob(f"{name}$*.class")] if p.is_file()]


def _compile_all(
    surveyor: Surveyor, project: SourceProject, language: Language, now: Surveyed, texts: Mapping[Path, str]
) -> None:
    """Compiles all files together, then without those that have errors.

    Where the build tool has compiled the project, its classes stand in for these, save those that have no source any
    more. Else a file with errors stays for what it declares, without the bodies of its methods. Where it has errors
    without them too, the files that need it cannot be compiled either.
    """
    files, emptied = [*now.digests], set[Path]()
    found = surveyor.survey(files, now.classes)
    now.incomplete = any(_fatal(file) for file in found.values())
    if now.incomplete and project.built:
        _copy_built(language, project, now.folder / "built")
        found = surveyor.survey(files, now.classes, now.built)
    found_errors = [error for file in found.values() for error in file.errors]
    now.advice = language.advice(found_errors, texts.values(), bool(project.built))
    if now.built:
        fatal = [path for path in files if path in found and _fatal(found[path])]
        now.wrong = _wrong_alone(surveyor, fatal, now.built)
        files = [path for path in files if path not in now.wrong]
    for number in range(_ROUNDS):
        if number or now.wrong:
            found = surveyor.survey(files, now.classes, now.built, emptied)
        errors = {path: error for path, file in found.items() if (error := _fatal(file))}
        if not errors:
            now.files = {path: found[path] for path in files if path in found and path not in emptied}
            return
        if not errors.keys() & set(files):
            raise DataError(f"{project.root} does not compile: {_line(next(iter(errors.values())).message)}")
        for path in errors.keys() & now.digests.keys() - emptied:
            now.wrong[path] = _told(errors[path])
        files = [path for path in files if path not in errors or path not in emptied]
        emptied |= errors.keys()
        if not files:
            path, why = next(iter(now.wrong.items()))
            do = now.advice or [language.project_hint]
            raise DataError("; ".join([f"no file of {project.root} compiles: {path.name}, {why}", *do]))
    raise DataError(f"{project.root} does not compile, nor does what is left without the files that have errors")


def _copy_built(language: Language, project: SourceProject, target: Path) -> None:
    """Copies what the build tool has compiled of the sources that are there."""
    target.mkdir()
    with tempfile.TemporaryDirectory(prefix="rlcf-classes-") as folder:
        for classes in reversed(language.current_classes(project, Path(folder))):  # the first ones count
            shutil.copytree(classes, target, dirs_exist_ok=True)


def _wrong_alone(surveyor: Surveyor, files: Sequence[Path], built: Sequence[Path]) -> dict[Path, str]:
    """Those of the files that do not compile beside the classes of the build tool: why."""
    found = {path: surveyor.survey([path], None, built).get(path) for path in files}
    return {path: _told(error) for path, file in found.items() if file and (error := _fatal(file))}


def _fatal(file: SourceFile) -> SourceError | None:
    """The first error for which a file is left out."""
    return next((error for error in file.errors if error.fatal), None)


def _told(error: SourceError) -> str:
    return f"line {error.line}: {_line(error.message)}"


def _line(message: str) -> str:
    return " ".join(message.split())


def _save(now: Surveyed) -> None:
    files = {str(path): dataclasses.asdict(file) for path, file in now.files.items()}
    for file in files.values():
        for method in file["methods"]:
            method["marks"] = sorted(method["marks"])
    state = {
        "format": _FORMAT,
        "digests": {str(path): digest for path, digest in now.digests.items()},
        "files": files,
        "wrong": {str(path): why for path, why in now.wrong.items()},
        "advice": now.advice,
        "around": now.around,
        "incomplete": now.incomplete,
        "stubs": now.stubs,
    }
    write_json(now.folder / "state.json", state)


def _load(folder: Path) -> Surveyed | None:
    """What was kept, or `None` where nothing was, or it cannot be read."""
    try:
        state = read_json(folder / "state.json")
        files = {Path(path): _file(row) for path, row in state["files"].items()}
        digests = {Path(path): str(digest) for path, digest in state["digests"].items()}
        wrong = {Path(path): str(why) for path, why in state["wrong"].items()}
        around, incomplete = str(state["around"]), bool(state["incomplete"])
        found = Surveyed(folder, digests, around, incomplete, files, wrong, state["advice"], dict(state["stubs"]))
    except (DataError, KeyError, TypeError, AttributeError):
        return None
    return found if found.classes.is_dir() else None


def _file(row: Mapping[str, Any]) -> SourceFile:
    methods: Collection[Mapping[str, Any]] = row["methods"]
    return SourceFile(
        errors=tuple(SourceError(**e) for e in row["errors"]),
        interface=str(row["interface"]),
        classes=tuple(SourceClass(**c) for c in row["classes"]),
        methods=tuple(SourceMethod(**{**m, "marks": frozenset(m["marks"])}) for m in methods),
    )
