"""Sampling rows that each have a randomness of their own, as many at once as fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from rlcf.errors import ModelTooLarge
from rlcf.generation.decoding import Sample, SamplingOptions, Turn, seeded
from rlcf.generation.stopping import Stops
from rlcf.models.batches import pad_prompts
from rlcf.models.memory import give_back_memory, is_out_of_memory
from rlcf.models.policy import Policy

Progress = Callable[[int, int], None]
"""(rows of the batch that have ended, tokens just drawn)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One completion to draw."""

    name: str
    """What to call it in a message: the task."""
    context: tuple[int, ...]
    """The tokens that the model is shown."""
    prompt: str
    """What the program starts with; empty for an answer."""
    seed: int
    """Decides what is drawn, whatever else is in the batch."""


class RowSampler:
    """Samples batches of rows from the policy as it stands now.

    What a row draws depends on its own seed only, not on its neighbours, but for this: sums of other batches are
    rounded differently, and now and then a draw falls to the other side of such a difference.

    Args:
        on_notice: called with one line for people when a batch did not fit into memory.
    """

    def __init__(
        self, policy: Policy, stops: Stops, options: SamplingOptions, on_notice: Callable[[str], None] = lambda _: None
    ) -> None:
        self.policy = policy
        self.stops = stops
        self.options = options
        self.on_notice = on_notice
        self.model = policy.sampler()
        self.most = options.max_rows
        """Rows that are tried at once: halved when they did not fit."""

    def sample(self, rows: Sequence[Row], on_progress: Progress = lambda *_: None) -> list[Sample]:
        """One sample for each row, in order.

        Raises:
            ModelTooLarge: not even one row fits into memory.
        """
        samples: list[Sample] = []
        while len(samples) < len(rows):
            part = rows[len(samples) : len(samples) + self.most]
            drawn = self._try(part, partial(_report, on_progress, len(samples) + len(part)))
            if drawn is None:
                give_back_memory()
                self._halve(part)
            else:
                samples += drawn
        return samples

    def _try(self, rows: Sequence[Row], on_tokens: Callable[[int], None]) -> list[Sample] | None:
        """`None` when memory ran out."""
        try:
            return self._run(rows, on_tokens)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return None

    @torch.inference_mode()
    def _run(self, rows: Sequence[Row], on_tokens: Callable[[int], None]) -> list[Sample]:
        contexts = list(dict.fromkeys((row.context, row.prompt) for row in rows))
        place = {key: i for i, key in enumerate(contexts)}
        tokenizer, device = self.policy.tokenizer, self.policy.device
        batch = pad_prompts([context for context, _ in contexts], tokenizer.pad_token_id, device)
        owner = [place[row.context, row.prompt] for row in rows]
        turn = Turn(self.model, tokenizer, batch, [p for _, p in contexts], owner, self.stops, self.options)
        uniform = torch.stack([torch.rand(self.options.max_new_tokens, generator=seeded(row.seed)) for row in rows])
        uniform = uniform.to(device)
        return turn.run(lambda rows, step: uniform[rows, step, None], on_tokens)

    def _halve(self, rows: Sequence[Row]) -> None:
        longest = max(rows, key=lambda row: len(row.context))
        if len(rows) == 1:
            raise ModelTooLarge(
                f"out of memory with a single completion of {longest.name!r} ({len(longest.context)} tokens of prompt, "
                f"up to {self.options.max_new_tokens} new ones): lower --max-new-tokens or take a smaller model"
            )
        self.most = (len(rows) + 1) // 2
        self.on_notice(f"out of memory with {len(rows)} completions at once: going on with {self.most}")


def _report(on_progress: Progress, rows: int, live: int) -> None:
    """Each live row draws one token a step."""
    on_progress(rows - live, live)
