"""Task and completion files: JSON Lines with the ecosystem's field names."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from rlcf.errors import DataError
from rlcf.records import Completion, Task
from rlcf.storage.atomic import write_jsonl
from rlcf.storage.jsonl import read_jsonl
from rlcf.tasks.builtin import load_builtin
from rlcf.tasks.projects import in_project, placed
from rlcf.tasks.published import language_name, task_row

Record = TypeVar("Record")
_KEPT_EMPTY = ("prompt", "prefix")
"""Fields whose empty text says something else than no field."""
_TASK, _COMPLETION = TypeAdapter(Task), TypeAdapter(Completion)
_LANGUAGES = {"humaneval": "python"} | {n: n for n in ("cpp", "go", "java", "javascript", "python", "rust")}
"""Part of a task's id → its language, for HumanEval, HumanEval-Infilling and HumanEval-X, whose rows do not name it."""


def load_tasks(source: str | Path) -> list[Task]:
    """Reads tasks from a `.jsonl` or `.jsonl.gz` file, or a built-in set such as `builtin:java`.

    Unknown fields are ignored, and `null` is the same as an absent field. The files of HumanEval, HumanEval-X,
    HumanEval-Infilling, MBXP and VerilogEval load unchanged. A task's language need not be one that rlcf knows: only
    who checks its programs needs it.

    Raises:
        DataError: names the file, the line and the field that is wrong.
    """
    if str(source).startswith("builtin:"):
        return load_builtin(str(source))
    tasks: list[Task] = []
    lines: dict[str, int] = {}
    for number, row in read_jsonl(Path(source)):
        where = f"{source}:{number}"
        if row.get("language") is None:
            row["language"] = _language_of(row.get("task_id"))
        row = in_project(where, task_row(row), Path(source).parent)
        task = _record(_TASK, where, row)
        for field in dataclasses.fields(task):
            _require_utf8(where, field.name, getattr(task, field.name))
        if not task.task_id:
            raise DataError(f"{where}: 'task_id' is empty")
        if task.task_id in lines:
            raise DataError(f"{where}: task_id {task.task_id!r} stands already on line {lines[task.task_id]}")
        lines[task.task_id] = number
        tasks.append(task)
    if not tasks:
        raise DataError(f"{source}: holds no task")
    return tasks


def load_completions(path: Path, tasks: Sequence[Task] | None = None) -> list[Completion]:
    """Reads completions from a `.jsonl` or `.jsonl.gz` file, in file order.

    Args:
        tasks: when given, each completion must belong to one of them.

    Raises:
        DataError: names the file, the line and the field that is wrong.
    """
    languages = {task.task_id: task.language for task in tasks or ()}
    completions = []
    for number, row in read_jsonl(path):
        where = f"{path}:{number}"
        completion = _record(_COMPLETION, where, row)
        if not isinstance(row.get("finished"), bool | None):  # pydantic would take "no" and 0 as well
            raise DataError(f"{where}: 'finished' must be true or false, found {type(row['finished']).__name__}")
        if tasks is not None:
            if completion.task_id not in languages:
                raise DataError(f"{where}: task_id {completion.task_id!r} is in none of the tasks given")
            language = languages[completion.task_id]
            if completion.language is not None and language_name(completion.language) != language:
                raise DataError(f"{where}: language is {completion.language!r}, but the task's is {language!r}")
        completions.append(completion)
    if not completions:
        raise DataError(f"{path}: holds no completion")
    return completions


def wrong_field(where: str, error: ValidationError) -> str:
    """One line of pydantic's first complaint; `where` names file and line."""
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"]))
    if first["type"] == "missing":
        return f"{where}: the field {field!r} is missing"
    complaint = first["msg"].replace("Input should be", "must be")
    complaint = (
        complaint.replace("a valid boolean", "true or false")
        .replace("a valid integer", "an integer")
        .replace("a valid ", "a ")
    )
    return f"{where}: {field!r} {complaint}, found {type(first['input']).__name__}"


def _record(adapter: TypeAdapter[Record], where: str, row: dict[str, Any]) -> Record:
    try:
        return adapter.validate_python({key: value for key, value in row.items() if value is not None})
    except ValidationError as error:
        raise DataError(wrong_field(where, error)) from error


def _language_of(task_id: object) -> str:
    return next((_LANGUAGES[part] for part in str(task_id).lower().split("/") if part in _LANGUAGES), "java")


def _require_utf8(where: str, name: str, value: str | None) -> None:
    try:
        (value or "").encode()
    except UnicodeEncodeError as error:
        raise DataError(f"{where}: {name!r} holds half of a surrogate pair: it is no text") from error


def the_language(tasks: Sequence[Task]) -> str:
    """The one language of `tasks`; a `DataError` where they are of several."""
    languages = sorted({t.language for t in tasks})
    if not languages:
        raise DataError("there is no task")
    if len(languages) > 1:
        raise DataError(f"expected tasks of one language, found {', '.join(languages)}: give each a file of its own")
    return languages[0]


def write_tasks(path: Path, tasks: Iterable[Task]) -> None:
    """Writes tasks so that `load_tasks` reads them back; fields without a value are left out."""
    rows = (placed(dataclasses.asdict(task)) for task in tasks)
    write_jsonl(path, ({k: v for k, v in r.items() if v or (v is not None and k in _KEPT_EMPTY)} for r in rows))
