"""Where tasks come from."""

from __future__ import annotations

from rlcf.records import Task
from rlcf.tasks.builtin import load_builtin
from rlcf.tasks.counts import count_origins


def test_tasks_are_counted_by_source_split_and_licence_the_most_first() -> None:
    tasks = [Task("a", "", source="s", split="train", licence="MIT"), Task("b", ""), Task("c", ""), Task("d", "")]
    assert count_origins(tasks) == [
        {"source": None, "split": None, "licence": None, "tasks": 3},
        {"source": "s", "split": "train", "licence": "MIT", "tasks": 1},
    ]


def test_built_in_tasks_are_counted_by_file_without_their_family() -> None:
    tasks = load_builtin("builtin:java")
    counted = count_origins(tasks)
    assert sum(row["tasks"] for row in counted) == len(tasks)
    assert {"source": "rlcf easy_maps.tasks", "split": "train"}.items() <= next(
        row for row in counted if "easy_maps" in row["source"] and row["split"] == "train"
    ).items()
    assert all(row["source"].endswith(".tasks") for row in counted)
