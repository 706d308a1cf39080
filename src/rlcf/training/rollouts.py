"""One update's rollouts: draw tasks, sample completions, check and score them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import torch

from rlcf.config import Recipe
from rlcf.generation.engine import Engine, Request, Sample, SamplingParams, request_seed
from rlcf.generation.stopping import program_stop
from rlcf.grounding import Grounding
from rlcf.grounding.discriminator import Example
from rlcf.languages.base import Language
from rlcf.models.batches import encode_prompts, pad_completions, prompt_ids
from rlcf.models.policy import Policy
from rlcf.records import Program, Score, Task
from rlcf.training.credit import credit_weights
from rlcf.training.learner import TrainingBatch


@dataclass(frozen=True, slots=True)
class Rollouts:
    """Samples with their scores: row i of each belongs together; a task's rows are next to each other.

    Empty in an update that learns from references.
    """

    tasks: list[Task] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("generate", "check", "discriminate"), 0.0))
    """Wall time of the phases `generate`, `check`, `discriminate`."""
    remembered: int = 0
    """Verdicts that the compiler was not asked for, because it had seen the program before."""
    references: list[Score] = field(default_factory=list)
    """Of the tasks' references, scored apart: what the rollouts' rewards are measured by. Nothing learns from them."""

    @classmethod
    def joined(cls, parts: Sequence[Rollouts]) -> Rollouts:
        """Those of several processes as one; of the phases' times the longest."""
        return cls(
            [task for part in parts for task in part.tasks],
            [sample for part in parts for sample in part.samples],
            [score for part in parts for score in part.scores],
            {phase: max(part.seconds[phase] for part in parts) for phase in parts[0].seconds},
            sum(part.remembered for part in parts),
            [score for part in parts for score in part.references],
        )

    def rows(self) -> list[dict[str, Any]]:
        """One JSON object a rollout, for `samples/update-NNNN.jsonl`."""
        return [
            {
                "task_id": task.task_id,
                "prompt": task.prompt,
                "completion": sample.text,
                "tokens": len(sample.token_ids),
                "finished": sample.finished,
                "status": score.verdict.status if score.verdict else None,
                "trivial": score.trivial,
                "preference": score.preference,
                "reward": score.reward,
                "diagnostics": [asdict(d) for d in score.verdict.diagnostics[:5]] if score.verdict else [],
            }
            for task, sample, score in zip(self.tasks, self.samples, self.scores, strict=True)
        ]

    def examples(self, language: Language) -> list[Example]:
        """What the discriminator is fitted on: every scored rollout."""
        return [
            Example.of(language, task, sample.text, score.trivial, score.verdict.accepted)
            for task, sample, score in zip(self.tasks, self.samples, self.scores, strict=True)
            if score.verdict is not None and task.canonical_solution
        ]

    def batch(self, policy: Policy, weight_before_error: float = 1.0) -> TrainingBatch:
        """The rollouts as tensors; those of a task are a group.

        Args:
            weight_before_error: of tokens before a rejected program's first error; see `rlcf.training.credit`.
        """
        distinct = list(dict.fromkeys(t.prompt for t in self.tasks))
        row_of = {prompt: i for i, prompt in enumerate(distinct)}
        group_of = {task_id: i for i, task_id in enumerate(dict.fromkeys(t.task_id for t in self.tasks))}
        rewards = [s.reward for s in self.scores]
        completions = pad_completions(
            [s.token_ids for s in self.samples],
            [row_of[t.prompt] for t in self.tasks],
            policy.tokenizer.pad_token_id,
            policy.device,
        )
        credit = torch.ones(completions.ids.shape)
        for i, (task, sample, score) in enumerate(zip(self.tasks, self.samples, self.scores, strict=True)):
            weights = credit_weights(task, sample, score.verdict, policy.tokenizer, weight_before_error)
            credit[i, : len(weights)] = torch.tensor(weights)
        return TrainingBatch(
            prompts=encode_prompts(policy.tokenizer, distinct, policy.device),
            completions=completions,
            groups=torch.tensor([group_of[t.task_id] for t in self.tasks], device=policy.device),
            rewards=torch.tensor([0.0 if r is None else r for r in rewards], device=policy.device),
            scored=torch.tensor([r is not None for r in rewards], device=policy.device),
            action_mask=completions.mask,
            credit_weights=credit.to(policy.device),
        )


def draw_tasks(tasks: Sequence[Task], count: int, update: int, seed: int) -> list[Task]:
    """The tasks of one update: each task comes once before any comes again, in an order that the seed decides.

    A function of its arguments only, so that a resumed run draws what an uninterrupted one would have.
    """
    drawn: list[Task] = []
    position = (update - 1) * count
    while len(drawn) < count:
        epoch, start = divmod(position + len(drawn), len(tasks))
        order = random.Random(f"{seed} {epoch}").sample(list(tasks), len(tasks))
        drawn += order[start : start + count - len(drawn)]
    return drawn


def rollout_requests(tokenizer: Any, tasks: Sequence[Task], recipe: Recipe, update: int, first: int) -> list[Request]:
    """`train.group_size` requests for each task, those of a task next to each other.

    The seed of each is a function of `train.seed`, the update, the task and the sample's number in the update: of
    several processes each draws the samples that one process would have drawn.

    Args:
        first: the place of `tasks[0]` among the tasks of the update.
    """
    size, seed = recipe.train.group_size, recipe.train.seed
    return [
        Request(t.task_id, ids, t.context, request_seed(seed, t.task_id, (first + i) * size + n, update), t.suffix)
        for i, (t, ids) in enumerate((t, tuple(prompt_ids(tokenizer, t.prompt))) for t in tasks)
        for n in range(size)
    ]


def roll_out(
    policy: Policy,
    engine: Engine,
    grounding: Grounding,
    tasks: Sequence[Task],
    recipe: Recipe,
    update: int,
    on_tokens: Callable[[int], None],
    first: int = 0,
) -> Rollouts:
    """Samples `train.group_size` completions of each task and scores them; see `rollout_requests`."""
    started = time.perf_counter()
    engine.sync(policy)
    params = SamplingParams(
        max_new_tokens=recipe.generation.max_new_tokens,
        temperature=recipe.generation.temperature,
        batch_size=recipe.generation.batch_size,
    )
    requests = rollout_requests(policy.tokenizer, tasks, recipe, update, first)
    stop = program_stop(policy, grounding.language)
    samples = engine.generate(requests, params, stop, lambda _, tokens: on_tokens(tokens))
    generated = time.perf_counter()
    owners = [t for t in tasks for _ in range(recipe.train.group_size)]
    remembered = grounding.cache_hits
    verdicts = grounding.check([Program.of(t, s.text).source for t, s in zip(owners, samples, strict=True)])
    remembered = max(0, grounding.cache_hits - remembered)  # less only after the checker was started anew
    checked = time.perf_counter()
    scores = grounding.score_checked(owners, [s.text for s in samples], verdicts)
    compared = [t for t in tasks if t.canonical_solution]
    references = grounding.score(compared, [t.canonical_solution or "" for t in compared])
    seconds = {
        "generate": generated - started,
        "check": checked - generated,
        "discriminate": time.perf_counter() - checked,
    }
    return Rollouts(owners, samples, scores, seconds, remembered, references)
