"""Sampling completions in batches, each until its program ends.

Transformers' own `generate` keeps computing a row until the last row of its batch has ended, and starts each sample
from its own copy of the prompt. Here a prompt runs once for its whole group, and a row that has ended leaves the
batch: on groups of unequal length that is where most of the time goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from rlcf.policy.batches import encode_prompts, trailing_space
from rlcf.policy.policy import Policy

ProgramEnd = Callable[[str, str], int | None]
"""`Language.program_end`: (prompt, completion) → characters of the completion that are the program, or `None`."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sampled completion."""

    text: str
    """The completion, cut where its program ends."""
    token_ids: tuple[int, ...]
    """The tokens drawn, the one in which the program ends (or the end-of-text token) included."""
    finished: bool
    """The program ended; `False` when the model stopped early or ran into the limit of tokens."""


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
    end_marks: str,
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
    groups: list[list[Sample]] = []
    for start in range(0, len(prompts), per_turn):
        turn = _Turn(policy, model, prompts[start : start + per_turn], group_size, program_end, end_marks, options)
        groups += turn.run(generator, on_progress)
    return groups


class _Turn:
    """One batch of rows, from the prompts to the end of the last row."""

    def __init__(
        self,
        policy: Policy,
        model: Any,
        prompts: Sequence[str],
        group_size: int,
        program_end: ProgramEnd,
        end_marks: str,
        options: SamplingOptions,
    ) -> None:
        self.policy = policy
        self.model = model
        self.prompts = prompts
        self.group_size = group_size
        self.program_end = program_end
        self.options = options
        self.may_end = _tokens_with(policy.tokenizer, end_marks)
        self.stop_ids = _stop_ids(model, policy.tokenizer)
        self.drawn: list[list[int]] = [[] for _ in range(len(prompts) * group_size)]
        self.ended: list[Sample | None] = [None] * len(self.drawn)

    def run(self, generator: torch.Generator, on_progress: Callable[[int], None]) -> list[list[Sample]]:
        """Decodes until every row has ended or is at the limit; the groups, in prompt order."""
        model = self.model
        batch = encode_prompts(self.policy.tokenizer, self.prompts, self.policy.device)
        cache = DynamicCache(config=model.config)
        output = model(
            input_ids=batch.ids,
            attention_mask=batch.mask,
            position_ids=batch.positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        cache.batch_repeat_interleave(self.group_size)
        logits = output.logits[:, -1].repeat_interleave(self.group_size, dim=0)
        mask = batch.mask.repeat_interleave(self.group_size, dim=0)
        position = batch.lengths.repeat_interleave(self.group_size)
        rows = torch.arange(len(self.drawn), device=batch.ids.device)
        for _ in range(self.options.max_new_tokens):
            tokens = self._draw(logits, generator)
            on_progress(len(tokens))
            going = self._take(rows.tolist(), tokens.tolist())
            if not going:
                break
            if len(going) < len(rows):
                keep = torch.tensor(going, device=rows.device)
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
        return self._groups()

    def _draw(self, logits: Tensor, generator: torch.Generator) -> Tensor:
        """(B, V) logits → (B,) tokens."""
        if self.options.temperature == 0:
            return logits.argmax(-1)
        probabilities = torch.softmax(logits.float() / self.options.temperature, dim=-1)
        if self.options.top_p < 1:
            probabilities = _nucleus(probabilities, self.options.top_p)
        # By inversion: one uniform number a row, where `multinomial` draws one for each token of the vocabulary.
        # Drawn on the CPU, so that a seed means the same on every device.
        cumulative = probabilities.cumsum(-1)
        uniform = torch.rand(len(logits), 1, generator=generator).to(logits.device) * cumulative[:, -1:]
        drawn = torch.searchsorted(cumulative, uniform, right=True).squeeze(-1)
        return drawn.clamp(max=logits.shape[-1] - 1)

    def _take(self, rows: list[int], tokens: list[int]) -> list[int]:
        """Books one new token for each row; returns the indices into `rows` that go on."""
        going = []
        for i, (row, token) in enumerate(zip(rows, tokens, strict=True)):
            self.drawn[row].append(token)
            if token in self.stop_ids:
                self.ended[row] = self._sample(row, finished=False)
                continue
            if token in self.may_end:
                text = self._text(row)
                end = self.program_end(self.prompts[row // self.group_size], text)
                if end is not None:
                    self.ended[row] = Sample(text[:end], tuple(self.drawn[row]), finished=True)
                    continue
            going.append(i)
        return going

    def _groups(self) -> list[list[Sample]]:
        samples = [s or self._sample(row, finished=False) for row, s in enumerate(self.ended)]
        return [samples[i : i + self.group_size] for i in range(0, len(samples), self.group_size)]

    def _sample(self, row: int, finished: bool) -> Sample:
        return Sample(self._text(row), tuple(self.drawn[row]), finished)

    def _text(self, row: int) -> str:
        text: str = self.policy.tokenizer.decode(
            self.drawn[row], skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text.removeprefix(trailing_space(self.prompts[row // self.group_size]))


def _nucleus(probabilities: Tensor, top_p: float) -> Tensor:
    """Keeps the smallest set of tokens whose probability reaches `top_p` (Holtzman et al., 2020)."""
    ordered, index = probabilities.sort(dim=-1, descending=True)
    before = ordered.cumsum(-1) - ordered
    ordered = ordered.masked_fill(before >= top_p, 0.0)
    return torch.zeros_like(probabilities).scatter(-1, index, ordered)


def _tokens_with(tokenizer: Any, marks: str) -> frozenset[int]:
    """The token ids whose text holds one of `marks`; all of them when `marks` is empty."""
    pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    return frozenset(i for i, p in enumerate(pieces) if not marks or (p and any(m in p for m in marks)))


def _stop_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    configured = getattr(model.generation_config, "eos_token_id", None)
    ids = configured if isinstance(configured, list) else [configured]
    return frozenset(i for i in [*ids, tokenizer.eos_token_id] if i is not None)
