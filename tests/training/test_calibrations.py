"""Training with each calibration of the discriminator, and what it reports of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from rlcf.config import CalibrationName, make_recipe
from rlcf.storage.jsonl import read_jsonl_tail_safe
from rlcf.storage.rundir import RunDir
from rlcf.training.run import make_trainer
from tests.tiny import TASK, tiny_policy
from tests.training.listening import Silent

_TASK = replace(TASK, canonical_solution="a + a;}}")


@pytest.mark.usefixtures("jdk")
@pytest.mark.parametrize("calibration", get_args(CalibrationName))
def test_every_update_reports_how_the_discriminator_stands(
    builtin_encoder: str, tmp_path: Path, calibration: CalibrationName
) -> None:
    recipe = make_recipe(
        {
            "generation": {"max_new_tokens": 5, "temperature": 1.0},
            "grounding": {"workers": 1, "components": {"judge": 1}},
            "judge": {
                "name": "discriminator",
                "encoder": builtin_encoder,
                "calibration": calibration,
                "refresh_steps": 5,
            },
            "algorithm": {"minibatches": 1},
            "train": {"updates": 2, "tasks_per_update": 1, "group_size": 32},
        }
    )
    trainer, _ = make_trainer(recipe, RunDir(tmp_path), [_TASK], tiny_policy())
    with trainer.grounding:
        trainer.run(Silent())
    for update, row in enumerate(read_jsonl_tail_safe(RunDir(tmp_path).metrics), 1):
        found = row["discriminator"]
        assert 0 <= found["accuracy"] <= 1
        assert found["reference"] == 0  # against itself
        assert found["loss"] > 0
        rows = read_jsonl_tail_safe(RunDir(tmp_path).samples(update))
        _agrees(row["rewards"], rows)
        order = [row["rewards"][kind] for kind in ("rejected", "trivial", "accepted", "reference")]
        if calibration != "pairwise":  # it promises no order, and its reference earns tanh 0
            assert order == sorted(order)
        assert order[-1] == pytest.approx(0.0 if calibration == "pairwise" else 1.0)
        for kind, trivial in (("accepted", False), ("trivial", True)):
            preferences = [r["preference"] for r in rows if r["status"] == "accepted" and r["trivial"] == trivial]
            assert preferences, "nothing of the kind was sampled: choose another seed"
            assert found[kind] == pytest.approx(sum(preferences) / len(preferences), abs=1e-5)


def _agrees(rewards: dict[str, float], rows: list[dict[str, Any]]) -> None:
    """The means are those of the rollouts that were written."""
    kinds = {
        "rejected": [r["reward"] for r in rows if r["status"] != "accepted"],
        "trivial": [r["reward"] for r in rows if r["status"] == "accepted" and r["trivial"]],
        "accepted": [r["reward"] for r in rows if r["status"] == "accepted" and not r["trivial"]],
    }
    for kind, found in kinds.items():
        assert rewards[kind] == pytest.approx(sum(found) / len(found)), kind
