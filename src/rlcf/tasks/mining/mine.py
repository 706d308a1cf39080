"""From a source tree to tasks: `mine` is what `rlcf tasks mine` does.

The project is compiled as a whole, as it is, which says what is in it and that each reference compiles, and then with a
stub in the place of every body that may become a task.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rlcf.config.languages import LanguageOptions
from rlcf.errors import DataError
from rlcf.languages.projects import SourceFile, SourceProject
from rlcf.languages.registry import load_language
from rlcf.records import Task
from rlcf.tasks.mining.candidates import Candidate, Wanted, candidates, why_not
from rlcf.tasks.mining.filters import Chosen, bad_stubs, beyond, copied, not_compared, twins
from rlcf.tasks.mining.licences import file_licence, project_licence
from rlcf.tasks.mining.prompts import CountTokens, prompt
from rlcf.tasks.mining.splits import SplitBy, held_out
from rlcf.tasks.mining.surveyed import surveyed
from rlcf.workers.git import added

_LARGEST_FILE = 1_000_000
"""Characters; a larger file is generated, or a table: its tasks would take seconds to check."""
OnStep = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class MiningOptions:
    """What to make tasks of, and how."""

    language: str = "java"
    options: LanguageOptions | None = None
    """What the project needs to compile; what is left out is looked for."""
    exclude: tuple[str, ...] = ()
    wanted: Wanted = field(default_factory=Wanted)
    context: str = "tail"
    context_tokens: int = 512
    split: SplitBy = "file"
    heldout: float = 0.15
    without: Mapping[str, Sequence[Task]] = field(default_factory=dict)
    """Tasks that no mined one may be a copy of, by the name of their file."""
    limit: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Mined:
    """What came of a project."""

    project: SourceProject
    tasks: tuple[Task, ...]
    texts: Mapping[str, str]
    """The source of each file that has a task, by its path in the project."""
    dropped: Counter[str]
    """How many methods made no task, by reason, in the order in which they are asked."""
    examples: Mapping[str, Sequence[Candidate]]
    """Some methods that were dropped, by reason."""
    found: int
    """Methods with a body."""
    left_out: Mapping[str, str]
    """Files without tasks, by path: why."""
    advice: Sequence[str]
    """What can be done about files that do not compile."""
    archive: bytes
    """The project's code for the checker of the tasks, as a ZIP file."""
    created: Mapping[str, int] = field(default_factory=dict)
    """When each file came into the project, where git can tell."""


def mine(folder: Path, options: MiningOptions, count: CountTokens, on_step: OnStep) -> Mined:
    """The tasks of the project in `folder`.

    Args:
        count: the tokens of a text.
        on_step: told what is being done.

    Raises:
        UserError: there are no sources, or nothing of them compiles or makes a task.
        CheckerUnavailable: no usable compiler.
    """
    language = load_language(options.language)
    project = language.find_project(folder, options.options, options.exclude, ask_build_tool=True)
    asked = dict.fromkeys(language.project_files(project, options.exclude))
    texts, left_out = _read(project, [*asked, *(p for p in language.project_files(project) if p not in asked)])
    on_step(f"compiling {len(texts)} files of {project.root}")
    with language.surveyor(project) as surveyor, surveyed(surveyor, project, language, texts) as state:
        for path, why in sorted(state.wrong.items()):
            left_out.setdefault(_name(path, project), f"does not compile: {why}")
        files = {
            path: file
            for path, file in state.files.items()
            if path in asked and _name(path, project) not in left_out and not _is_generated(path, project)
        }
        chosen = Chosen(list(candidates(project.root, texts, files)))
        found = len(chosen.kept)
        chosen.drop(why_not(c, options.wanted, language) for c in chosen.kept)
        chosen.drop(twins(chosen.kept))
        on_step(f"compiling {len(chosen.kept)} stubs")
        chosen.drop(bad_stubs(surveyor, project, texts, state, chosen.kept, language))
        archive = state.archive()
    on_step(f"comparing {len(chosen.kept)} methods")
    chosen.drop(copied(chosen.kept, [task for tasks in options.without.values() for task in tasks]))
    prompts = [
        prompt(options.context, c.text, c.file, c.method, c.start, options.context_tokens, count, language.notation)
        for c in chosen.kept
    ]
    shown = {c.task_id: text for c, text in zip(chosen.kept, prompts, strict=True) if text is not None}
    chosen.drop(None if c.task_id in shown else "its prompt has too many tokens" for c in chosen.kept)
    if options.limit is not None:
        chosen.drop(beyond(chosen.kept, options.limit, options.seed))
    if not chosen.kept:
        reasons = [f"{n} {reason}" for reason, n in chosen.dropped.most_common(3)]
        reasons += [f"{path} {why}" for path, why in list(left_out.items())[:1]] + state.advice
        raise DataError(
            f"no task can be made of {folder}: {found} methods found; {'; '.join(reasons) or 'none has a body'}"
        )
    ages = added(project.root)
    outside = held_out([c.path for c in chosen.kept], options.heldout, options.split, ages, options.seed)
    return Mined(
        project=project,
        tasks=tuple(_tasks(chosen.kept, shown, outside, project, options.language)),
        texts={c.path: c.text for c in chosen.kept},
        dropped=chosen.dropped,
        examples=chosen.examples,
        found=found,
        left_out=left_out,
        advice=[*state.advice, *_lived_with(state.files, project.root), *not_compared(options.without)],
        archive=archive,
        created=ages,
    )


def _lived_with(files: Mapping[Path, SourceFile], root: Path) -> list[str]:
    """What to say of errors that leave no file out."""
    errors = {path.relative_to(root).as_posix(): len(file.errors) for path, file in files.items() if file.errors}
    if not errors:
        return []
    worst = max(sorted(errors), key=lambda path: errors[path])
    return [
        f"errors that the project has as it is ({sum(errors.values())}, most in {worst}) reject no program, and no "
        "task is made of a body that has one"
    ]


def _is_generated(path: Path, project: SourceProject) -> bool:
    return any(path.is_relative_to(folder) for folder in project.generated)


def _read(project: SourceProject, files: Sequence[Path]) -> tuple[dict[Path, str], dict[str, str]]:
    """The text of each file, and which files make no tasks: why. Other files may need what one of these declares."""
    texts: dict[Path, str] = {}
    garbled: dict[Path, str] = {}
    left_out: dict[str, str] = {}
    for path in files:
        name = _name(path, project)
        try:
            content = path.read_bytes()
            text = content.decode()
        except UnicodeDecodeError as error:
            left_out[name] = f"is not UTF-8 text (byte {error.start}): convert it, for instance with iconv"
            garbled[path] = content.decode(errors="replace")
            continue
        except OSError as error:
            left_out[name] = f"cannot be read: {error.strerror}"
            continue
        if len(text) > _LARGEST_FILE:
            left_out[name] = f"has {len(text)} characters, too many to make tasks of"
        texts[path] = text
    if not texts:
        why = next(iter(left_out.values()), "there is none")
        raise DataError(f"no source file of {project.root} can be read: the first {why}")
    return texts | garbled, left_out


def _name(path: Path, project: SourceProject) -> str:
    return path.relative_to(project.root).as_posix() if path.is_relative_to(project.root) else str(path)


def _tasks(
    kept: Sequence[Candidate],
    prompts: Mapping[str, str],
    outside: frozenset[str],
    project: SourceProject,
    language: str,
) -> Iterable[Task]:
    licence = project_licence(project.root) or project.licence
    for c in kept:
        yield Task(
            task_id=c.task_id,
            prompt=prompts[c.task_id],
            language=language,
            prefix=c.text[: c.start],
            suffix=c.text[c.end :],
            canonical_solution=c.body,
            entry_point=c.method.name,
            split="heldout" if c.path in outside else "train",
            path=c.path,
            source=project.root.name,
            licence=file_licence(c.text, licence),
        )
