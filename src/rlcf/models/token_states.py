"""What a language model computes at each token of completions: a hidden state, and the token's log-probability.

A prompt is computed once for all completions that follow it. Completions are computed one by one: a state must not
depend on the others of a batch, not even in its last bit, for a resumed run reads completions in other batches.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from rlcf.models.batches import encode_completions, prompt_ids

MAX_PROMPT, MAX_COMPLETION = 1024, 256
"""Tokens. Of a longer prompt the last ones are read, of a longer completion the first ones."""


@dataclass(frozen=True, slots=True)
class TokenStates:
    """One completion as a model reads it."""

    states: Tensor
    """(T, H) hidden states of the layer asked for, as unit vectors, on the model's device."""
    log_probs: Tensor
    """(T,) log-probability of each token after the prompt and the tokens before it, in nats, on the CPU."""


class TokenReader:
    """A causal language model that only reads.

    Args:
        model: opens the model for inference; one that is being trained opens it as it was.
        layer: which layer's states, as a share of the depth, from 0 (the embeddings) to 1 (the last layer).
    """

    def __init__(self, model: Callable[[], AbstractContextManager[Any]], tokenizer: Any, layer: float) -> None:
        self._model, self._tokenizer, self._layer = model, tokenizer, layer

    @torch.no_grad()
    def read(self, prompt: str, completions: Sequence[str]) -> list[TokenStates]:
        """The states of completions of one prompt. An empty one is read as the end of the text."""
        shown = prompt_ids(self._tokenizer, prompt)[-MAX_PROMPT:]
        written = encode_completions(
            self._tokenizer, [prompt] * len(completions), completions, [False] * len(completions)
        )
        with self._model() as model:
            start = DynamicCache(config=model.config)
            if len(shown) > 1:
                model(input_ids=_row(shown[:-1], model), past_key_values=start, use_cache=True, logits_to_keep=1)
            return [
                self._read(
                    model, copy.deepcopy(start), shown[-1], ids[:MAX_COMPLETION] or [self._tokenizer.eos_token_id]
                )
                for ids in written
            ]

    def _read(self, model: Any, cache: DynamicCache, before: int, ids: Sequence[int]) -> TokenStates:
        """One completion, after a cache that holds the prompt but for its last token, `before`."""
        inputs = _row([before, *ids], model)
        output = model(input_ids=inputs, past_key_values=cache, use_cache=True, output_hidden_states=True)
        layers = output.hidden_states  # the embeddings, and the output of each layer
        states = layers[round(self._layer * (len(layers) - 1))][0, 1:]
        log_probs = torch.log_softmax(output.logits[0, :-1].float(), -1).gather(-1, inputs[0, 1:, None])[:, 0]
        return TokenStates(torch.nn.functional.normalize(states.float(), dim=-1).to(states.dtype), log_probs.cpu())


def _row(ids: Sequence[int], model: Any) -> Tensor:
    return torch.tensor([list(ids)], device=model.device)
