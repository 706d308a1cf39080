"""The log-probability that a decoder-only model gives to each token of completions that are already there.

Each prompt is computed once, and its keys and values are shared by the completions that follow it. The first forward
pass reads all tokens of a prompt but the last. The second starts with that token, so that every position of its output
predicts one completion token. Frozen layers run once an update (`frozen_layers.py`), the output layer only where there
is a token to predict (`head.py`).
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from rlcf.models.batches import CompletionBatch, PromptBatch, select_completions
from rlcf.models.frozen_layers import FrozenLayers, UpperCache, find_frozen_layers
from rlcf.models.head import from_logits, token_log_probs
from rlcf.models.kind import LogProbModel, TokenLogProbs

_CAPTURED = 64
"""Completions that the frozen layers compute at a time."""
_CAPTURED_ON_GPU = 512
"""The same on a GPU."""


class CausalLogProbs(LogProbModel):
    """Log-probabilities of one causal language model of transformers, with or without adapter layers in it."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.decoder = model.get_decoder()
        self.head = model.get_output_embeddings()

    @cached_property
    def frozen_layers(self) -> FrozenLayers | None:
        """See `find_frozen_layers`."""
        return find_frozen_layers(self.decoder, self.model.config)

    @cached_property
    def has_plain_head(self) -> bool:
        """Whether logits are the output layer of the last hidden state, and nothing else is done to them."""
        if self.head is None or self.decoder is self.model:
            return False
        some = torch.arange(4, device=self.model.device)[None]
        with torch.no_grad():
            hidden = self.decoder(input_ids=some, use_cache=False).last_hidden_state
            return torch.equal(self.head(hidden), self.model(input_ids=some, use_cache=False).logits)

    @torch.no_grad()
    def with_frozen_states(
        self, prompts: PromptBatch, completions: CompletionBatch
    ) -> tuple[PromptBatch, CompletionBatch]:
        if self.frozen_layers is None:
            return prompts, completions
        width, dtype, device = self.model.config.hidden_size, self.model.dtype, self.model.device
        shown, written = prompts.ids[:, :-1], completions.ids
        of_prompts, of_completions = (
            torch.zeros(*x.shape, width, dtype=dtype, device=device) for x in (shown, written)
        )
        count = _CAPTURED_ON_GPU if shown.is_cuda else _CAPTURED
        for indices in torch.split(torch.arange(len(written), device=device), count):
            with self.frozen_layers.capture() as states:
                some, part = select_completions(prompts, completions, indices)
                self._read(self.decoder, some, part)
            of_completions[indices, : part.ids.shape[1]] = states.pop()
            if states:
                of_prompts[torch.unique(completions.prompt_index[indices])] = states.pop()
        return replace(prompts, frozen_states=of_prompts), replace(completions, frozen_states=of_completions)

    def log_probs(
        self, prompts: PromptBatch, completions: CompletionBatch, temperature: float, with_entropy: bool
    ) -> TokenLogProbs:
        counted = completions.mask.bool()
        ids = completions.ids[counted]
        if self.has_plain_head:
            hidden = self.hidden(prompts, completions).last_hidden_state
            chosen, entropy = token_log_probs(hidden[counted], self.head, ids, temperature, with_entropy)
        else:
            output = self._read(self.model, prompts, completions, output_hidden_states=True)
            hidden = output.hidden_states[-1]
            chosen, entropy = from_logits(output.logits[counted], ids, temperature, with_entropy)
        of_each = None if entropy is None else spread(entropy, counted)
        return TokenLogProbs(spread(chosen, counted), of_each, hidden.detach().float())

    def hidden(self, prompts: PromptBatch, completions: CompletionBatch, **wanted: bool) -> Any:
        """The decoder's output at the positions that predict each completion token."""
        return self._read(self.decoder, prompts, completions, **wanted)

    def _read(self, model: Any, prompts: PromptBatch, completions: CompletionBatch, **wanted: bool) -> Any:
        """The output of `model`, the whole one or its decoder, at the positions that predict each completion token."""
        prompt_index = completions.prompt_index
        inputs = torch.cat([prompts.ids[prompt_index, -1:], completions.ids[:, :-1]], dim=1)
        offsets = torch.arange(inputs.shape[1], device=inputs.device)
        frozen = self.frozen_layers
        depth = 0 if frozen is None or completions.frozen_states is None else frozen.depth
        cache = UpperCache(self.model.config, depth)
        if prompts.ids.shape[1] > 1:
            shown, mask, positions = (x[:, :-1] for x in (prompts.ids, prompts.mask, prompts.positions))
            with self._given(prompts.frozen_states):
                self.decoder(
                    input_ids=shown, attention_mask=mask, position_ids=positions, past_key_values=cache, use_cache=True
                )
            cache.batch_select_indices(prompt_index)
        with self._given(completions.frozen_states):
            return model(
                input_ids=inputs,
                attention_mask=torch.cat([prompts.mask[prompt_index], completions.mask[:, :-1]], dim=1),
                position_ids=(prompts.lengths[prompt_index] - 1)[:, None] + offsets[None, :],
                past_key_values=cache,
                use_cache=True,
                **wanted,
            )

    def _given(self, states: Tensor | None) -> AbstractContextManager[None]:
        return nullcontext() if states is None or self.frozen_layers is None else self.frozen_layers.given(states)


def spread(values: Tensor, counted: Tensor) -> Tensor:
    """(N,) values to their places in (B, T), 0 elsewhere."""
    return values.new_zeros(counted.shape).masked_scatter(counted, values)
