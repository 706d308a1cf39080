"""Task and completion files: JSON Lines with the ecosystem's field names."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rlcf.errors import DataError
from rlcf.records import Completion, Task
from rlcf.storage.atomic import write_jsonl
from rlcf.storage.jsonl import read_jsonl
from rlcf.tasks.builtin import load_builtin

_REQUIRED = ("task_id", "prompt")
_OPTIONAL = tuple(f.name for f in dataclasses.fields(Task) if f.name not in _REQUIRED)


def load_tasks(source: str | Path) -> list[Task]:
    """Reads tasks from a `.jsonl` or `.jsonl.gz` file, or the built-in set `builtin:java`.

    Unknown fields are passed over.

    Raises:
        DataError: names the file, the line and the field that is wrong.
    """
    if str(source).startswith("builtin:"):
        return load_builtin(str(source))
    path = Path(source)
    tasks: list[Task] = []
    seen: dict[str, int] = {}
    for number, row in read_jsonl(path):
        task = Task(**_strings(path, number, row, _REQUIRED, _OPTIONAL))
        if task.task_id in seen:
            raise DataError(f"{path}:{number}: task_id {task.task_id!r} stands already on line {seen[task.task_id]}")
        seen[task.task_id] = number
        tasks.append(task)
    if not tasks:
        raise DataError(f"{path}: holds no task")
    return tasks


def load_completions(path: Path, tasks: Sequence[Task] | None = None) -> list[Completion]:
    """Reads completions from a `.jsonl` or `.jsonl.gz` file, in file order.

    Args:
        tasks: when given, each completion must belong to one of them.

    Raises:
        DataError: names the file, the line and the field that is wrong.
    """
    languages = {task.task_id: task.language for task in tasks} if tasks is not None else None
    completions = []
    for number, row in read_jsonl(path):
        texts = _strings(path, number, row, ("task_id", "completion"), ("language",))
        completion = Completion(**texts, finished=_flag(path, number, row, "finished"))
        if languages is not None:
            if completion.task_id not in languages:
                raise DataError(f"{path}:{number}: task_id {completion.task_id!r} is in none of the tasks given")
            language = languages[completion.task_id]
            if completion.language not in (None, language):
                raise DataError(f"{path}:{number}: language is {completion.language!r}, but the task's is {language!r}")
        completions.append(completion)
    if not completions:
        raise DataError(f"{path}: holds no completion")
    return completions


def the_language(tasks: Sequence[Task]) -> str:
    """The one language of `tasks`.

    Raises:
        DataError: they are of several.
    """
    languages = sorted({t.language for t in tasks})
    if len(languages) != 1:
        raise DataError(f"expected tasks of one language, found {', '.join(languages) or 'no task'}")
    return languages[0]


def write_tasks(path: Path, tasks: Iterable[Task]) -> None:
    """Writes tasks so that `load_tasks` reads them back; fields that are `None` are left out."""
    write_jsonl(path, ({k: v for k, v in dataclasses.asdict(t).items() if v is not None} for t in tasks))


def _flag(path: Path, number: int, row: Mapping[str, Any], name: str) -> bool | None:
    value = row.get(name)
    if value is not None and not isinstance(value, bool):
        raise DataError(f"{path}:{number}: {name!r} must be true or false, found {type(value).__name__}")
    return value


def _strings(
    path: Path, number: int, row: Mapping[str, Any], required: Sequence[str], optional: Sequence[str]
) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name in (*required, *optional):
        value = row.get(name)
        if value is None:
            if name in required:
                raise DataError(f"{path}:{number}: the field {name!r} is missing")
        elif not isinstance(value, str):
            raise DataError(f"{path}:{number}: {name!r} must be a string, found {type(value).__name__}")
        else:
            fields[name] = value
    return fields
