"""How the tasks of an evaluation are put to the model, and in which order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rlcf.languages.base import Language
from rlcf.records import Task

if TYPE_CHECKING:
    from rlcf.generation.decoding import SamplingOptions
    from rlcf.generation.requests import Row
    from rlcf.generation.stopping import Stops
    from rlcf.models.policy import Policy


_MOST_SCORES = 1 << 24
"""Pairs of prompt tokens in a batch: 64 prompts of 512. In 32 bits a layer's scores take 64 MiB for each query head."""


@dataclass(frozen=True, slots=True)
class Prompting:
    """How a task is put to the model."""

    examples: str = ""
    """Solved examples, as source text, that the model reads before each prompt (few-shot)."""
    chat: bool = False
    """Ask for the program through the model's chat template, and take it out of the answer."""


def queue_of(
    policy: Policy, tasks: Sequence[Task], samples: int, options: SamplingOptions, seed: int, prompting: Prompting
) -> list[Row]:
    """All rows to draw: neighbours have prompts of like length, so that little of a batch is padding.

    The longest come first: what does not fit into memory shows at once, and the time left is not underestimated.
    """
    from rlcf.generation.prompts import check_room, question_ids, with_examples
    from rlcf.generation.requests import Row
    from rlcf.models.batches import prompt_ids

    contexts = []
    for task in tasks:
        if prompting.chat:
            ids = question_ids(policy.tokenizer, task.prompt, task.language)
        else:
            ids = prompt_ids(policy.tokenizer, with_examples(prompting.examples, task.prompt))
        check_room(policy.model, task.task_id, ids, options.max_new_tokens)
        contexts.append(tuple(ids))
    return [
        Row(task.task_id, context, "" if prompting.chat else task.prompt, _row_seed(seed, task.task_id, number))
        for task, context in sorted(zip(tasks, contexts, strict=True), key=lambda pair: -len(pair[1]))
        for number in range(samples)
    ]


def batch_ends(queue: Sequence[Row], most_rows: int) -> list[int]:
    """Where the batches of `queue` end: at most `most_rows` rows each, and fewer where prompts are long.

    What attention needs to read prompts grows with their number times the square of the longest: one prompt of 4,000
    tokens must not have its neighbours padded to its length.
    """
    ends: list[int] = []
    start, contexts = 0, set[tuple[int, ...]]()
    for i, row in enumerate(queue):
        contexts.add(row.context)
        longest = len(queue[start].context)
        if i > start and (i - start >= most_rows or len(contexts) * longest**2 > _MOST_SCORES):
            ends.append(i)
            start, contexts = i, {row.context}
    return [*ends, len(queue)]


def _row_seed(seed: int, task_id: str, number: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {number} {task_id}".encode()).digest()[:8], "big")


def stops_of(policy: Policy, language: Language, prompting: Prompting) -> Stops:
    """What ends a sample: the program's end, or the end of the model's turn."""
    from rlcf.generation.stopping import answer_stops, program_stops

    if prompting.chat:
        return answer_stops(policy.model, policy.tokenizer)
    return program_stops(policy.model, policy.tokenizer, language.program_end, language.end_marks)
