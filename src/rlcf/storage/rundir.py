"""The layout of a run directory: the one place that knows its file names.

RUN/
  run.json                  what was run: command, machine, versions, seed, start, state
  config.json               the recipe with every default filled in
  metrics.jsonl             one object per update (see `docs/run-directory.md`)
  samples/update-0003.jsonl the rollouts of one update with their rewards
  checkpoints/update-0003/  all that `--resume` needs
  discriminator/            the discriminator as it stands
  adapter/ or model/        the trained policy, in Hugging Face format
  evaluation/tasks.jsonl    the held-out tasks evaluated
  evaluation/before/        results.jsonl and summary.json
  evaluation/after/         the same, for the trained policy
  evaluation/rewards.json   rewards under the final grounding function, by kind of program
  report.html
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RunDir:
    """Paths inside one run directory. Creates nothing."""

    root: Path

    @property
    def run(self) -> Path:
        return self.root / "run.json"

    @property
    def config(self) -> Path:
        return self.root / "config.json"

    @property
    def metrics(self) -> Path:
        return self.root / "metrics.jsonl"

    def samples(self, update: int) -> Path:
        return self.root / "samples" / f"update-{update:04d}.jsonl"

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    def checkpoint(self, update: int) -> Path:
        return self.checkpoints / f"update-{update:04d}"

    @property
    def discriminator(self) -> Path:
        return self.root / "discriminator"

    @property
    def adapter(self) -> Path:
        return self.root / "adapter"

    @property
    def model(self) -> Path:
        return self.root / "model"

    @property
    def evaluation_tasks(self) -> Path:
        return self.root / "evaluation" / "tasks.jsonl"

    def evaluation(self, when: str) -> Path:
        """`when` is `before` or `after`."""
        return self.root / "evaluation" / when

    @property
    def rewards(self) -> Path:
        return self.root / "evaluation" / "rewards.json"

    @property
    def report(self) -> Path:
        return self.root / "report.html"
