"""How a decoder-only model reads several completions of one prompt.

A prompt and the completions that follow it are one sequence, in which no completion sees another: matrix products of
hundreds of tokens take half the time of those of a few at a time. In its last digits a state depends on which
completions are read together, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor

from rlcf.models.attention import additive_mask
from rlcf.models.batches import CompletionBatch, PromptBatch, pad_completions, pad_prompts, select_completions
from rlcf.models.head import token_log_probs
from rlcf.models.kind import StateReader, TokenStates
from rlcf.models.log_probs import CausalLogProbs

_TOGETHER = 1024
"""Tokens of completions in one sequence: memory grows with their square."""
_BATCH = 256
"""Completions in a batch on a GPU, which keeps the states of all layers."""
_SAME = 0.99
"""Cosine of two states that differ by rounding only."""


class CausalStateReader(StateReader):
    """See `StateReader`.

    Args:
        other: a token that rarely begins a prompt, such as the end of the text.
    """

    def __init__(self, other: int) -> None:
        self._other = other
        self._together: bool | None = None
        """Whether the model can read several completions in one sequence; `None` until it has to."""
        self._batched: CausalLogProbs | None = None

    def read(
        self, model: Any, shown: Sequence[int], written: Sequence[Sequence[int]], layer: float
    ) -> list[TokenStates]:
        if self._together is None and len(written) > 1:
            self._together = _keeps_apart(model, [self._other, *shown])
        parts = _parts(written) if self._together else ([ids] for ids in written)
        return [states for part in parts for states in _read(model, shown, part, layer)]

    def read_all(
        self, model: Any, asked: Sequence[tuple[Sequence[int], Sequence[Sequence[int]]]], layer: float
    ) -> list[list[TokenStates]]:
        """See `StateReader`. On a GPU all are one batch: what costs there is to start a kernel."""
        if model.device.type == "cuda" and asked:
            plain = model.get_base_model() if isinstance(model, PeftModel) else model
            if self._batched is None or self._batched.model is not plain:
                self._batched = CausalLogProbs(plain)
            if self._batched.has_plain_head:
                return read_batch(self._batched, asked, self._other, layer)
        return super().read_all(model, asked, layer)


def read_batch(
    reader: CausalLogProbs, asked: Sequence[tuple[Sequence[int], Sequence[Sequence[int]]]], pad: int, layer: float
) -> list[list[TokenStates]]:
    """The states of completions of several prompts, read in padded batches; see `StateReader.read_all`."""
    prompts = pad_prompts([shown for shown, _ in asked], pad, reader.model.device)
    rows = [(i, [*ids, pad]) for i, (_, written) in enumerate(asked) for ids in written]
    completions = pad_completions([ids for _, ids in rows], [i for i, _ in rows], pad, reader.model.device)
    read: list[TokenStates] = []
    for part in torch.split(torch.arange(len(rows)), _BATCH):
        read += _batch_states(reader, *select_completions(prompts, completions, part), layer)
    of_all = iter(read)
    return [[next(of_all) for _ in written] for _, written in asked]


def _batch_states(
    reader: CausalLogProbs, prompts: PromptBatch, completions: CompletionBatch, layer: float
) -> list[TokenStates]:
    """Of completions that have a token more: at its place the model's state is that of the last of their own."""
    output = reader.hidden(prompts, completions, output_hidden_states=True)
    layers, mask = output.hidden_states, completions.mask[:, 1:].bool()
    states = torch.nn.functional.normalize(layers[round(layer * (len(layers) - 1))][:, 1:].float(), dim=-1)
    states = states.to(reader.model.dtype).cpu()
    chosen, _ = token_log_probs(output.last_hidden_state[:, :-1][mask], reader.head, completions.ids[:, :-1][mask], 1.0)
    lengths = mask.sum(-1).tolist()
    log_probs = torch.split(chosen.cpu(), lengths)
    return [TokenStates(states[i, :n], log_probs[i]) for i, n in enumerate(lengths)]


def _read(model: Any, shown: Sequence[int], written: Sequence[Sequence[int]], layer: float) -> list[TokenStates]:
    output = _forward(model, shown, written)
    layers = output.hidden_states  # the embeddings, and the output of each layer
    states = layers[round(layer * (len(layers) - 1))][0, len(shown) :].float()
    states = torch.nn.functional.normalize(states, dim=-1).to(model.dtype).cpu()
    logits, ids = output.logits[0].float(), torch.tensor([*chain(*written)], device=model.device)
    log_probs = logits.gather(-1, ids[:, None])[:, 0] - logits.logsumexp(-1)
    lengths = [len(ids) for ids in written]
    parts = zip(torch.split(states, lengths), torch.split(log_probs.cpu(), lengths), strict=True)
    return [TokenStates(*part) for part in parts]


def _forward(model: Any, shown: Sequence[int], written: Sequence[Sequence[int]]) -> Any:
    """The model's output for a prompt and the completions that follow it, with logits for the completions' tokens."""
    lengths, start = [len(ids) for ids in written], len(shown)
    ids = torch.tensor([[*shown, *chain(*written)]], device=model.device)
    options: dict[str, Any] = {"use_cache": False, "output_hidden_states": True}
    options["logits_to_keep"] = _before(lengths, start).to(model.device)
    if len(written) > 1:
        numbers = [0] * start + [n for n, length in enumerate(lengths, 1) for _ in range(length)]
        places = [*range(start), *(start + i for length in lengths for i in range(length))]
        options["attention_mask"] = _mask(torch.tensor(numbers, device=model.device), model.dtype)
        options["position_ids"] = torch.tensor([places], device=model.device)
    return model(input_ids=ids, **options)


def _keeps_apart(model: Any, ids: Sequence[int]) -> bool:
    """Whether a completion's states are those that it has alone. In a model with recurrent layers they are not.

    Args:
        ids: any tokens of which the first two make two completions.
    """
    first, second = [ids[0]] * 8, [ids[1]] * 8
    try:
        together, alone = (_forward(model, ids[:1], w).hidden_states[-1][0, -8:] for w in ([first, second], [second]))
    except (TypeError, ValueError, RuntimeError):  # no such mask or positions
        return False
    similarity = torch.nn.functional.cosine_similarity(together.float(), alone.float(), dim=-1)
    return bool((similarity > _SAME).all())


def _mask(number: Tensor, dtype: torch.dtype) -> Tensor:
    """(1, 1, L, L), added to attention's scores: a token sees the prompt, and of its own completion what precedes it.

    Args:
        number: (L) of the completion that a token belongs to, from 1; 0 for the prompt.
    """
    seen = ((number == 0) | (number == number[:, None])).tril()
    return additive_mask(seen, dtype)[None, None]


def _before(lengths: Sequence[int], start: int) -> Tensor:
    """Where the token before each of the completions' tokens stands: before a first one, the prompt's last."""
    before = torch.arange(start - 1, start - 1 + sum(lengths))
    firsts = torch.tensor([0, *lengths[:-1]]).cumsum(0)
    before[firsts] = start - 1
    return before


def _parts(written: Sequence[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
    """Completions that are read together: as many as fit, at least one."""
    part: list[Sequence[int]] = []
    for ids in written:
        if part and sum(map(len, part)) + len(ids) > _TOGETHER:
            yield part
            part = []
        part.append(ids)
    if part:
        yield part
