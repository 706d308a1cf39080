"""One update's rollouts: draw tasks, sample completions, check and score them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

import torch

from rlcf.config import Recipe
from rlcf.generation.engine import Engine, Request, Sample, SamplingParams, request_seed
from rlcf.generation.prompts import Prompting, check_room
from rlcf.generation.sampling import task_request
from rlcf.generation.stopping import program_stop
from rlcf.grounding import Grounding
from rlcf.grounding.judge.base import Example
from rlcf.languages.base import Language
from rlcf.models.batches import pad_completions, pad_prompts
from rlcf.models.policy import Policy
from rlcf.records import Program, Score, Task
from rlcf.training.credit import credit_weights
from rlcf.training.learner import TrainingBatch

T = TypeVar("T", bound=Hashable)
_MAX_DIAGNOSTICS = 5
"""How many of a program's diagnostics are written."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """One sample of a task, and its score."""

    task: Task
    prompt_ids: tuple[int, ...]
    """What the policy was shown."""
    sample: Sample
    score: Score

    def row(self) -> dict[str, Any]:
        """A line of `samples/update-NNNN.jsonl`."""
        verdict = self.score.verdict
        return {
            "task_id": self.task.task_id,
            "prompt": self.task.prompt,
            "completion": self.sample.text,
            "tokens": len(self.sample.token_ids),
            "finished": self.sample.finished,
            "status": verdict.status if verdict else None,
            "trivial": self.score.trivial,
            "preference": self.score.preference,
            "reward": self.score.reward,
            "components": dict(self.score.components),
            "diagnostics": [asdict(d) for d in verdict.diagnostics[:_MAX_DIAGNOSTICS]] if verdict else [],
        }


@dataclass(frozen=True, slots=True)
class Rollouts:
    """Those of one update, a task's next to each other. Empty in an update that learns from references."""

    rollouts: list[Rollout] = field(default_factory=list)
    references: list[Score] = field(default_factory=list)
    """Of the tasks' references, scored apart: what the rollouts' rewards are measured by. Nothing learns from them."""
    cache_hits: int = 0
    """Verdicts given without a run of the compiler, which had checked the program before."""
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("generate", "check", "discriminate"), 0.0))
    """Wall time of the phases `generate`, `check`, `discriminate`."""

    @classmethod
    def joined(cls, parts: Sequence[Rollouts]) -> Rollouts:
        """Those of several processes as one; of the phases' times the longest."""
        return cls(
            [rollout for part in parts for rollout in part.rollouts],
            [score for part in parts for score in part.references],
            sum(part.cache_hits for part in parts),
            {phase: max(part.seconds[phase] for part in parts) for phase in parts[0].seconds},
        )

    def examples(self, language: Language) -> list[Example]:
        """What the discriminator is trained on: every checked rollout of a task with a reference."""
        return [
            Example.of(language, r.task, r.sample.text, r.score.trivial, r.score.verdict.accepted)
            for r in self.rollouts
            if r.score.verdict is not None and r.task.canonical_solution
        ]

    def batch(self, policy: Policy, weight_before_error: float = 1.0, mask_truncated: bool = False) -> TrainingBatch:
        """The rollouts as tensors; those of a task are a group.

        Args:
            weight_before_error: of tokens before a rejected program's first error; see `rlcf.training.credit`.
            mask_truncated: nothing is learnt from rollouts that were cut at the limit of tokens.
        """
        prompts, prompt_of = _numbered(r.prompt_ids for r in self.rollouts)
        _, group_of = _numbered(r.task.task_id for r in self.rollouts)
        rewards = [r.score.reward for r in self.rollouts]
        pad, device = policy.tokenizer.pad_token_id, policy.device
        completions = pad_completions([r.sample.token_ids for r in self.rollouts], prompt_of, pad, device)
        credit = torch.ones(completions.ids.shape)
        for i, r in enumerate(self.rollouts):
            weights = credit_weights(r.task, r.sample, r.score.verdict, policy.tokenizer, weight_before_error)
            credit[i, : len(weights)] = torch.tensor(weights)
        return TrainingBatch(
            prompts=pad_prompts(prompts, pad, device),
            completions=completions,
            groups=torch.tensor(group_of, device=device),
            rewards=torch.tensor([0.0 if r is None else r for r in rewards], device=device),
            scored=torch.tensor([r is not None for r in rewards], device=device),
            action_mask=completions.mask,
            credit_weights=credit.to(device),
            learnt=torch.tensor([not (mask_truncated and r.sample.truncated) for r in self.rollouts], device=device),
        )


def _numbered(values: Iterable[T]) -> tuple[list[T], list[int]]:
    """The distinct values in order, and the number of each value among them."""
    values = list(values)
    number = {value: i for i, value in enumerate(dict.fromkeys(values))}
    return list(number), [number[value] for value in values]


def draw_tasks(tasks: Sequence[Task], count: int, update: int, seed: int, shuffle: bool = True) -> list[Task]:
    """The tasks of one update: each task comes once before any comes again.

    Their order is that of the seed, and another one each time; or, without `shuffle`, the order of `tasks`.

    A function of its arguments only, so that a resumed run draws what an uninterrupted one would have.
    """
    drawn: list[Task] = []
    position = (update - 1) * count
    while len(drawn) < count:
        epoch, start = divmod(position + len(drawn), len(tasks))
        order = random.Random(f"{seed} {epoch}").sample(list(tasks), len(tasks)) if shuffle else tasks
        drawn += order[start : start + count - len(drawn)]
    return drawn


def rollout_requests(policy: Policy, tasks: Sequence[Task], recipe: Recipe, update: int, first: int) -> list[Request]:
    """`train.group_size` requests for each task, those of a task next to each other.

    The seed of each is a function of `train.seed`, the update, the task and the sample's number in the update: of
    several processes each draws the samples that one process would have drawn.

    Args:
        first: the place of `tasks[0]` among the tasks of the update.
    """
    size, seed = recipe.train.group_size, recipe.train.seed
    prompting = Prompting(fim=recipe.policy.fim, kind=policy.kind)
    return [
        task_request(t, prompt, request_seed(seed, t.task_id, (first + i) * size + n, update))
        for i, (t, prompt) in enumerate((t, prompting.prompt(policy.tokenizer, t)) for t in tasks)
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
    """Samples `train.group_size` completions of each task and scores them; see `rollout_requests` and `check_room`."""
    started = time.perf_counter()
    engine.sync(policy)
    table = recipe.generation
    params = SamplingParams(table.max_new_tokens, table.temperature, batch_size=table.batch_size)
    requests = rollout_requests(policy, tasks, recipe, update, first)
    for request in requests:
        check_room(policy.model, request.id, request.prompt_ids, table.max_new_tokens)
    stop = program_stop(policy, grounding.language)
    samples = engine.generate(requests, params, stop, lambda _, tokens: on_tokens(tokens))
    generated = time.perf_counter()
    drawn = [t for t in tasks for _ in range(recipe.train.group_size)]
    hits = grounding.cache_hits
    verdicts = grounding.check([Program.of(t, s.text) for t, s in zip(drawn, samples, strict=True)])
    hits = max(0, grounding.cache_hits - hits)  # a checker that was started anew counts from 0
    checked = time.perf_counter()
    scores = grounding.score_checked(drawn, [s.text for s in samples], verdicts)
    with_reference = [t for t in tasks if t.canonical_solution]
    references = grounding.score(with_reference, [t.canonical_solution or "" for t in with_reference])
    seconds = {
        "generate": generated - started,
        "check": checked - generated,
        "discriminate": time.perf_counter() - checked,
    }
    together = zip(drawn, requests, samples, scores, strict=True)
    return Rollouts([Rollout(t, q.prompt_ids, s, score) for t, q, s, score in together], references, hits, seconds)
