"""recipes/trl/grpo.py as a user starts it, on a tiny model."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from rlcf.tasks.loading import write_tasks
from tests.tiny import TASK, tiny_policy

pytest.importorskip("trl", reason="TRL is not installed: pip install trl")

RECIPES = Path(__file__).parents[2] / "recipes"
_ONE = [sys.executable]
_TWO = [sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch", "--config_file"]
_TWO += [str(RECIPES / "accelerate" / "two-processes.yaml")]
_OPTIONS = """--max_steps 1 --per_device_train_batch_size 16 --num_generations 8 --max_completion_length 3 --workers 1
    --learning_rate 0.05 --beta 0 --seed 0 --bf16 False --report_to none --logging_steps 1 --save_strategy no"""


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize("launcher", [_ONE, _TWO], ids=["one process", "two processes"])
def test_it_trains_on_tasks_and_saves_the_model(launcher: list[str], tmp_path: Path) -> None:
    ended = _start(launcher, tmp_path, tasks=8)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "rewards/grounding_reward/mean" in ended.stdout
    trained = AutoModelForCausalLM.from_pretrained(tmp_path / "out").state_dict()
    assert any(not torch.equal(weight, trained[name]) for name, weight in tiny_policy().model.state_dict().items())


@pytest.mark.parametrize(
    ("tasks", "options", "line"),
    [
        (1, (), "tasks.jsonl has 1 training tasks, and a step takes 2: lower a batch size"),
        (8, ("--tasks", "nowhere.jsonl"), "nowhere.jsonl"),
        (8, ("--grounding", "nowhere"), "nowhere"),
    ],
)
def test_a_mistake_is_one_line(tasks: int, options: tuple[str, ...], line: str, tmp_path: Path) -> None:
    ended = _start(_ONE, tmp_path, tasks, options)
    assert ended.returncode == 1
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("rlcf: ")
    assert line in last
    assert "Traceback" not in ended.stderr


def _start(
    launcher: list[str], folder: Path, tasks: int, options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    tiny_policy().save(folder / "model")
    write_tasks(folder / "tasks.jsonl", [replace(TASK, task_id=f"tiny/{i}") for i in range(tasks)])
    where = ["--model_name_or_path", "model", "--tasks", "tasks.jsonl", "--output_dir", "out"]
    return subprocess.run(
        [*launcher, str(RECIPES / "trl" / "grpo.py"), *where, *_OPTIONS.split(), *options],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
