"""Two real processes on this machine do what one does."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.commands.launch import launch_command_parser
from accelerate.utils.launch import prepare_simple_launcher_cmd_env

from rlcf.errors import ConfigError
from rlcf.storage.atomic import write_jsonl
from rlcf.storage.jsonl import read_jsonl, read_jsonl_tail_safe
from rlcf.storage.rundir import RunDir
from rlcf.training import distributed
from rlcf.training.rollouts import draw_tasks, rollout_requests
from tests.tiny import tiny_policy
from tests.training import together

_ROOT = Path(__file__).parents[2]
_LAUNCHES = _ROOT / "recipes" / "accelerate"
_RECIPE = _LAUNCHES / "two-processes.yaml"
_HANGS_S = 120

Outcome = subprocess.CompletedProcess[str]


def _in_two(folder: Path, *what: str) -> Outcome:
    command = ["torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m", "tests.training.together"]
    return _run([*command, str(folder), *what])


def _run(arguments: list[str]) -> Outcome:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=_HANGS_S, check=False)


@pytest.fixture(scope="module")
def done(jdk: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which two processes did all that they are tested for here, after one was killed."""
    folder = tmp_path_factory.mktemp("together")
    assert _in_two(folder, "cut").returncode != 0
    assert not (folder / "cut" / "weights-0.pt").exists()
    outcome = _in_two(folder, "steps", "whole", "resumed", "learns", "spoiled", "apart")
    assert outcome.returncode == 0, outcome.stderr
    return folder


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The steps that one process takes."""
    folder = tmp_path_factory.mktemp("alone")
    together.steps(folder)
    return _load(folder / "steps-0-of-1.pt")


def _load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = torch.load(path, weights_only=True)
    return loaded


@pytest.mark.parametrize("name", together.CASES)
def test_a_step_of_two_processes_is_that_of_one_with_the_whole_batch(
    name: str, done: Path, alone: dict[str, Any]
) -> None:
    for rank in range(2):
        found = _load(done / f"steps-{rank}-of-2.pt")
        for which in together.batches(name):
            one, two = alone[f"{name}, {which}"], found[f"{name}, {which}"]
            torch.testing.assert_close(two["measured"], one["measured"], atol=1e-5, rtol=1e-4)
            torch.testing.assert_close(two["gradients"], one["gradients"], atol=1e-6, rtol=1e-3)


@pytest.mark.parametrize("name", together.CASES)
def test_both_processes_end_a_step_with_bitwise_the_same_weights_and_state(name: str, done: Path) -> None:
    first, second = (_load(done / f"steps-{rank}-of-2.pt") for rank in range(2))
    for which in together.batches(name):
        one, two = first[f"{name}, {which}"], second[f"{name}, {which}"]
        for part in ("weights", "state"):
            torch.testing.assert_close(two[part], one[part], atol=0, rtol=0)


def test_both_processes_end_a_training_with_bitwise_the_same_weights_and_discriminator(done: Path) -> None:
    first, second = (_load(done / "whole" / f"weights-{rank}.pt") for rank in range(2))
    torch.testing.assert_close(second, first, atol=0, rtol=0)
    before = tiny_policy().trainable_state()
    assert not any(torch.equal(before[name], weights) for name, weights in first["policy"].items())


def test_an_updates_tasks_are_those_that_one_process_would_draw_each_once_and_in_their_order(done: Path) -> None:
    _assert_all_tasks_are_covered(RunDir(done / "whole"), updates=4)


def test_the_processes_sample_differently(done: Path) -> None:
    """Two tasks with one prompt, one for each process: with the same randomness they would write the same."""
    for update in range(1, 4):
        rows = [row for _, row in read_jsonl(RunDir(done / "learns").samples(update))]
        one, two = ([row["completion"] for row in rows if row["task_id"] == name] for name in ("tiny", "twin"))
        assert len(one) == len(two) == 24
        assert one != two


def test_the_reward_rises_as_it_does_with_one_process(done: Path, tmp_path: Path) -> None:
    together.learns(tmp_path)
    for folder in (done, tmp_path):
        rewards = [row["reward"] for row in read_jsonl_tail_safe(RunDir(folder / "learns").metrics)]
        assert sum(rewards[:2]) / 2 < 0.0
        assert sum(rewards[-3:]) / 3 > 0.7


def test_a_run_that_a_killed_process_has_ended_goes_on_to_the_same_weights(done: Path) -> None:
    for rank in range(2):
        whole, cut = (_load(done / run / f"weights-{rank}.pt") for run in ("whole", "cut"))
        torch.testing.assert_close(cut, whole, atol=0, rtol=0)
    _assert_all_tasks_are_covered(RunDir(done / "cut"), updates=4)


def test_a_loss_that_is_not_finite_in_one_process_is_one_line_in_both(done: Path) -> None:
    for rank in range(2):
        assert (done / f"spoiled-{rank}.txt").read_text(encoding="utf-8").startswith("the loss is nan: lower algorithm")


def test_processes_that_do_not_see_one_run_directory_say_so(done: Path) -> None:
    for rank in range(2):
        found = (done / f"apart-{rank}.txt").read_text(encoding="utf-8")
        assert "the processes would go on after different updates (0, 1)" in found
        assert str(done) in found


def test_a_process_that_does_not_come_ends_the_run_and_the_first_ones_own_work_does_not(tmp_path: Path) -> None:
    outcome = _in_two(tmp_path, "late")
    assert (tmp_path / "waited").exists(), outcome.stderr
    assert outcome.returncode != 0
    assert "process 0 lost the others (one ended, or was late)" in outcome.stderr


def test_accelerate_launches_rlcf_train_with_the_recipes_file(jdk: None, tmp_path: Path) -> None:
    tiny_policy().save(tmp_path / "model")
    write_jsonl(tmp_path / "tasks.jsonl", [asdict(task) for task in together.TASKS])
    recipe = together.recipe(2).model_dump(mode="json", exclude_unset=True)
    recipe["policy"] = {"model": str(tmp_path / "model"), "lora_rank": 4, "dtype": "float32"}
    recipe["grounding"]["mode"] = "compiler"
    recipe["tasks"] = dict.fromkeys(("train", "evaluate"), str(tmp_path / "tasks.jsonl"))
    recipe["evaluation"] = {"execute": False, "samples": 1}
    (tmp_path / "recipe.toml").write_text(_toml(recipe), encoding="utf-8")
    out = tmp_path / "run"
    launch = ["accelerate.commands.launch", "--config_file", str(_RECIPE), "--main_process_port", "0"]
    train = ["-m", "rlcf.cli.main", "train", str(tmp_path / "recipe.toml"), "--out", str(out)]
    outcome = _run([*launch, *train])
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.count("update   2:") == 1
    run = RunDir(out)
    _assert_all_tasks_are_covered(run, updates=2)
    about = json.loads(run.run.read_text(encoding="utf-8"))
    assert (about["processes"], about["state"]) == (2, "finished")
    assert (run.adapter / "adapter_model.safetensors").is_file()
    assert run.report.is_file()


def _toml(recipe: dict[str, dict[str, Any]]) -> str:
    lines = [
        line
        for table, keys in recipe.items()
        for line in (f"[{table}]", *(f"{k} = {json.dumps(v)}" for k, v in keys.items()))
    ]
    return "\n".join(lines)


def _assert_all_tasks_are_covered(run: RunDir, updates: int) -> None:
    train = together.recipe(updates).train
    assert [row["update"] for row in read_jsonl_tail_safe(run.metrics)] == list(range(1, updates + 1))
    for update in range(1, updates + 1):
        drawn = draw_tasks(together.TASKS, train.tasks_per_update, update, train.seed)
        rolled_out = [row["task_id"] for _, row in read_jsonl(run.samples(update))]
        assert rolled_out == [t.task_id for t in drawn for _ in range(train.group_size)]


@pytest.mark.parametrize("length", [0, 1, 2, 3, 7])
def test_the_shares_of_all_processes_are_everything_once(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributed, "world_size", lambda: 3)
    parts = []
    for rank in range(3):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        parts.append(list(range(length))[distributed.shard(length)])
    assert [x for part in parts for x in part] == list(range(length))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("world", [2, 3])
def test_the_processes_draw_what_one_process_would_draw(world: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a task that comes twice in an update, each time with samples of its own."""
    tasks = [*together.TASKS[:3], together.TASKS[0]]
    recipe, policy = together.recipe(1), tiny_policy()
    whole = rollout_requests(policy, tasks, recipe, update=3, first=0)
    parts = []
    monkeypatch.setattr(distributed, "world_size", lambda: world)
    for rank in range(world):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        own = distributed.shard(len(tasks))
        parts += rollout_requests(policy, tasks[own], recipe, update=3, first=own.start)
    assert parts == whole
    assert len({request.seed for request in whole}) == len(whole) == 4 * recipe.train.group_size


@pytest.mark.parametrize("path", sorted(_LAUNCHES.glob("*.yaml")), ids=lambda p: p.stem)
def test_accelerate_knows_every_key_of_a_launch(path: Path) -> None:
    config = load_config_from_file(str(path))  # refuses what it does not know outside the engines' tables
    options = vars(launch_command_parser().parse_args(["rlcf"]))
    assert [key for key in {**config.fsdp_config, **config.deepspeed_config} if key not in options] == []
    assert config.num_processes == 2


@pytest.mark.parametrize("engine", ["FSDP", "DEEPSPEED"])
def test_an_engine_that_would_do_nothing_is_refused(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"ACCELERATE_USE_{engine}", "true")
    with pytest.raises(ConfigError, match=f"accelerate was asked for {engine}, and rlcf"), distributed.process_group():
        pass


def test_a_launcher_that_starts_one_process_where_several_were_asked_for_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = launch_command_parser().parse_args(["--cpu", "--num_processes", "2", "--num_machines", "1", "rlcf"])
    arguments.use_cpu, arguments.mixed_precision, arguments.dynamo_backend = True, "no", "no"
    for name, value in prepare_simple_launcher_cmd_env(arguments)[1].items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match="asked for several processes and started one"), distributed.process_group():
        pass
