"""rlcf's own trainer, as `benchmarks.step` times it: an update at a time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from rlcf.config import Recipe
from rlcf.models.policy import Policy
from rlcf.records import Task
from rlcf.storage.jsonl import read_jsonl
from rlcf.storage.rundir import RunDir
from rlcf.training.rollouts import draw_tasks
from rlcf.training.run import make_trainer

LEARNING_RATE = 1e-7
"""Next to nothing, so that both trainers sample from the same model all the way: their lengths do not drift apart."""


@dataclass(frozen=True, slots=True)
class Step:
    """One training step on one update's rollouts, all its optimizer steps included."""

    seconds: dict[str, float]
    """Wall time by phase; `total` is the whole step."""
    computed: int
    """Completion tokens that the model computed while it sampled, including those after a program's end."""
    learned: int
    """Completion tokens of scored rollouts: those that are in the loss."""


class Ours:
    """rlcf's own loop, an update at a time. Close it.

    Groups of equal rewards are not left out, since TRL learns from them as well.
    """

    def __init__(self, recipe: Recipe, tasks: Sequence[Task], folder: Path) -> None:
        torch.manual_seed(recipe.train.seed)
        self.run = RunDir(folder)
        self.trainer, _ = make_trainer(recipe, self.run, tasks, Policy.load(recipe.policy))
        self.trainer.learner.compares_group = False
        if self.trainer.discriminator_trainer is not None:
            self.trainer.discriminator_trainer.warm_up()

    def on_tokens(self, count: int) -> None: ...

    def on_update(self, metrics: dict[str, Any]) -> None: ...

    def step(self, update: int) -> Step:
        """Update number `update`, from 1."""
        started = time.perf_counter()
        metrics = self.trainer._one_update(update, self)
        total = time.perf_counter() - started
        phases = {name: s for name, s in metrics["seconds"].items() if name != "total"}
        rows = [row for _, row in read_jsonl(self.run.samples(update))]
        return Step(
            seconds={**phases, "total": total},
            computed=sum(row["tokens"] for row in rows),
            learned=sum(row["tokens"] for row in rows if row["reward"] is not None),
        )

    def tasks(self, update: int) -> list[Task]:
        """Those of update number `update`."""
        recipe = self.trainer.recipe
        return draw_tasks(self.trainer.tasks, recipe.train.tasks_per_update, update, recipe.train.seed)

    def close(self) -> None:
        self.trainer.grounding.close()


def profiled(ours: Ours, update: int) -> str:
    """A table of the operations that one more update spends most time in."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
        ours.step(update)
    table: str = profiler.key_averages().table(sort_by="self_cpu_time_total", row_limit=15, max_name_column_width=40)
    return table
