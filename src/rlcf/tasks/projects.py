"""The project that tasks stand in: a `project.toml` beside them, and its sources in one file.

A task of a project is a row with `path`, `project`, and the place of its completion in the file, as `start` and `end`
in characters; the text around it is read from the project's sources. So each source stands on the disk once, and no
recipe and no command repeats what its files need to compile.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from rlcf.config.languages import LanguageConfig, LanguageOptions
from rlcf.errors import DataError
from rlcf.records import Task
from rlcf.storage.jsonl import read_jsonl, read_text

PROJECT_FILE = "project.toml"
_NO_PROJECT_FILE = "{} is no project file as rlcf tasks mine writes it"
_OPTIONS: TypeAdapter[LanguageOptions] = TypeAdapter(LanguageConfig)


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """A `project.toml`."""

    path: Path
    name: str
    options: LanguageOptions
    """For a checker of programs in the project; paths are absolute."""
    sources: Path
    """JSON Lines: `path` and `text` of each file."""

    def text(self, path: str) -> str:
        """The source at a path of the project; raises `DataError` where there is none."""
        found = self.texts().get(path)
        if found is None:
            raise DataError(f"{self.sources} has no source {path!r}: make the tasks again with rlcf tasks mine")
        return found

    def texts(self) -> Mapping[str, str]:
        """All sources, by their paths in the project."""
        return _sources(self.sources, self.sources.stat().st_mtime_ns if self.sources.exists() else 0)


def load_project(path: Path) -> ProjectFile:
    """Reads a `project.toml`.

    Raises:
        DataError: it is not there, is no TOML, or names what is not there; one line that says what to do.
    """
    return _load_project(path.resolve(), path.stat().st_mtime_ns if path.exists() else 0)


@functools.lru_cache(maxsize=16)
def _load_project(path: Path, _changed: int) -> ProjectFile:
    if not path.is_file():
        raise DataError(f"no project file {path}: it belongs beside its tasks; move it back, or mine the tasks again")
    try:
        table = tomllib.loads(read_text(path))
        options = _OPTIONS.validate_python(dict(table["language"]))
        sources = str(table["sources"])
        if Path(sources).name != sources:
            raise ValueError(f"sources = {sources!r} is no file beside it")
        return ProjectFile(path, str(table["name"]), _absolute(options, path.parent), path.parent / sources)
    except ValidationError as error:
        raise DataError(f"{_NO_PROJECT_FILE.format(path)}: {_wrong_value(error)}") from error
    except KeyError as error:
        raise DataError(f"{_NO_PROJECT_FILE.format(path)}: it has no {error}") from error
    except (ValueError, TypeError) as error:  # TOML that is none is a ValueError, too
        raise DataError(f"{_NO_PROJECT_FILE.format(path)}: {error}") from error


def _absolute(options: LanguageOptions, folder: Path) -> LanguageOptions:
    """The same, with paths that start in `folder`."""

    def absolute(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(absolute(part) for part in value)
        return folder / value if isinstance(value, Path) else value

    return options.model_copy(update={key: absolute(value) for key, value in options})


def _wrong_value(error: ValidationError) -> str:
    """The first key of a table that is wrong, and why."""
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc'][1:]))}: {first['msg']}"


@functools.lru_cache(maxsize=4)
def _sources(path: Path, _changed: int) -> Mapping[str, str]:
    return {str(row["path"]): str(row["text"]) for _, row in read_jsonl(path)}


def in_project(where: str, row: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A row of a task file in `folder`, with the text around its completion and the whole path of its project file."""
    if row.get("project") is None or row.get("start") is None:
        return row
    project = load_project(folder / str(row["project"]))
    text, start, end = project.text(str(row.get("path"))), row["start"], row.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start <= end <= len(text):
        raise DataError(
            f"{where}: 'start' and 'end' are no place in {row.get('path')}, which has {len(text)} characters"
        )
    solution = {"canonical_solution": text[start:end]} if row.get("canonical_solution") is None else {}
    return row | solution | {"prefix": text[:start], "suffix": text[end:], "project": str(project.path)}


def placed(row: dict[str, Any]) -> dict[str, Any]:
    """The row of a task of a project as it is written: its place in its file, and not the text around it."""
    if row.get("project") is None or row.get("path") is None or row.get("prefix") is None:
        return row
    length = len(load_project(Path(row["project"])).text(row["path"]))
    around = {"start": len(row["prefix"]), "end": length - len(row["suffix"])}
    return {k: v for k, v in row.items() if k not in ("prefix", "suffix", "canonical_solution")} | around


def checker_options(tasks: Iterable[Task], given: LanguageOptions) -> LanguageOptions:
    """What the programs of tasks are checked with: what is `given`, if anything, else what their project says."""
    return given if given != type(given)(name=given.name) else project_options(tasks) or given


def project_options(tasks: Iterable[Task]) -> LanguageOptions | None:
    """What a checker of these tasks' programs needs to know of their project; `None` where they have none.

    Raises:
        DataError: they are of several projects, or their project file is not there.
    """
    found: Sequence[str | None] = list(dict.fromkeys(task.project for task in tasks))
    if len(found) > 1:
        names = ", ".join(str(name) if name else "no project" for name in found[:3])
        raise DataError(f"expected tasks of one project, found those of {names}: give each a task file of its own")
    return load_project(Path(found[0])).options if found and found[0] else None
