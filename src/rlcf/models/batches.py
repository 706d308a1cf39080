"""Padded batches of prompts and of the completions behind them.

Axes: P prompts, B completions, S prompt tokens, T completion tokens (see `docs/concepts.md`). A group's completions
share one row of the prompt batch, so the work on a prompt is done once for the whole group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class PromptBatch:
    """Tokenized prompts, padded on the left so that all end in the same column."""

    ids: Tensor
    """(P, S) token ids."""
    mask: Tensor
    """(P, S) 1 for a token, 0 for padding."""
    trunk: Tensor | None = None
    """(P, S - 1, H) what the shared lower layers make of all but the last tokens; see `rlcf.models.frozen_layers`."""

    @property
    def positions(self) -> Tensor:
        """(P, S) position of each token in its prompt, from 0."""
        return (self.mask.cumsum(-1) - 1).clamp(min=0)

    @property
    def lengths(self) -> Tensor:
        """(P,) tokens of each prompt."""
        return self.mask.sum(-1)


@dataclass(frozen=True, slots=True)
class CompletionBatch:
    """Tokenized completions, padded on the right, each owned by one row of a `PromptBatch`."""

    ids: Tensor
    """(B, T) token ids."""
    mask: Tensor
    """(B, T) 1 for a token, 0 for padding."""
    owner: Tensor
    """(B,) row of the prompt batch."""
    trunk: Tensor | None = None
    """(B, T, H) what the shared lower layers make of the tokens that each of these is predicted from."""


def trailing_space(prompt: str) -> str:
    """The white space at a prompt's end, which the model is not shown (see `prompt_ids`)."""
    return prompt[len(prompt.rstrip()) :]


def prompt_ids(tokenizer: Any, prompt: str) -> list[int]:
    """The tokens of a prompt without its trailing white space, begun as the tokenizer begins a text.

    Code tokenizers merge a line break with the indentation behind it. A prompt that ends in a bare line break is a
    sequence the model never saw, and it goes astray (SmolLM2 then opens a comment in most samples); without it, the
    model writes line break and indentation itself. The completion is what it writes, less the white space that the
    prompt has already.

    Some models have only ever seen texts that begin with a special token, and write nonsense without it.
    """
    ids: list[int] = tokenizer(prompt.rstrip())["input_ids"]
    if ids and ids[-1] == tokenizer.eos_token_id:  # some tokenizers close each text as well
        ids = ids[:-1]
    return ids or [tokenizer.eos_token_id if tokenizer.bos_token_id is None else tokenizer.bos_token_id]


def encode_prompts(tokenizer: Any, prompts: Sequence[str], device: torch.device | str = "cpu") -> PromptBatch:
    """Tokenizes prompts (see `prompt_ids`) and lays them into one batch."""
    return pad_prompts([prompt_ids(tokenizer, prompt) for prompt in prompts], tokenizer.pad_token_id, device)


def pad_prompts(rows: Sequence[Sequence[int]], pad: int, device: torch.device | str = "cpu") -> PromptBatch:
    """Lays token rows, none of them empty, into one batch of prompts."""
    width = max(len(row) for row in rows)
    ids = torch.full((len(rows), width), pad)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, width - len(row) :] = torch.tensor(list(row))
        mask[i, width - len(row) :] = 1
    return PromptBatch(ids.to(device), mask.to(device))


def encode_completions(
    tokenizer: Any, prompts: Sequence[str], texts: Sequence[str], end: Sequence[bool]
) -> list[list[int]]:
    """The tokens of texts behind prompts, as a model that is shown what `encode_prompts` gives would write them.

    Args:
        texts: completions; the white space at a prompt's end is put before them.
        end: where true, the end-of-text token follows.
    """
    rows = []
    for prompt, text, ends in zip(prompts, texts, end, strict=True):
        shown, written = prompt.rstrip(), trailing_space(prompt) + text
        before, whole = (tokenizer(t, add_special_tokens=False)["input_ids"] for t in (shown, shown + written))
        if whole[: len(before)] == before:
            row = list(whole[len(before) :])
        else:  # prompt and text would share a token, which a model behind that prompt cannot write
            row = list(tokenizer(written, add_special_tokens=False)["input_ids"])
        rows.append([*row, tokenizer.eos_token_id] if ends and tokenizer.eos_token_id is not None else row)
    return rows


def pad_completions(
    rows: Sequence[Sequence[int]], owner: Sequence[int], pad: int, device: torch.device | str = "cpu"
) -> CompletionBatch:
    """Lays token rows into one batch; `owner[i]` is the prompt row that `rows[i]` continues."""
    width = max(1, max((len(row) for row in rows), default=1))
    ids = torch.full((len(rows), width), pad)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(list(row), dtype=ids.dtype)
        mask[i, : len(row)] = 1
    return CompletionBatch(ids.to(device), mask.to(device), torch.tensor(list(owner), device=device))


def select_rows(
    prompts: PromptBatch, completions: CompletionBatch, rows: Tensor
) -> tuple[PromptBatch, CompletionBatch]:
    """Some completions and the prompts they need, without the columns T that only other rows need."""
    rows = rows.to(completions.ids.device)
    used, owner = torch.unique(completions.owner[rows], return_inverse=True)
    width = max(1, int(completions.mask[rows].sum(-1).max()))
    of_prompts = None if prompts.trunk is None else prompts.trunk[used]
    of_completions = None if completions.trunk is None else completions.trunk[rows, :width]
    kept = CompletionBatch(completions.ids[rows, :width], completions.mask[rows, :width], owner, of_completions)
    return PromptBatch(prompts.ids[used], prompts.mask[used], of_prompts), kept
