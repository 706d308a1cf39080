"""Scores of all cheats, earnest programs, stubs and references, in each mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import get_args

import rlcf
from rlcf.config import DiscriminatorConfig, GroundingConfig
from rlcf.grounding.discriminator import Discriminator, Encoder
from rlcf.grounding.discriminator.training import DiscriminatorTrainer
from rlcf.grounding.recipe import Mode
from rlcf.records import Score, Task
from rlcf.tasks.builtin import load_builtin
from tests.grounding.hacks.cases import CASES, Case
from tests.grounding.hacks.programs import HACKS, completion

TASKS = {t.task_id: t for t in load_builtin("builtin:java")}
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True)
class Measured:
    """Scores of one mode: kind of program → task → score; of two earnest programs both."""

    scores: Mapping[str, Mapping[str, list[Score]]]

    def rewards(self, kind: str) -> dict[str, list[float]]:
        """Task → rewards; fails where one is unscored."""
        rows = self.scores[kind]
        assert all(s.reward is not None for row in rows.values() for s in row), f"unscored: {kind}"
        return {task: [s.reward for s in row if s.reward is not None] for task, row in rows.items()}

    def mean(self, kind: str) -> float:
        every = [r for row in self.rewards(kind).values() for r in row]
        return sum(every) / len(every)


def programs(case: Case, task: Task) -> dict[str, list[str]]:
    """Kind → completions."""
    language = rlcf.load_language(task.language)
    return {
        "rejected": ["        return undefinedName;\n    }\n}\n"],
        "stub": [language.stub(task) or ""],
        **{name: [make(case, task)] for name, make in HACKS.items()},
        "wrong but earnest": [completion(body) for body in case.earnest],
        "reference": [task.canonical_solution or ""],
    }


@cache
def warmed_up(encoder: str, seed: int) -> Discriminator:
    """A discriminator as a run has it before its first update: fitted on the training tasks, none of the six."""
    import torch

    torch.set_num_threads(1)  # as in tests/tiny.py; on a busy machine a second thread costs minutes of waiting
    torch.manual_seed(seed)
    discriminator = Discriminator(Encoder.load(encoder))
    training = [t for t in TASKS.values() if t.split == "train"]
    java = rlcf.load_language("java")
    DiscriminatorTrainer(discriminator, training, java, DiscriminatorConfig(), seed).warm_up()
    return discriminator


def measure(discriminator: Discriminator) -> dict[Mode, Measured]:
    """The scores in each mode; verdicts are asked for once."""
    rows = [
        (kind, TASKS[c.task_id], text)
        for c in CASES
        for kind, ts in programs(c, TASKS[c.task_id]).items()
        for text in ts
    ]
    tasks, texts = [t for _, t, _ in rows], [text for _, _, text in rows]
    measured: dict[Mode, Measured] = {}
    with rlcf.Grounding(GroundingConfig(mode="compiler", workers=1), None) as compiler:
        verdicts = [s.verdict for s in compiler.score(tasks, texts)]
    for mode in MODES:
        with rlcf.Grounding(GroundingConfig(mode=mode, workers=1), discriminator) as grounding:
            scores = grounding.score_checked(tasks, texts, verdicts)
        table: dict[str, dict[str, list[Score]]] = {}
        for (kind, task, _), score in zip(rows, scores, strict=True):
            table.setdefault(kind, {}).setdefault(task.task_id, []).append(score)
        measured[mode] = Measured(table)
    return measured
