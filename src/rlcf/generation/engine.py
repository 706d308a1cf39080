"""The contract of an engine: requests in, samples out. Imports no torch: an engine may run anywhere.

An engine knows token ids and stop conditions; where prompts come from and what samples are for is not its business.
Each engine passes `tests/generation/engine_contract.py`.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rlcf.generation.stopping import StopConditions

if TYPE_CHECKING:
    from rlcf.models.policy import Policy

Progress = Callable[[int, int], None]
"""(samples that have ended, of this call; tokens that were just drawn)."""


@dataclass(frozen=True, slots=True)
class Request:
    """One sample to draw."""

    id: str
    """What to call it in a message: the task."""
    prompt_ids: tuple[int, ...]
    """The tokens that the model is shown, at least one."""
    context: str
    """The text that the program starts with; empty for an answer."""
    seed: int
    """Decides what is drawn, whatever else is in the batch."""
    suffix: str = ""
    """The text that follows the completion in the program."""
    end_ids: frozenset[int] = frozenset()
    """Tokens that end this sample, beside those of the stop conditions."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sampled completion."""

    text: str
    """The completion, cut where its program ends."""
    token_ids: tuple[int, ...]
    """The tokens drawn, including the one in which the program ends, or with which the model ended the text."""
    finished: bool
    """The program ended; `False` when the model stopped before, or reached the limit of tokens. Where no closing mark
    has to come (an answer, a program with a suffix, a language without such marks): the model ended the text."""
    truncated: bool = False
    """It was cut at the limit of tokens: the model had ended neither the program nor the text."""


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """How to sample."""

    max_new_tokens: int = 128
    temperature: float = 1.0
    """0: the most probable token each time."""
    top_p: float = 1.0
    """Draw from the smallest set of tokens that reaches this probability (Holtzman et al., 2020)."""
    batch_size: int = 64
    """The greatest number of samples computed at a time."""


class Engine(ABC):
    """Samples from a language model."""

    @abstractmethod
    def generate(
        self,
        requests: Sequence[Request],
        params: SamplingParams,
        stop: StopConditions,
        on_progress: Progress = lambda *_: None,
    ) -> list[Sample]:
        """One sample for each request, in their order.

        What a request draws depends on its seed, its prompt and the weights, and not on the rest of the batch; but
        batches of different sizes round sums differently, and rarely a draw falls on the other side of such a rounding.

        Args:
            on_progress: called after each step. The last call says that all samples have ended.

        Raises:
            ModelTooLarge: not even one sample fits into memory.
        """

    @abstractmethod
    def sync(self, policy: Policy) -> None:
        """Samples drawn after this call come from the policy's weights as they are now."""


def request_seed(seed: int, task_id: str, number: int, update: int = 0) -> int:
    """The seed of one request.

    Args:
        number: tells the samples of a task apart.
        update: of training, from 1; 0 for samples that are not drawn to learn from.
    """
    text = f"update {update} " if update else ""
    return int.from_bytes(hashlib.sha256(f"{text}{seed} {number} {task_id}".encode()).digest()[:8], "big")


_MAX_PAIRS = 1 << 24
"""Pairs of prompt tokens in a batch: 64 prompts of 512. In 32 bits a layer's scores take 64 MiB for each query head."""


def batch_ends(requests: Sequence[Request], batch_size: int) -> Iterator[int]:
    """Where the batches of `requests` end: at most `batch_size` requests each, and fewer where prompts are long.

    What attention needs to read prompts grows with their number times the square of the longest: one prompt of 4,000
    tokens must not have its neighbours padded to its length.
    """
    start, prompts = 0, set[tuple[int, ...]]()
    for i, request in enumerate(requests):
        prompts.add(request.prompt_ids)
        if i > start and (i - start >= batch_size or len(prompts) * max(map(len, prompts)) ** 2 > _MAX_PAIRS):
            yield i
            start, prompts = i, {request.prompt_ids}
    if requests:
        yield len(requests)
