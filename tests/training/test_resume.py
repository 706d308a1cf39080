"""A run that was cut goes on as if it had not been."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from rlcf.config import Recipe, make_recipe
from rlcf.errors import ConfigError, DataError, ModelError, TrainingError
from rlcf.models.policy import Policy
from rlcf.records import Task
from rlcf.storage.jsonl import read_jsonl_tail_safe
from rlcf.storage.rundir import RunDir
from rlcf.training.checkpoint import load_checkpoint, save_checkpoint
from rlcf.training.run import make_trainer, training_tasks
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


def _recipe(algorithm: str = "ppo") -> Recipe:
    return make_recipe(
        {
            "generation": {"max_new_tokens": 5, "temperature": 1.0},
            "grounding": {"mode": "compiler", "workers": 1},
            "algorithm": {"name": algorithm, "learning_rate": 1e-2, "minibatches": 2},
            "train": {"updates": 4, "tasks_per_update": 2, "group_size": 8},
        }
    )


_TASKS = [TASK, Task("tiny2", TASK.prompt.replace("A", "f"), canonical_solution="a;}}", entry_point="f")]


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize("algorithm", ["ppo", "grpo", "sft"])
def test_a_run_cut_and_resumed_ends_in_bitwise_the_same_weights(tmp_path: Path, algorithm: str) -> None:
    whole = _train(tmp_path / "whole", Silent(), algorithm=algorithm)
    with pytest.raises(KeyboardInterrupt):
        _train(tmp_path / "cut", Silent(cut_behind=2), algorithm=algorithm)
    resumed = _train(tmp_path / "cut", Silent(), resume=True, algorithm=algorithm)
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


@pytest.mark.usefixtures("jdk")
def test_a_checkpoint_of_another_algorithm_is_one_line_and_stays(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _train(tmp_path, Silent(cut_behind=1))
    with pytest.raises(ConfigError, match="the checkpoint is of algorithm 'ppo', the recipe names 'grpo'") as error:
        _train(tmp_path, Silent(), resume=True, algorithm="grpo")
    assert "\n" not in str(error.value)
    _train(tmp_path, Silent(), resume=True)
    assert len(read_jsonl_tail_safe(RunDir(tmp_path).metrics)) == 4


@pytest.mark.usefixtures("jdk")
def test_a_checkpoint_of_the_same_algorithm_with_other_parts_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _train(tmp_path, Silent(cut_behind=1))
    file = RunDir(tmp_path).checkpoint(1) / "state.pt"
    state = torch.load(file, weights_only=True)
    del state["learner"]["critic"]["head"]
    torch.save(state, file)
    with pytest.raises(ModelError, match=r"the checkpoint's state of 'ppo' does not fit the recipe: [^,]*head"):
        _train(tmp_path, Silent(), resume=True)


def test_a_checkpoint_of_another_version_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    save_checkpoint(RunDir(tmp_path), 1, {"format": 1}, keep=1)
    with pytest.raises(
        ModelError, match=r"checkpoint format 1; this version of rlcf reads 2: .*another --out"
    ) as error:
        load_checkpoint(RunDir(tmp_path))
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("jdk")
def test_a_loss_that_is_not_finite_ends_the_run_and_the_last_checkpoint_is_good(tmp_path: Path) -> None:
    class Spoiling(Silent):
        def on_update(self, metrics: dict[str, Any]) -> None:
            if metrics["update"] == 2:
                with torch.no_grad():
                    policy.trainable_parameters()[-1].fill_(float("nan"))

    policy = tiny_policy()
    with pytest.raises(TrainingError, match="the loss is nan"):
        _train(tmp_path, Spoiling(), algorithm="sft", policy=policy)
    state = load_checkpoint(RunDir(tmp_path))
    assert state is not None
    assert state["update"] == 2
    assert all(bool(weights.isfinite().all()) for weights in state["policy"].values())
    _train(tmp_path, Silent(), resume=True, algorithm="sft")
    assert [row["update"] for row in read_jsonl_tail_safe(RunDir(tmp_path).metrics)] == [1, 2, 3, 4]


def test_held_out_tasks_are_never_trained_on() -> None:
    held = Task("h", "class A {", canonical_solution="}", split="heldout")
    assert training_tasks([TASK, held]) == [TASK]
    with pytest.raises(DataError, match="no task to train on"):
        training_tasks([held])


def _train(
    folder: Path, watcher: Silent, resume: bool = False, algorithm: str = "ppo", policy: Policy | None = None
) -> dict[str, torch.Tensor]:
    folder.mkdir(exist_ok=True)
    policy = policy or tiny_policy()
    trainer, _ = make_trainer(_recipe(algorithm), RunDir(folder), _TASKS, policy)
    with trainer.grounding:
        if resume:
            trainer.resume()
        trainer.run(watcher)
    return policy.trainable_state()
