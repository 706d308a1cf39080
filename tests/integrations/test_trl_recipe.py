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

from rlcf.corpus.tasks import write_tasks
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
    policy = tiny_policy()
    policy.save(tmp_path / "model")
    write_tasks(tmp_path / "tasks.jsonl", [replace(TASK, task_id=f"tiny/{i}") for i in range(8)])
    where = ["--model_name_or_path", "model", "--tasks", "tasks.jsonl", "--output_dir", "out"]
    ended = subprocess.run(
        [*launcher, str(RECIPES / "trl" / "grpo.py"), *where, *_OPTIONS.split()],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "rewards/grounding_reward/mean" in ended.stdout
    trained = AutoModelForCausalLM.from_pretrained(tmp_path / "out").state_dict()
    assert any(not torch.equal(weight, trained[name]) for name, weight in policy.model.state_dict().items())
