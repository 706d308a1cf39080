"""MathQA's rows as tasks in the form of the benchmark MathQA-X, none of them a problem of a given file.

A reference compiles and has the shape of an answer; it is not proved to be one, for many formulas of the data set are
wrong. Tasks whose formula gives the option marked as correct carry a test; the others have none.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcf.errors import DataError
from rlcf.records import Task
from rlcf.storage.jsonl import read_jsonl
from rlcf.tasks.mathqa.answers import marked_answer
from rlcf.tasks.mathqa.formula import FormulaError, evaluate, parse_formula, reference
from rlcf.tasks.mathqa.notation import Notation, notation

_FIELDS = ("Problem", "options", "correct", "linear_formula")
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_NUMBER_LIST = re.compile(r"(?:\s+n\d+ = \S+)+\s*$")
_COMMENT = re.compile(r'(?:/\*\*|""")(.*?)(?:\*/|""")', re.DOTALL)


@dataclass(frozen=True, slots=True)
class MathQA:
    """What became of a file's rows."""

    tasks: list[Task]
    rows: int
    dropped: Counter[str]
    """Reason → rows that became no task."""


def read_mathqa(path: Path, without: Iterable[Task] = (), language: str = "java") -> MathQA:
    """The tasks of a MathQA file: JSON Lines, or the published JSON array.

    Args:
        without: no task has the text of one of these, numbers aside (`without_numbers`).
        language: of the references; `notation_names` lists those there are.

    Raises:
        UserError: MathQA's tasks cannot be written in the language.
        DataError: the file is not MathQA's, or none of its rows became a task; names file, line and field.
    """
    written = notation(language)
    barred = {without_numbers(text) for task in without for text in _texts(task)}
    tasks: list[Task] = []
    dropped: Counter[str] = Counter()
    seen: set[str] = set()
    rows = 0
    for number, row in _rows(path):
        rows += 1
        problem = " ".join(row["Problem"].split())
        if without_numbers(problem) in barred:
            dropped["a problem of the files to leave out, numbers aside"] += 1
        elif problem in seen:
            dropped["the same text as an earlier row"] += 1
        else:
            seen.add(problem)
            try:
                tasks.append(_task(f"{path.stem}/{number}", problem, row, written))
            except FormulaError as error:
                dropped[str(error)] += 1
    if not tasks:
        why = f"; most often: {dropped.most_common(1)[0][0]}" if dropped else ""
        raise DataError(f"{path}: none of its {rows} rows became a task{why}")
    return MathQA(tasks, rows, dropped)


def numbers_of(problem: str) -> list[float]:
    """The numbers n0, n1 … of a problem: digits in order, `1,200` as one number, `2 / 3` as two, no sign."""
    return [float(n.replace(",", "")) for n in _NUMBER.findall(problem)]


def prompt_of(problem: str, written: Notation) -> str:
    """The benchmark's prompt: the problem and its numbers as the comment of a function without parameters."""
    return written.prompt(" ".join([problem, *(f"n{i} = {value!r}" for i, value in enumerate(numbers_of(problem)))]))


def without_numbers(problem: str) -> str:
    """What two texts have in common when they are the same problem: words only, every number the same.

    A problem with other numbers has the same program but for its literals. To train on it would be to train on the
    answer, so it counts as the same.
    """
    masked = _NUMBER.sub(" 0 ", problem.lower())
    return " ".join(re.findall(r"[^\W\d_]+|0", masked))


def _texts(task: Task) -> Iterator[str]:
    """A task's text as it stands in its description, and in the comment of its prompt without the list of numbers."""
    if task.description:
        yield task.description
    for comment in _COMMENT.findall(task.prompt) or [task.prompt]:
        yield _NUMBER_LIST.sub("", comment)


def _task(task_id: str, problem: str, row: dict[str, str], written: Notation) -> Task:
    numbers, steps = numbers_of(problem), parse_formula(row["linear_formula"])
    value = evaluate(steps, numbers)
    answer = marked_answer(row["options"], row["correct"])
    return Task(
        task_id,
        prompt_of(problem, written),
        language=written.language,
        canonical_solution=reference(steps, numbers, written),
        test=written.test(value) if answer is not None and answer.agrees(value) else None,
        entry_point="problem",
        description=problem,
        split="train",
        source="MathQA (Amini et al., 2019)",
        licence="Apache-2.0",
    )


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """`(line or place in the array, row)`, each with the fields of MathQA."""
    array = _array(path)
    for number, row in read_jsonl(path) if array is None else enumerate(array, start=1):
        for name in _FIELDS:
            value = row.get(name) if isinstance(row, dict) else None
            if not isinstance(value, str):
                raise DataError(f"{path}:{number}: expected a row of MathQA, whose field {name!r} is a string")
        yield number, row


def _array(path: Path) -> list[Any] | None:
    """The elements of the published form, one JSON array; `None` where the file is not one."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None  # JSON Lines, or a mistake that reading as such will name
    return rows if isinstance(rows, list) else None
