"""A run that was cut goes on as if it had not been."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from rlcf.config import Recipe, make_recipe
from rlcf.errors import DataError, ModelError
from rlcf.jsonl import read_jsonl_tail_safe
from rlcf.records import Task
from rlcf.rundir import RunDir
from rlcf.training.loop import Trainer, training_tasks
from tests.tiny import TASK, tiny_policy


class Silent:
    """Watches, and cuts the run behind an update when told to."""

    def __init__(self, cut_behind: int | None = None) -> None:
        self.cut_behind = cut_behind

    def on_tokens(self, count: int) -> None:
        pass

    def on_update(self, metrics: dict[str, Any]) -> None:
        if metrics["update"] == self.cut_behind:
            raise KeyboardInterrupt


def _recipe(**train: Any) -> Recipe:
    return make_recipe(
        {
            "generation": {"max_new_tokens": 5, "temperature": 1.0},
            "grounding": {"mode": "compiler", "workers": 1},
            "algorithm": {"learning_rate": 1e-2, "minibatches": 2},
            "train": {"updates": 4, "tasks_per_update": 2, "group_size": 8, **train},
        }
    )


_TASKS = [TASK, Task("tiny2", TASK.prompt.replace("A", "f"), canonical_solution="a;}}", entry_point="f")]


@pytest.mark.usefixtures("jdk")
def test_a_run_cut_and_resumed_ends_in_bitwise_the_same_weights(tmp_path: Path) -> None:
    whole = _train(tmp_path / "whole", Silent())
    with pytest.raises(KeyboardInterrupt):
        _train(tmp_path / "cut", Silent(cut_behind=2))
    resumed = _train(tmp_path / "cut", Silent(), resume=True)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    updates = [row["update"] for row in read_jsonl_tail_safe(RunDir(tmp_path / "cut").metrics)]
    assert updates == [1, 2, 3, 4]


@pytest.mark.usefixtures("jdk")
def test_only_the_newest_checkpoints_are_kept(tmp_path: Path) -> None:
    _train(tmp_path, Silent())
    kept = sorted(p.name for p in RunDir(tmp_path).checkpoints.iterdir())
    assert kept == ["update-0003", "update-0004"]


@pytest.mark.usefixtures("jdk")
def test_a_broken_checkpoint_is_one_line_that_names_it(tmp_path: Path) -> None:
    broken = RunDir(tmp_path).checkpoint(1)
    broken.mkdir(parents=True)
    (broken / "state.pt").write_bytes(b"no checkpoint")
    with pytest.raises(ModelError, match=r"cannot read the checkpoint .*update-0001"):
        _train(tmp_path, Silent(), resume=True)


def test_held_out_tasks_are_never_trained_on() -> None:
    held = Task("h", "class A {", canonical_solution="}", split="heldout")
    assert training_tasks([TASK, held]) == [TASK]
    with pytest.raises(DataError, match="no task to train on"):
        training_tasks([held])


def _train(folder: Path, watcher: Silent, resume: bool = False) -> dict[str, torch.Tensor]:
    folder.mkdir(exist_ok=True)
    policy = tiny_policy()
    trainer = Trainer(_recipe(), _TASKS, RunDir(folder), policy)
    try:
        if resume:
            trainer.resume()
        trainer.run(watcher)
    finally:
        trainer.close()
    return policy.trainable_state()
