"""A run that is killed at any moment, without a chance to tidy up, goes on as if it had not been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from rlcf.records import Task
from rlcf.storage.jsonl import read_jsonl
from rlcf.storage.rundir import RunDir
from rlcf.tasks.loading import write_tasks
from tests.tiny import TASK, tiny_policy

_UPDATES = 6
_TASKS = [TASK, Task("tiny2", TASK.prompt.replace("A", "f"), canonical_solution="a;}}", entry_point="f")]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory, builtin_encoder: str) -> Path:
    folder = tmp_path_factory.mktemp("recipe")
    tiny_policy().save(folder / "model")
    write_tasks(folder / "tasks.jsonl", _TASKS)
    recipe = folder / "recipe.toml"
    recipe.write_text(
        f"""
        policy = {{ model = "{folder / "model"}", lora_rank = 4, lora_layers = 1, dtype = "float32" }}
        tasks = {{ train = "{folder / "tasks.jsonl"}", evaluate = "{folder / "tasks.jsonl"}" }}
        generation = {{ max_new_tokens = 5, temperature = 1.0 }}
        grounding = {{ workers = 1 }}
        judge = {{ name = "discriminator", encoder = "{builtin_encoder}", warmup_steps = 5, refresh_steps = 5 }}
        algorithm = {{ learning_rate = 1e-2, minibatches = 2 }}
        train = {{ updates = {_UPDATES}, tasks_per_update = 2, group_size = 8 }}
        evaluation = {{ samples = 1, execute = false }}
        """,
        encoding="utf-8",
    )
    return recipe


def start(recipe: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "rlcf.cli.main", "train", str(recipe), "--out", str(out), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process: subprocess.Popen[str]) -> None:
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output


def kill_when(process: subprocess.Popen[str], folder: Path, *patterns: str) -> None:
    """Kills the process with signal 9 as soon as the folder holds a name of one of the patterns."""
    deadline = time.monotonic() + 120
    while not any(any(folder.glob(pattern)) for pattern in patterns):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.usefixtures("jdk")
def test_a_run_killed_and_resumed_ends_in_bitwise_the_same_weights(recipe: Path, tmp_path: Path) -> None:
    """Killed twice: between the rollouts and the checkpoint of an update, and while a checkpoint is being written."""
    whole, cut = RunDir(tmp_path / "whole"), RunDir(tmp_path / "cut")
    finish(start(recipe, whole.root))
    kill_when(start(recipe, cut.root), cut.samples(2).parent, cut.samples(2).name)
    kill_when(start(recipe, cut.root, "--resume"), cut.checkpoints, ".update-0004.*.part", "update-0004")
    finish(start(recipe, cut.root, "--resume"))
    expected, found = (load_file(run.adapter / "adapter_model.safetensors") for run in (whole, cut))
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert [row["update"] for _, row in read_jsonl(cut.metrics)] == list(range(1, _UPDATES + 1))
    for update in range(1, _UPDATES + 1):
        assert cut.samples(update).read_text(encoding="utf-8") == whole.samples(update).read_text(encoding="utf-8")
