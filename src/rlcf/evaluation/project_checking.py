"""Programs checked as parts of a project: of its source tree, or of what `rlcf tasks mine` kept of it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rlcf.config.languages import LanguageOptions
from rlcf.errors import ConfigError, DataError
from rlcf.evaluation.checking import Checked, Input, check, is_completions, options_of, read_inputs
from rlcf.languages.base import Language
from rlcf.languages.detect import project_language
from rlcf.languages.project_check import check_project
from rlcf.languages.registry import load_language
from rlcf.records import Program
from rlcf.storage.jsonl import read_text
from rlcf.tasks.projects import PROJECT_FILE, ProjectFile, load_project
from rlcf.workers.git import changes

Say = Callable[[str], None]
"""Gets a line that a user should read."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be checked, and how."""

    inputs: Sequence[Path] = ()
    """Files, folders and completions; none: all of the project, or what has changed."""
    since: str | None = None
    """Only what has changed since this revision of git."""
    language: str | None = None
    tasks: str | None = None
    given: Mapping[str, Any] | None = None
    """Options of the language, as the user gave them."""
    workers: int = 2
    timeout_s: float = 10.0


def check_in_project(where: Path, wanted: Wanted, say: Say) -> list[Checked]:
    """The verdicts on programs as parts of the project at `where`.

    Raises:
        UserError: there is no project, or an input cannot be read.
        ToolError: the compiler or git is missing, or failed.
    """
    if not os.path.exists(where):  # noqa: PTH110 - also of a name that is too long, and of links in a circle
        raise DataError(f"no such project: {where}: expected a folder, or a {PROJECT_FILE} of rlcf tasks mine")
    mined = _project_file(where)
    return _check_mined(load_project(mined), wanted) if mined else _Tree(where, wanted, say).check()


def _project_file(where: Path) -> Path | None:
    """The project file of a mined project; `None` for a source tree, where the file may be another tool's."""
    if not where.is_dir():
        return where
    file = where / PROJECT_FILE
    if not file.is_file():
        return file if (where / "sources.jsonl.gz").is_file() else None
    try:
        return file if "sources" in tomllib.loads(read_text(file)) else None
    except tomllib.TOMLDecodeError:
        return file


def _check_mined(project: ProjectFile, wanted: Wanted) -> list[Checked]:
    if wanted.since is not None:
        raise ConfigError(f"{project.path} is no source tree: --changed needs the folder that git knows")
    name = project.options.name
    options = _overridden(project.options, wanted.given or {})
    if wanted.inputs:
        inputs = [i for path in wanted.inputs for i in read_inputs(path, wanted.language or name, wanted.tasks)]
    else:
        inputs = [Input(path, Program(text, path=path), name) for path, text in project.texts().items()]
    return check([replace(i, options=options) for i in inputs], wanted.workers, wanted.timeout_s, {})


def _overridden(options: LanguageOptions, given: Mapping[str, Any]) -> LanguageOptions:
    """The options of a project, with what the user gave in their place."""
    told = options_of(options.name, given)
    return options.model_copy(update={key: getattr(told, key) for key in given})


class _Tree:
    """A source tree, and which of its files are asked for."""

    def __init__(self, where: Path, wanted: Wanted, say: Say) -> None:
        self._where, self._wanted, self._say = where, wanted, say
        self._language = self._told_language()
        given = wanted.given or {}
        if "source_path" in given:
            raise ConfigError("--source-path has no place beside --project: the project says where its sources are")
        self._project = self._language.find_project(where, options_of(self._language.name, given))
        self._files = self._language.project_files(self._project)

    def _told_language(self) -> Language:
        language = load_language(self._wanted.language or project_language(self._where))
        if not language.can_mine:
            raise ConfigError(f"rlcf knows no projects in {language.name}: leave --project out")
        return language

    def check(self) -> list[Checked]:
        if self._wanted.inputs:
            return self._check_inputs()
        if self._wanted.since is None:
            return self._compiled(self._files)
        return self._check_changed(self._wanted.since)

    def _check_inputs(self) -> list[Checked]:
        inside = {Path(os.path.realpath(path)): path for path in self._files}  # resolve() fails on links in a circle
        asked: list[Path] = []
        outside: list[Input] = []
        for path in self._wanted.inputs:
            real = Path(os.path.realpath(path))
            if is_completions(path) or not path.exists():
                found = []
            elif path.is_dir():
                found = [file for name, file in inside.items() if name.is_relative_to(real)]
            else:
                found = [inside[real]] if real in inside else []
            asked += found
            if not found:
                outside += read_inputs(path, self._wanted.language, self._wanted.tasks)
        checked = self._compiled(list(dict.fromkeys(asked))) if asked else []
        return checked + self._check_outside(outside)

    def _check_outside(self, inputs: Sequence[Input]) -> list[Checked]:
        """Programs that are no files of the project, each by itself: what they need is taken from its sources."""
        options = self._language.source_options(self._project)
        inputs = [replace(i, options=options, program=self._placed(i)) for i in inputs]
        return check(inputs, self._wanted.workers, self._wanted.timeout_s, {}) if inputs else []

    def _placed(self, each: Input) -> Program:
        """The program, with its path where its file stands in the project's folder."""
        real = Path(os.path.realpath(each.path)) if each.path is not None else None
        if real is None or not real.is_relative_to(self._project.root):
            return each.program
        return replace(each.program, path=real.relative_to(self._project.root).as_posix())

    def _check_changed(self, since: str) -> list[Checked]:
        changed = changes(self._project.root, since)
        files = {path for path in changed.files if path.name.endswith(self._language.suffixes)}
        deleted = [path for path in changed.deleted if path.name.endswith(self._language.suffixes)]
        nested = changed.repositories
        mine = [path for path in self._files if path in files or any(path.is_relative_to(n) for n in nested)]
        if others := sorted(files - set(mine)):
            self._say(f"changed, but no part of what is compiled, and not checked: {self._names(others)}")
        touches = any(any(path.is_relative_to(s) for s in self._project.sources) for path in (*others, *deleted))
        if not mine and not touches and not nested:
            self._say(f"no source file of {self._where} in {self._language.name} has changed since {since}")
            return []
        if deleted:
            self._say(f"deleted, so the project is compiled without: {self._names(sorted(deleted))}")
        return self._compiled(mine)

    def _names(self, paths: Sequence[Path]) -> str:
        """The first three, and how many more there are."""
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        return ", ".join(self._name(path) for path in paths[:3]) + more

    def _compiled(self, asked: Sequence[Path]) -> list[Checked]:
        """The project compiled as a whole: the files asked for, then others with an error."""
        for note in self._project.notes:
            self._say(note)
        files = {file.path: file for file in check_project(self._language, self._project, self._files)}
        wrong = [path for path, file in files.items() if path not in set(asked) and not file.verdict.accepted]
        return [
            Checked(self._name(path), Program(files[path].text), files[path].verdict, path, asked=path in set(asked))
            for path in [*asked, *wrong]
        ]

    def _name(self, path: Path | None) -> str:
        if path is None:
            return str(self._where)
        root = self._project.root
        return str(self._where / path.relative_to(root)) if path.is_relative_to(root) else str(path)
