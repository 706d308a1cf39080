"""Sampling completions in batches, each until its program ends.

Transformers' own `generate` keeps computing a row until the last row of its batch has ended, and starts each sample
from its own copy of the prompt. Here a prompt runs once for its whole group, and a row that has ended leaves the
batch: on groups of unequal length that is where most of the time goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from rlcf.generation.kv_cache import close_ranks, continue_from
from rlcf.generation.stopping import ProgramEnd, Stops, program_stops
from rlcf.models.batches import PromptBatch, encode_prompts, trailing_space
from rlcf.models.policy import Policy

Uniform = Callable[[Tensor, int], Tensor]
"""(rows (B,), step) → (B, 1) numbers in [0, 1), one for the token that each row draws in this step."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sampled completion."""

    text: str
    """The completion, cut where its program ends."""
    token_ids: tuple[int, ...]
    """The tokens drawn, the one in which the program ends (or the end-of-text token) included."""
    finished: bool
    """The program ended; `False` when the model stopped early or ran into the limit of tokens. Of an answer: the model
    ended its turn."""


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """How to sample."""

    max_new_tokens: int = 128
    temperature: float = 1.0
    """0 takes the most probable token each time."""
    top_p: float = 1.0
    max_rows: int = 64
    """Rows computed at once; more prompts are taken in turns."""


def seeded(seed: int) -> torch.Generator:
    """A source of randomness that means the same on every device."""
    return torch.Generator().manual_seed(seed)


@torch.inference_mode()
def sample_groups(
    policy: Policy,
    prompts: Sequence[str],
    group_size: int,
    program_end: ProgramEnd,
    end_marks: str | None,
    options: SamplingOptions,
    generator: torch.Generator,
    on_progress: Callable[[int], None] = lambda _: None,
) -> list[list[Sample]]:
    """Draws `group_size` completions of each prompt, in prompt order.

    Args:
        program_end: says where a program ends; asked only when a token with one of `end_marks` was drawn.
        generator: the source of randomness; the same state gives the same samples on the same machine.
        on_progress: called after each step with the number of tokens drawn in it.
    """
    per_turn = max(1, options.max_rows // group_size)
    model = policy.sampler()
    stops = program_stops(model, policy.tokenizer, program_end, end_marks)
    samples: list[Sample] = []
    for start in range(0, len(prompts), per_turn):
        some = prompts[start : start + per_turn]
        batch = encode_prompts(policy.tokenizer, some, policy.device)
        owner = [i for i in range(len(some)) for _ in range(group_size)]
        turn = Turn(model, policy.tokenizer, batch, some, owner, stops, options)
        samples += turn.run(lambda rows, _: _draw_in_order(rows, generator), on_progress)
    return [samples[i : i + group_size] for i in range(0, len(samples), group_size)]


class Turn:
    """One batch of rows, from the prompts to the end of the last row.

    Args:
        batch: what the model is shown.
        prompts: what each row of `batch` asks to be continued, as a program begins.
        owner: (B) the row of `batch` that each completion continues.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        batch: PromptBatch,
        prompts: Sequence[str],
        owner: Sequence[int],
        stops: Stops,
        options: SamplingOptions,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.batch = batch
        self.prompts = [prompts[i] for i in owner]
        self.owner = torch.tensor(list(owner), device=batch.ids.device)
        self.stops = stops
        self.options = options
        self.drawn: list[list[int]] = [[] for _ in owner]
        self.ended: list[Sample | None] = [None] * len(owner)

    def run(self, uniform: Uniform, on_progress: Callable[[int], None]) -> list[Sample]:
        """Decodes until every row has ended or is at the limit; one sample for each row."""
        model, batch = self.model, self.batch
        cache = DynamicCache(config=model.config)
        output = model(
            input_ids=batch.ids,
            attention_mask=batch.mask,
            position_ids=batch.positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        continue_from(cache, self.owner)
        logits = output.logits[:, -1][self.owner]
        mask, position = batch.mask[self.owner], batch.lengths[self.owner]
        rows = torch.arange(len(self.drawn), device=batch.ids.device)
        for step in range(self.options.max_new_tokens):
            tokens = self._draw(logits, partial(uniform, rows, step))
            on_progress(len(tokens))
            going = self._take(rows.tolist(), tokens.tolist())
            if not going or step == self.options.max_new_tokens - 1:
                break
            if len(going) < len(rows):
                keep = torch.tensor(close_ranks(going), device=rows.device)
                cache.batch_select_indices(keep)
                rows, tokens, mask, position = rows[keep], tokens[keep], mask[keep], position[keep]
            mask = torch.cat([mask, mask.new_ones(len(rows), 1)], dim=1)
            output = model(
                input_ids=tokens[:, None],
                attention_mask=mask,
                position_ids=position[:, None],
                past_key_values=cache,
                use_cache=True,
            )
            logits, position = output.logits[:, -1], position + 1
        return [s or self._sample(row, finished=False) for row, s in enumerate(self.ended)]

    def _draw(self, logits: Tensor, uniform: Callable[[], Tensor]) -> Tensor:
        """(B, V) logits → (B,) tokens."""
        if self.options.temperature == 0:
            return logits.argmax(-1)
        probabilities = torch.softmax(logits.float() / self.options.temperature, dim=-1)
        if self.options.top_p < 1:
            probabilities = _nucleus(probabilities, self.options.top_p)
        # By inversion: one uniform number a row, where `multinomial` draws one for each token of the vocabulary.
        # Drawn on the CPU, so that a seed means the same on every device.
        cumulative = probabilities.cumsum(-1)
        drawn = torch.searchsorted(cumulative, uniform().to(logits.device) * cumulative[:, -1:], right=True).squeeze(-1)
        return drawn.clamp(max=logits.shape[-1] - 1)

    def _take(self, rows: list[int], tokens: list[int]) -> list[int]:
        """Books one new token for each row; returns the indices into `rows` that go on."""
        going = []
        for i, (row, token) in enumerate(zip(rows, tokens, strict=True)):
            self.drawn[row].append(token)
            if token in self.stops.ids:
                self.ended[row] = self._sample(row, finished=self.stops.program_end is None)
                continue
            if self.stops.program_end is not None and token in self.stops.may_end:
                text = self._text(row)
                end = self.stops.program_end(self.prompts[row], text)
                if end is not None:
                    self.ended[row] = Sample(text[:end], tuple(self.drawn[row]), finished=True)
                    continue
            going.append(i)
        return going

    def _sample(self, row: int, finished: bool) -> Sample:
        return Sample(self._text(row), tuple(self.drawn[row]), finished)

    def _text(self, row: int) -> str:
        text: str = self.tokenizer.decode(self.drawn[row], skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text.removeprefix(trailing_space(self.prompts[row]))


def _draw_in_order(rows: Tensor, generator: torch.Generator) -> Tensor:
    """(B, 1) uniform numbers, drawn for the rows in ascending order, whatever their places in the batch."""
    return torch.rand(len(rows), 1, generator=generator)[rows.cpu().argsort().argsort()]


def _nucleus(probabilities: Tensor, top_p: float) -> Tensor:
    """Keeps the smallest set of tokens whose probability reaches `top_p` (Holtzman et al., 2020), one at least."""
    ordered, index = probabilities.sort(dim=-1, descending=True)
    before = ordered.cumsum(-1) - ordered
    behind = before >= top_p
    behind[:, 0] = False
    return torch.zeros_like(probabilities).scatter(-1, index, ordered.masked_fill(behind, 0.0))
