"""Scores of all cheats, earnest programs, stubs and references: in each mode, and under the default reward."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

import rlcf
from rlcf.config import AlignedConfig, DiscriminatorConfig, GroundingConfig
from rlcf.grounding.judge import AlignedJudge, Discriminator, Encoder, Example, Judge
from rlcf.grounding.judge.training import DiscriminatorTrainer
from rlcf.grounding.recipe import Mode
from rlcf.records import Score, Task, Verdict
from rlcf.storage.jsonl import read_jsonl
from rlcf.tasks.builtin import load_builtin
from rlcf.workers.sandbox import find_sandbox
from tests.grounding.hacks.cases import CASES, Case
from tests.grounding.hacks.programs import HACKS, completion

TASKS = {t.task_id: t for t in load_builtin("builtin:java")}
MODES: tuple[Mode, ...] = get_args(Mode)
JAVA = rlcf.load_language("java")
POLICY = "written by the policy"
"""What the demo's policy wrote before training for held-out tasks, as far as it is accepted and not trivial."""
_ROLLOUTS = 48
"""Of an update, as in the demo."""


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
    return {
        "rejected": ["        return undefinedName;\n    }\n}\n"],
        "stub": [JAVA.stub(task) or ""],
        **{name: [make(case, task)] for name, make in HACKS.items()},
        "wrong solution": [completion(body) for body in case.earnest],
        "reference": [task.canonical_solution or ""],
    }


@cache
def trained(encoder: str, seed: int, updates: int = 0) -> Discriminator:
    """A discriminator as a run has it after so many updates, fitted on the training tasks alone, none of the six.

    The rollouts that it is then fitted on are those of `rollouts.jsonl`, which the policy of the demo sampled before it
    was trained.
    """
    import torch

    torch.set_num_threads(1)  # as in tests/tiny.py; on a busy machine a second thread costs minutes of waiting
    torch.manual_seed(seed)
    training = [t for t in TASKS.values() if t.split == "train"]
    trainer = DiscriminatorTrainer(Discriminator(Encoder.load(encoder)), training, JAVA, DiscriminatorConfig(), seed)
    trainer.warm_up()
    rollouts = _sampled("rollouts.jsonl") if updates else []
    examples = [
        Example.of(JAVA, task, text, verdict.trivial(task), verdict.accepted)
        for (task, text), verdict in zip(rollouts, _verdicts(rollouts), strict=True)
    ]
    for _ in range(updates):
        trainer.refresh(random.Random(seed).sample(examples, _ROLLOUTS))
    return trainer.discriminator


def _sampled(file: str) -> list[tuple[Task, str]]:
    rows = [row for _, row in read_jsonl(Path(__file__).with_name(file))]
    return [(TASKS[row["task_id"]], row["completion"]) for row in rows]


def _verdicts(programs: Sequence[tuple[Task, str]]) -> list[Verdict]:
    with rlcf.Grounding.load(mode="compiler") as compiler:
        scores = compiler.score([t for t, _ in programs], [text for _, text in programs])
    return [s.verdict for s in scores if s.verdict is not None]


_READING: dict[Mode, dict[str, float]] = {"hybrid": {"judge": 1.0}}
"""The paper's reward: what a program does is no part of it."""


def measure(discriminator: Discriminator) -> dict[Mode, Measured]:
    """The scores in each mode; verdicts are asked for once."""
    rows = _rows()
    verdicts = _verdicts([(task, text) for _, task, text in rows])
    configs = {mode: GroundingConfig(mode=mode, workers=1, components=_READING.get(mode)) for mode in MODES}
    return {mode: _measured(rows, verdicts, config, discriminator) for mode, config in configs.items()}


def measure_default(model: str) -> Measured:
    """The scores of the default reward: the judge that reads with a language model, and what programs do.

    Raises:
        SandboxUnavailable: nothing may run what a program does.
    """
    find_sandbox()
    rows = _rows()
    verdicts = _verdicts([(task, text) for _, task, text in rows])
    return _measured(rows, verdicts, GroundingConfig(), AlignedJudge.load(model, AlignedConfig().layer))


_Row = tuple[str, Task, str]
"""Kind, task, completion."""


def _rows() -> list[_Row]:
    rows = [
        (kind, TASKS[c.task_id], text)
        for c in CASES
        for kind, ts in programs(c, TASKS[c.task_id]).items()
        for text in ts
    ]
    return rows + [(POLICY, task, text) for task, text in _sampled("accepted.jsonl")]


def _measured(rows: Sequence[_Row], verdicts: Sequence[Verdict], config: GroundingConfig, judge: Judge) -> Measured:
    with rlcf.Grounding(config, judge) as grounding:
        scores = grounding.score_checked([t for _, t, _ in rows], [text for *_, text in rows], verdicts)
    table: dict[str, dict[str, list[Score]]] = {}
    for (kind, task, _), score in zip(rows, scores, strict=True):
        table.setdefault(kind, {}).setdefault(task.task_id, []).append(score)
    return Measured(table)
