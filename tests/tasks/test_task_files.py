"""Task and completion files: what is read, and what one line says of what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlcf.errors import DataError
from rlcf.records import Program, Task
from rlcf.tasks.loading import load_completions, load_tasks, write_tasks


def test_tasks_read_back_as_they_were_written(tmp_path: Path) -> None:
    tasks = [Task("a", "class A {", canonical_solution="}\n"), Task("b", "class Ü {", split="heldout")]
    tasks.append(Task("c", "Write a class A.", prefix=""))  # the program is the completion alone
    write_tasks(tmp_path / "tasks.jsonl", tasks)
    assert load_tasks(tmp_path / "tasks.jsonl") == tasks


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"task_id": "a", "prompt": "x"}\n{"task_id": "b"}\n', r":2: the field 'prompt' is missing"),
        ('{"task_id": "a", "prompt": 3}\n', r":1: 'prompt' must be a string, found int"),
        ('{"task_id": "a", "prompt": "x"}\n\n{"task_id": "a", "prompt": "y"}\n', r":3: task_id 'a' stands already on"),
        ('{"task_id": "a", "prompt": "x", "suffix": ["}"]}\n', r":1: 'suffix' must be a string, found list"),
        ('{"task_id": "", "prompt": "x"}\n', r":1: 'task_id' is empty"),
        ('{"task_id": "a", "prompt": "x", "test": "\\ud83d"}\n', r":1: 'test' holds half of a surrogate pair"),
        ('{"task_id": true, "prompt": "x"}\n', r":1: 'task_id' must be a string, found bool"),
        ("[1]\n", r":1: expected a JSON object, found list"),
        ('{"task_id": \n', r":1: not JSON"),
        ("", r"holds no task"),
    ],
)
def test_a_wrong_line_is_named_by_file_line_and_field(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        load_tasks(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="is not UTF-8 text"):
        load_tasks(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*nowhere\.jsonl"):
        load_tasks(tmp_path / "nowhere.jsonl")


def test_a_completion_of_an_unknown_task_is_named(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text('{"task_id": "z", "completion": ""}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"samples\.jsonl:1: task_id 'z' is in none of the tasks"):
        load_completions(path, [Task("a", "x")])


def test_a_completion_in_another_language_is_named(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text('{"task_id": "a", "completion": "", "language": "cobol"}\n', encoding="utf-8")
    with pytest.raises(DataError, match="'cobol', but the task's is 'java'"):
        load_completions(path, [Task("a", "x")])


def test_a_file_without_any_completion_is_named(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"samples\.jsonl: holds no completion"):
        load_completions(path)


def test_whether_a_completion_was_finished_is_read_where_the_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    rows = ['{"task_id": "a", "completion": ""}', '{"task_id": "a", "completion": "", "finished": false}']
    path.write_text("\n".join(rows), encoding="utf-8")
    assert [c.finished for c in load_completions(path)] == [None, False]
    path.write_text('{"task_id": "a", "completion": "", "finished": "no"}', encoding="utf-8")
    with pytest.raises(DataError, match=r":1: 'finished' must be true or false, found str"):
        load_completions(path)


def test_null_is_the_same_as_an_absent_field_and_unknown_fields_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text(
        '{"task_id": "a", "prompt": "x", "suffix": null, "language": null, "docstring": 3}', encoding="utf-8"
    )
    assert load_tasks(path) == [Task("a", "x")]


def test_a_task_with_a_suffix_and_no_prefix_has_its_prompt_before_the_completion(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    row = {"task_id": "SingleLineInfilling/HumanEval/0/L0", "prompt": "def f():\n", "suffix": "    return x\n"}
    path.write_text(json.dumps(row), encoding="utf-8")
    (task,) = load_tasks(path)
    program = Program.of(task, "    x = 1\n")
    assert (program.source, program.completion) == ("def f():\n    x = 1\n    return x\n", "    x = 1\n")
    assert task.language == "python"
    write_tasks(path, [task])
    assert load_tasks(path) == [task]


@pytest.mark.parametrize(
    ("task_id", "language"), [("HumanEval/0", "python"), ("Go/3", "go"), ("CPP/1", "cpp"), ("my own", "java")]
)
def test_the_language_of_a_task_that_does_not_name_it_is_told_by_its_id(
    tmp_path: Path, task_id: str, language: str
) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps({"task_id": task_id, "prompt": "x"}), encoding="utf-8")
    assert load_tasks(path)[0].language == language


def test_a_completion_may_hold_half_of_a_surrogate_pair_as_models_write_them(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text('{"task_id": "a", "completion": "\\ud83d"}', encoding="utf-8")
    assert load_completions(path)[0].completion == "\ud83d"
