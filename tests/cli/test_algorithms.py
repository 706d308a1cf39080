"""A whole run of each algorithm, from the recipe to the report, on a model and tasks that cost nothing."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from rlcf.cli.progress import Display
from rlcf.config import make_recipe
from rlcf.evaluation.metrics import UPDATE_METRICS
from rlcf.report import write_report
from rlcf.storage.atomic import write_jsonl
from rlcf.storage.jsonl import read_jsonl_tail_safe
from rlcf.storage.rundir import RunDir
from rlcf.training.run import train
from tests.tiny import TASK, tiny_policy


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model and tasks, in which the runs are made."""
    folder = tmp_path_factory.mktemp("ground")
    tiny_policy().save(folder / "model")
    tasks = [TASK, replace(TASK, task_id="broken", canonical_solution="x;}}")]
    write_jsonl(folder / "tasks.jsonl", [asdict(task) for task in tasks])
    return folder


def _run(ground: Path, algorithm: str, model: Path, out: str | None = None, **settings: object) -> RunDir:
    recipe = make_recipe(
        {
            "policy": {"model": str(model), "lora_rank": 4, "dtype": "float32"},
            "tasks": dict.fromkeys(("train", "evaluate"), str(ground / "tasks.jsonl")),
            "generation": {"max_new_tokens": 5},
            "grounding": {"mode": "compiler", "workers": 1},
            "algorithm": {"name": algorithm, **settings},
            "train": {"updates": 2, "tasks_per_update": 2, "group_size": 4},
            "evaluation": {"execute": False},
        }
    )
    run = RunDir(ground / (out or algorithm))
    train(run.root, recipe, Display())
    return run


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize("algorithm", ["ppo", "grpo", "rloo", "raft"])
def test_an_algorithm_that_learns_from_rewards_leaves_a_run_and_a_report(ground: Path, algorithm: str) -> None:
    penalised = algorithm != "raft"
    settings = {"credit": "diagnostic", "kl_target": 0.01} if penalised else {}
    run = _run(ground, algorithm, ground / "model", **settings)
    rows = read_jsonl_tail_safe(run.metrics)
    assert [row["rollouts"] for row in rows] == [8, 8]
    of_a_step = {"policy_loss", "grad_norm"} | ({"value_loss"} if algorithm == "ppo" else set())
    for row in rows:
        assert {"kl", "entropy", "equal_groups"} <= row.keys()
        assert row.keys().isdisjoint({"kl_coefficient", "credit_weight"}) != penalised
        assert of_a_step <= row.keys() if row["equal_groups"] < 1 else row.keys().isdisjoint(of_a_step)
    page = write_report([run.root], run.report).read_text(encoding="utf-8")
    assert UPDATE_METRICS["kl"].definition in page


@pytest.mark.usefixtures("jdk")
def test_supervised_training_leaves_a_run_and_a_report_and_starts_another_run(
    ground: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = _run(ground, "sft", ground / "model", learning_rate=1e-2)
    told = capsys.readouterr().out
    assert "left out 1 of 2 training tasks, whose references the compiler rejects: broken" in told
    assert "cross-entropy" in told
    rows = read_jsonl_tail_safe(run.metrics)
    assert [(row["rollouts"], row["reward"], row["mean_tokens"], row["tokens_per_s"]) for row in rows] == [
        (0, None, None, None)
    ] * 2
    assert rows[1]["cross_entropy"] < rows[0]["cross_entropy"]
    assert not run.samples(1).exists()
    of_nobody = dict.fromkeys(("source", "split", "licence"))
    assert json.loads(run.data.read_text(encoding="utf-8")) == {"trained_on": [{**of_nobody, "tasks": 1}]}
    second = _run(ground, "grpo", run.adapter, out="after", minibatches=1)
    assert json.loads(second.config.read_text(encoding="utf-8"))["policy"]["model"] == str(run.adapter)
    assert read_jsonl_tail_safe(second.metrics)[0]["kl"] == pytest.approx(0.0, abs=1e-5)
    page = write_report([run.root, second.root], ground / "both.html").read_text(encoding="utf-8")
    assert UPDATE_METRICS["cross_entropy"].definition in page
