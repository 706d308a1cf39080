"""Programs from files, folders and completions, and the verdicts on them: `check` is what `rlcf check` does."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcf.config import make_recipe
from rlcf.config.languages import LanguageOptions
from rlcf.errors import ConfigError, DataError, UserError
from rlcf.languages.base import Language
from rlcf.languages.registry import language_names, language_of_file, load_language
from rlcf.records import Program, Verdict
from rlcf.storage.jsonl import read_text


@dataclass(frozen=True, slots=True)
class Input:
    """A program to check."""

    id: str
    """Its file's path, or its task's id."""
    program: Program
    language: str
    options: LanguageOptions | None = None
    """What its project needs; `None` where it has none."""
    path: Path | None = None
    """Its file; `None` for a completion."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A program and its verdict."""

    id: str
    program: Program
    verdict: Verdict
    path: Path | None = None
    """Its file; `None` where it has none."""
    asked: bool = True
    """Whether it was asked for. Else it is a file of the same project, and rejected."""


def read_inputs(path: Path, language: str | None, tasks: str | None) -> Iterator[Input]:
    """The programs that a file, a folder or a file of completions stands for.

    Raises:
        UserError: it cannot be read, or holds no program.
    """
    try:
        if path.is_dir():
            for file in source_files(path, language):
                yield read_source(file, language)
        elif is_completions(path):
            yield from _read_completions(path, language, tasks)
        else:
            yield read_source(path, language)
    except OSError as error:
        raise DataError(f"cannot read {error.filename or path}: {error.strerror}") from error


def is_completions(path: Path) -> bool:
    """Whether a file has the name of a file of completions."""
    return path.name.endswith((".jsonl", ".jsonl.gz"))


def source_files(folder: Path, language: str | None) -> list[Path]:
    """The source files under a folder, sorted; links to folders are not followed."""

    def fail(error: OSError) -> None:
        raise error

    names = [language] if language else language_names()
    suffixes = tuple(suffix for name in names for suffix in load_language(name).suffixes)
    files = (Path(inside, name) for inside, _, here in os.walk(folder, onerror=fail) for name in here)
    found = sorted(f for f in files if f.name.endswith(suffixes) and (f.is_file() or f.is_symlink()))
    if not found:
        raise DataError(f"no source file in the folder {folder}: expected names that end in {' or '.join(suffixes)}")
    return found


def read_source(path: Path, language: str | None) -> Input:
    """A source file as a program."""
    name = language or language_of_file(path)
    if name is None:
        raise UserError(f"cannot tell the language of {path}: name it with --language")
    return Input(str(path), Program(read_text(path)), name, path=path)


def _read_completions(path: Path, language: str | None, tasks: str | None) -> Iterator[Input]:
    from rlcf.tasks.loading import load_completions, load_tasks
    from rlcf.tasks.projects import project_options

    if tasks is None:
        raise UserError(f"{path} is read as completions: name their tasks with --tasks FILE")
    known = {t.task_id: t for t in load_tasks(tasks)}
    options = project_options(known.values())
    for completion in load_completions(path, list(known.values())):
        task = known[completion.task_id]
        yield Input(task.task_id, Program.of(task, completion.completion), language or task.language, options)


def check(inputs: Sequence[Input], workers: int, timeout_s: float, given: Mapping[str, Any]) -> list[Checked]:
    """The verdicts, in input order; each language's compiler is started once.

    Args:
        given: options of a language, as the user gave them; they replace those of a program's project.
    """
    languages = {name: load_language(name) for name in dict.fromkeys(i.language for i in inputs)}
    _require_options(given, list(languages.values()))
    verdicts: dict[int, Verdict] = {}
    for name, language in languages.items():
        chosen = [n for n, i in enumerate(inputs) if i.language == name]
        known = {key: value for key, value in given.items() if key in language.options_type.model_fields}
        told = options_of(name, known)
        for options in {inputs[n].options: None for n in chosen}:
            some = [n for n in chosen if inputs[n].options == options]
            with language.checker(workers, timeout_s, told if known or options is None else options) as checker:
                verdicts |= zip(some, checker.check_programs([inputs[n].program for n in some]), strict=True)
    return [Checked(i.id, i.program, verdicts[n], i.path) for n, i in enumerate(inputs)]


def options_of(language: str, given: Mapping[str, Any]) -> LanguageOptions:
    """The table `[language]` of what the user gave on the command line.

    Raises:
        ConfigError: the language has no such option, or the value is wrong.
    """
    if given:
        _require_options(given, [load_language(language)])
    return make_recipe({"language": {"name": language, **given}}, where="command line").language


def _require_options(given: Mapping[str, Any], languages: Sequence[Language]) -> None:
    """Refuses an option that none of the languages has."""
    for key in given:
        if not any(key in language.options_type.model_fields for language in languages):
            flag = "--python-version" if key == "version" else f"--{key.replace('_', '-')}"
            names = " or ".join(language.name for language in languages)
            raise ConfigError(f"{flag} is no option of {names}: leave it out")
