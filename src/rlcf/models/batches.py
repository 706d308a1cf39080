"""Padded batches of prompts and of the completions that follow them.

Axes: P prompts, B completions, S prompt tokens, T completion tokens (see `docs/concepts.md`). The
completions of a group share one prompt of the prompt batch, which is computed once for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence


@dataclass(frozen=True, slots=True)
class PromptBatch:
    """Tokenized prompts, padded on the left so that all end in the same column."""

    ids: Tensor
    """(P, S) token ids."""
    mask: Tensor
    """(P, S) 1 for a token, 0 for padding."""
    frozen_states: Tensor | None = None
    """(P, S - 1, H) output of the frozen layers at all tokens but the last; see `rlcf.models.frozen_layers`. Of an
    encoder-decoder (P, S, H): the output of a frozen encoder."""

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
    """Tokenized completions of the prompts of a `PromptBatch`, padded on the right."""

    ids: Tensor
    """(B, T) token ids."""
    mask: Tensor
    """(B, T) 1 for a token, 0 for padding."""
    prompt_index: Tensor
    """(B,) which prompt of the prompt batch each completion follows."""
    frozen_states: Tensor | None = None
    """(B, T, H) output of the frozen layers at the token that each of these is predicted from."""


def trailing_space(prompt: str) -> str:
    """The white space at a prompt's end, which the model is not shown (see `prompt_ids`)."""
    return prompt[len(prompt.rstrip()) :]


def prompt_ids(tokenizer: Any, prompt: str) -> list[int]:
    """The tokens of a prompt without its trailing white space, begun as the tokenizer begins a text.

    Code tokenizers merge a line break with the indentation that follows it. A prompt that ends in a bare line break is
    a sequence that the model never saw, and samples get worse (SmolLM2 then opens a comment in most of them). Without
    it, the model writes line break and indentation itself. The completion is what it writes, less the white space that
    the prompt has already.

    Some models have only ever seen texts that begin with a special token, and write nonsense without it.
    """
    ids: list[int] = tokenizer(prompt.rstrip())["input_ids"]
    if ids and ids[-1] == tokenizer.eos_token_id:  # some tokenizers close each text as well
        ids = ids[:-1]
    return ids or [tokenizer.eos_token_id if tokenizer.bos_token_id is None else tokenizer.bos_token_id]


def encode_prompts(tokenizer: Any, prompts: Sequence[str], device: torch.device | str = "cpu") -> PromptBatch:
    """The batch of these prompts, tokenized by `prompt_ids`."""
    return pad_prompts([prompt_ids(tokenizer, prompt) for prompt in prompts], tokenizer.pad_token_id, device)


def pad_prompts(prompts: Sequence[Sequence[int]], pad: int, device: torch.device | str = "cpu") -> PromptBatch:
    """The batch of these prompts, none of them empty, given as token ids."""
    ids, mask = _padded(prompts, pad, "left")
    return PromptBatch(ids.to(device), mask.to(device))


def encode_completions(
    tokenizer: Any, prompts: Sequence[str], texts: Sequence[str], end: Sequence[bool]
) -> list[list[int]]:
    """The tokens of texts that follow prompts, as a model that is shown `encode_prompts` would write them.

    Args:
        texts: completions; the white space at a prompt's end is put before them.
        end: where true, the end-of-text token follows.
    """
    token_ids = []
    for prompt, text, ends in zip(prompts, texts, end, strict=True):
        shown, written = prompt.rstrip(), trailing_space(prompt) + text
        before, whole = (tokenizer(t, add_special_tokens=False)["input_ids"] for t in (shown, shown + written))
        if whole[: len(before)] == before:
            ids = list(whole[len(before) :])
        else:  # prompt and text would share a token, which a model that is shown the prompt cannot write
            ids = list(tokenizer(written, add_special_tokens=False)["input_ids"])
        token_ids.append([*ids, tokenizer.eos_token_id] if ends and tokenizer.eos_token_id is not None else ids)
    return token_ids


def inner_ids(tokenizer: Any, text: str) -> list[int]:
    """The tokens of a text that does not begin a file: without the space that some tokenizers put before a text."""
    before, whole = (tokenizer(t, add_special_tokens=False)["input_ids"] for t in ("\n", f"\n{text}"))
    if whole[: len(before)] == before:
        return list(whole[len(before) :])
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])  # joins line breaks, and puts no space


def pad_completions(
    completions: Sequence[Sequence[int]], prompt_index: Sequence[int], pad: int, device: torch.device | str = "cpu"
) -> CompletionBatch:
    """The batch of these completions, given as token ids; `completions[i]` follows prompt `prompt_index[i]`."""
    ids, mask = _padded(completions, pad, "right")
    return CompletionBatch(ids.to(device), mask.to(device), torch.tensor(list(prompt_index), device=device))


def _padded(sequences: Sequence[Sequence[int]], pad: int, side: str) -> tuple[Tensor, Tensor]:
    """Token ids, at least one column wide, and 1 where they are no padding."""
    tensors = [torch.tensor(list(sequence), dtype=torch.long) for sequence in sequences]
    ids = pad_sequence(tensors, batch_first=True, padding_value=pad, padding_side=side)
    mask = pad_sequence([torch.ones_like(x) for x in tensors], batch_first=True, padding_side=side)
    return (ids, mask) if ids.shape[1] else (ids.new_full((len(ids), 1), pad), ids.new_zeros(len(ids), 1))


def select_completions(
    prompts: PromptBatch, completions: CompletionBatch, indices: Tensor
) -> tuple[PromptBatch, CompletionBatch]:
    """The completions at `indices` and the prompts that they follow, without the columns T that only others need."""
    indices = indices.to(completions.ids.device)
    used, prompt_index = torch.unique(completions.prompt_index[indices], return_inverse=True)
    width = max(1, int(completions.mask[indices].sum(-1).max()))
    of_prompts = None if prompts.frozen_states is None else prompts.frozen_states[used]
    of_completions = None if completions.frozen_states is None else completions.frozen_states[indices, :width]
    selected = CompletionBatch(
        completions.ids[indices, :width], completions.mask[indices, :width], prompt_index, of_completions
    )
    return PromptBatch(prompts.ids[used], prompts.mask[used], of_prompts), selected
