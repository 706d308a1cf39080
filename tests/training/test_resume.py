"""A run that was cut goes on as if it had not been."""

from __future__ import annotations

import shutil
from collections.abc import Callable
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
from rlcf.training.checkpoint import newest_checkpoint, save_checkpoint
from rlcf.training.run import make_trainer, training_tasks
from tests.tiny import TASK, tiny_policy, tiny_t5
from tests.training.listening import Silent


def _recipe(algorithm: str = "ppo", **tables: Any) -> Recipe:
    return make_recipe(
        {
            "generation": {"max_new_tokens": 5, "temperature": 1.0},
            "grounding": {"mode": "compiler", "workers": 1},
            "algorithm": {"name": algorithm, "learning_rate": 1e-2, "minibatches": 2},
            "train": {"updates": 4, "tasks_per_update": 2, "group_size": 8},
            **tables,
        }
    )


_TASKS = [TASK, Task("tiny2", TASK.prompt.replace("A", "f"), canonical_solution="a;}}", entry_point="f")]


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize("model", [tiny_policy, tiny_t5])
@pytest.mark.parametrize("algorithm", ["ppo", "grpo", "sft"])
def test_a_run_cut_and_resumed_ends_in_bitwise_the_same_weights(
    tmp_path: Path, algorithm: str, model: Callable[[], Policy]
) -> None:
    whole = _train(tmp_path / "whole", Silent(), algorithm=algorithm, policy=model())
    with pytest.raises(KeyboardInterrupt):
        _train(tmp_path / "cut", Silent(cut_after=2), algorithm=algorithm, policy=model())
    resumed = _train(tmp_path / "cut", Silent(), resume=True, algorithm=algorithm, policy=model())
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    updates = [row["update"] for row in read_jsonl_tail_safe(RunDir(tmp_path / "cut").metrics)]
    assert updates == [1, 2, 3, 4]


@pytest.mark.usefixtures("jdk")
def test_after_a_warm_start_too_and_the_reference_model_is_the_same(tmp_path: Path) -> None:
    tables = {"warm_start": {"updates": 2, "tasks_per_update": 2, "learning_rate": 1e-2}}
    whole = _train(tmp_path / "whole", Silent(), algorithm="grpo", **tables)
    with pytest.raises(KeyboardInterrupt):
        _train(tmp_path / "cut", Silent(cut_after=2), algorithm="grpo", **tables)
    resumed = _train(tmp_path / "cut", Silent(), resume=True, algorithm="grpo", **tables)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    first, *others = read_jsonl_tail_safe(RunDir(tmp_path / "cut").metrics)
    assert first["warm_start"]["last_cross_entropy"] < first["warm_start"]["first_cross_entropy"]
    assert all("warm_start" not in row for row in others)
    assert abs(first["kl"]) < 0.1  # measured from the policy after the warm start


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize("algorithm", ["grpo", "sft"])
def test_training_ends_with_the_update_that_reaches_the_number_of_tokens(tmp_path: Path, algorithm: str) -> None:
    train = {"updates": 50, "max_tokens": 30, "tasks_per_update": 2, "group_size": 2}
    _train(tmp_path, Silent(), algorithm=algorithm, train=train)
    rows = read_jsonl_tail_safe(RunDir(tmp_path).metrics)
    assert 2 <= len(rows) < 50
    state = _state(RunDir(tmp_path).checkpoint(len(rows)))
    assert state["tokens"] >= 30
    if algorithm == "grpo":
        sampled = [row["rollouts"] * row["mean_tokens"] for row in rows]
        assert sum(sampled[:-1]) < 30 <= sum(sampled)
        assert state["tokens"] == pytest.approx(sum(sampled))


@pytest.mark.usefixtures("jdk")
def test_a_warm_start_that_leaves_no_token_for_an_update_is_one_line(tmp_path: Path) -> None:
    tables = {"warm_start": {"updates": 2, "tasks_per_update": 2}, "train": {"updates": 2, "max_tokens": 4}}
    with pytest.raises(ConfigError, match=r"the warm start alone reads \d+ tokens .* lower warm_start.updates"):
        _train(tmp_path, Silent(), algorithm="grpo", **tables)


@pytest.mark.usefixtures("jdk")
def test_only_the_newest_checkpoints_are_kept(tmp_path: Path) -> None:
    _train(tmp_path, Silent())
    kept = sorted(p.name for p in RunDir(tmp_path).checkpoints.iterdir())
    assert kept == ["update-0003", "update-0004"]


def _state(folder: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(folder / "state.pt", weights_only=True)
    return state


def _truncate(folder: Path) -> None:
    content = (folder / "state.pt").read_bytes()
    (folder / "state.pt").write_bytes(content[: len(content) // 2])


def _flip(folder: Path) -> None:
    content = bytearray((folder / "state.pt").read_bytes())
    place = content.index(b"data.pkl") + 200
    content[place] ^= 0xFF
    (folder / "state.pt").write_bytes(bytes(content))


def _without(key: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        torch.save({k: v for k, v in _state(folder).items() if k != key}, folder / "state.pt")

    return change


def _with(key: str, value: Any) -> Callable[[Path], None]:
    return lambda folder: torch.save({**_state(folder), key: value}, folder / "state.pt")


_DAMAGES: dict[str, Callable[[Path], None]] = {
    "other bytes": lambda folder: (folder / "state.pt").write_bytes(b"no checkpoint"),
    "nothing": lambda folder: (folder / "state.pt").write_bytes(b""),
    "half of it": _truncate,
    "a flipped byte": _flip,
    "a list": lambda folder: torch.save([1, 2], folder / "state.pt"),
    "no format": _without("format"),
    "no update": _without("update"),
    "no learner": _without("learner"),
    "no algorithm": _without("algorithm"),
    "text for the learner": _with("learner", "text"),
    "a list for the learner": _with("learner", []),
    "a number for the weights": _with("policy", 3),
    "other weights": _with("policy", {"w": torch.zeros(1)}),
    "a number for the random state": _with("torch_rng", 3),
    "text for the update": _with("update", "second"),
}


@pytest.fixture(scope="module")
def cut(jdk: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was cut after its first update."""
    folder = tmp_path_factory.mktemp("cut")
    with pytest.raises(KeyboardInterrupt):
        _train(folder, Silent(cut_after=1))
    return folder


@pytest.mark.parametrize("damage", _DAMAGES)
def test_a_damaged_checkpoint_is_one_line_that_names_it(cut: Path, tmp_path: Path, damage: str) -> None:
    shutil.copytree(cut, tmp_path, dirs_exist_ok=True)
    _DAMAGES[damage](RunDir(tmp_path).checkpoint(1))
    with pytest.raises(ModelError, match=r"checkpoint .*update-0001|the checkpoint's weights") as error:
        _train(tmp_path, Silent(), resume=True)
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("jdk")
def test_a_checkpoint_of_another_algorithm_is_one_line_and_stays(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _train(tmp_path, Silent(cut_after=1))
    with pytest.raises(ConfigError, match="the checkpoint is of algorithm 'ppo', the recipe names 'grpo'") as error:
        _train(tmp_path, Silent(), resume=True, algorithm="grpo")
    assert "\n" not in str(error.value)
    _train(tmp_path, Silent(), resume=True)
    assert len(read_jsonl_tail_safe(RunDir(tmp_path).metrics)) == 4


@pytest.mark.usefixtures("jdk")
def test_a_checkpoint_of_the_same_algorithm_with_other_parts_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _train(tmp_path, Silent(cut_after=1))
    file = RunDir(tmp_path).checkpoint(1) / "state.pt"
    state = torch.load(file, weights_only=True)
    del state["learner"]["critic"]["head"]
    torch.save(state, file)
    with pytest.raises(ModelError, match=r"update-0001 does not fit the recipe, or is damaged: no 'head'; delete it"):
        _train(tmp_path, Silent(), resume=True)


def test_a_checkpoint_of_another_version_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    save_checkpoint(RunDir(tmp_path), 1, {"format": 2}, keep=1)  # what rlcf 0.1 wrote
    with (
        pytest.raises(ModelError, match=r"has format 2, and this version of rlcf reads 4: .*another --out") as error,
        newest_checkpoint(RunDir(tmp_path)),
    ):
        pass
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
    with newest_checkpoint(RunDir(tmp_path)) as state:
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
    folder: Path,
    watcher: Silent,
    resume: bool = False,
    algorithm: str = "ppo",
    policy: Policy | None = None,
    **tables: Any,
) -> dict[str, torch.Tensor]:
    folder.mkdir(exist_ok=True)
    policy = policy or tiny_policy()
    trainer, _ = make_trainer(_recipe(algorithm, **tables), RunDir(folder), _TASKS, policy)
    with trainer.grounding:
        if resume:
            trainer.resume()
        trainer.run(watcher)
    return policy.trainable_state()
