"""The tasks' references: which of them the compiler accepts, and as a batch to learn from."""

import random
from collections.abc import Sequence
from typing import Any

import torch

from rlcf.errors import DataError
from rlcf.generation.prompts import Prompt, Prompting, completion_ids
from rlcf.grounding import Grounding
from rlcf.languages.base import Language
from rlcf.models.batches import pad_completions, pad_prompts
from rlcf.models.policy import Policy
from rlcf.records import Program, Task, Verdict
from rlcf.training.learner import TrainingBatch

_MAX_NAMED = 5
"""How many of the tasks that are left out are named."""
_SAMPLED = 100
"""Of mined tasks. If one in 20 no longer compiles, such as with another JDK, a sample shows it in 99.4 % of cases."""


def with_sound_references(grounding: Grounding, tasks: Sequence[Task]) -> tuple[list[Task], str | None]:
    """The tasks whose references the compiler accepts, and one line about the others, if there are any.

    Those that were mined in a project compiled there. A sample of them is checked, and all only where it does not
    compile: the first verdict on a body takes as long as its whole file. A reference that a failing tool left unchecked
    stays. Where the compiler accepts none, that is a `DataError`.
    """
    mined = [task for task in tasks if task.project is not None]
    sample = random.Random(0).sample(mined, min(_SAMPLED, len(mined)))
    rejected = _rejected(grounding, [*(task for task in tasks if task.project is None), *sample])
    if any(task.project is not None for task, _ in rejected):
        rejected = _rejected(grounding, tasks)
    if not rejected:
        return list(tasks), None
    named = ", ".join(f"{task.task_id} ({_why(verdict)})" for task, verdict in rejected[:_MAX_NAMED])
    line = f"{len(rejected)} of {len(tasks)} training tasks, whose references the compiler rejects: {named}"
    line += ", …" if len(rejected) > _MAX_NAMED else ""
    if len(rejected) == len(tasks):
        raise DataError(f"no task to train on is left without {line}")
    refused = {id(task) for task, _ in rejected}
    return [t for t in tasks if id(t) not in refused], f"left out {line}"


def _rejected(grounding: Grounding, tasks: Sequence[Task]) -> list[tuple[Task, Verdict]]:
    verdicts = grounding.check([Program.of(t, t.canonical_solution or "") for t in tasks])
    return [(t, v) for t, v in zip(tasks, verdicts, strict=True) if v is not None and not v.accepted]


def _why(verdict: Verdict) -> str:
    errors = [d for d in verdict.diagnostics if d.severity == "error"]
    return f"line {errors[0].line}: {' '.join(errors[0].message.split())}" if errors else verdict.status


def reference_batch(
    policy: Policy, language: Language, tasks: Sequence[Task], max_tokens: int, prompting: Prompting | None = None
) -> TrainingBatch:
    """The references as the policy would have to write them: cut where the program ends, and after `max_tokens`.

    Where the language does not know where a program ends, the token with which the model ends a text follows.
    """
    prompting, tokenizer = prompting or Prompting(kind=policy.kind), policy.tokenizer
    prompts = [prompting.prompt(tokenizer, task) for task in tasks]
    written = [_written(tokenizer, language, *pair)[:max_tokens] for pair in zip(tasks, prompts, strict=True)]
    shown = list(dict.fromkeys(prompt.ids for prompt in prompts))
    pad, device = tokenizer.pad_token_id, policy.device
    completions = pad_completions(written, [shown.index(prompt.ids) for prompt in prompts], pad, device)
    return TrainingBatch(
        prompts=pad_prompts(shown, pad, device),
        completions=completions,
        groups=completions.prompt_index,
        rewards=torch.zeros(len(tasks), device=device),
        scored=torch.ones(len(tasks), dtype=torch.bool, device=device),
        action_mask=completions.mask,
        credit_weights=torch.ones(completions.ids.shape, device=device),
        learnt=torch.ones(len(tasks), dtype=torch.bool, device=device),
    )


def _written(tokenizer: Any, language: Language, task: Task, prompt: Prompt) -> list[int]:
    reference = task.canonical_solution or ""
    end = language.program_end(task.context, reference, task.suffix)
    return completion_ids(tokenizer, task, prompt, reference[:end], ends=end is None)
