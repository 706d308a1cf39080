"""What a run is made of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rlcf.config import Recipe, demo_recipe, make_recipe
from rlcf.records import Task
from rlcf.tasks.loading import load_tasks, write_tasks
from rlcf.training.run import _tasks as tasks_of

MINED = [
    Task(f"{package}/F{file}.java#m{method}", "class A {", canonical_solution="}", split="heldout")
    for package in "abcde"
    for file in range(3)
    for method in range(10)
]


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    path = tmp_path / "tasks.jsonl"
    write_tasks(path, [*MINED, replace(MINED[0], task_id="other", split="train")])
    return make_recipe({"tasks": {"train": str(path), "evaluate": str(path)}, "evaluation": {"max_tasks": 30}})


def test_fewer_tasks_to_evaluate_are_a_sample_of_all_and_the_same_each_time(recipe: Recipe) -> None:
    """Tasks that were mined stand in the order of their files: the first ones would be those of one package."""
    _, evaluated = tasks_of(recipe)
    ids = [task.task_id for task in evaluated]
    assert len(ids) == 30
    assert {name[0] for name in ids} == set("abcde")
    assert ids == sorted(ids)  # as in the file
    write_tasks(Path(recipe.tasks.evaluate), MINED[::-1])
    again = make_recipe({**recipe.model_dump(), "train": {"seed": 3}})
    assert [task.task_id for task in tasks_of(again)[1]] == ids[::-1]


def test_the_demo_evaluates_all_that_is_held_out_in_order() -> None:
    heldout = [task for task in load_tasks("builtin:java-easy") if task.split == "heldout"]
    assert tasks_of(demo_recipe())[1] == heldout
    assert len(heldout) == 93
