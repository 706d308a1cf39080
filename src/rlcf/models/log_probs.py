"""What a model says of completions that are already there: the log-probability of each token.

Each prompt runs once and its keys and values are shared by the completions it owns. All but a prompt's last token are
read in the first pass; the second starts with that token, so that every position of its output predicts one completion
token. Layers below the first one that learns run once an update (`trunk.py`), the output layer only where there is a
token to predict (`head.py`).
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from rlcf.models.batches import CompletionBatch, PromptBatch, select_rows
from rlcf.models.frozen_layers import Trunk, UpperCache, find_trunk
from rlcf.models.head import from_logits, token_log_probs

_TRUNK_ROWS = 64
"""Completions whose way through the lower layers is computed at once."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What the model says of each completion token, at the temperature asked for."""

    log_probs: Tensor
    """(B, T) log-probability of each token, in nats; 0 at padding."""
    entropy: Tensor | None
    """(B, T) entropy of the distribution that each token was drawn from, in nats; 0 at padding. Only on demand."""
    hidden: Tensor
    """(B, T, H) last hidden state that each token was predicted from, in float32, detached."""


class Scorer:
    """Scores completions with one causal language model of transformers, with or without adapter layers in it."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.decoder = model.get_decoder()
        self.head = model.get_output_embeddings()

    @cached_property
    def trunk(self) -> Trunk | None:
        """What the lower layers share, or `None`."""
        return find_trunk(self.decoder, self.model.config)

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
    def with_trunk(self, prompts: PromptBatch, completions: CompletionBatch) -> tuple[PromptBatch, CompletionBatch]:
        """The same batches with what the lower layers make of them, where these are shared at all."""
        if self.trunk is None:
            return prompts, completions
        width, dtype, device = self.model.config.hidden_size, self.model.dtype, self.model.device
        shown, written = prompts.ids[:, :-1], completions.ids
        of_prompts, of_completions = (
            torch.zeros(*x.shape, width, dtype=dtype, device=device) for x in (shown, written)
        )
        for rows in torch.split(torch.arange(len(written), device=device), _TRUNK_ROWS):
            with self.trunk.capture() as states:
                some, part = select_rows(prompts, completions, rows)
                self._read(self.decoder, some, part)
            of_completions[rows, : part.ids.shape[1]] = states.pop()
            if states:
                of_prompts[torch.unique(completions.owner[rows])] = states.pop()
        return replace(prompts, trunk=of_prompts), replace(completions, trunk=of_completions)

    def score(
        self, prompts: PromptBatch, completions: CompletionBatch, temperature: float, with_entropy: bool
    ) -> Scores:
        """See `Policy.score`."""
        counted = completions.mask.bool()
        ids = completions.ids[counted]
        if self.has_plain_head:
            hidden = self._read(self.decoder, prompts, completions).last_hidden_state
            chosen, entropy = token_log_probs(hidden[counted], self.head, ids, temperature, with_entropy)
        else:
            output = self._read(self.model, prompts, completions, output_hidden_states=True)
            hidden = output.hidden_states[-1]
            chosen, entropy = from_logits(output.logits[counted], ids, temperature, with_entropy)
        spread = None if entropy is None else _spread(entropy, counted)
        return Scores(_spread(chosen, counted), spread, hidden.detach().float())

    def _read(self, model: Any, prompts: PromptBatch, completions: CompletionBatch, **wanted: bool) -> Any:
        """The output of `model`, the whole one or its decoder, at the positions that predict each completion token."""
        owner = completions.owner
        inputs = torch.cat([prompts.ids[owner, -1:], completions.ids[:, :-1]], dim=1)
        offsets = torch.arange(inputs.shape[1], device=inputs.device)
        depth = 0 if self.trunk is None or completions.trunk is None else self.trunk.depth
        cache = UpperCache(self.model.config, depth)
        if prompts.ids.shape[1] > 1:
            with self._given(prompts.trunk):
                self.decoder(
                    input_ids=prompts.ids[:, :-1],
                    attention_mask=prompts.mask[:, :-1],
                    position_ids=prompts.positions[:, :-1],
                    past_key_values=cache,
                    use_cache=True,
                )
            cache.batch_select_indices(owner)
        with self._given(completions.trunk):
            return model(
                input_ids=inputs,
                attention_mask=torch.cat([prompts.mask[owner], completions.mask[:, :-1]], dim=1),
                position_ids=(prompts.lengths[owner] - 1)[:, None] + offsets[None, :],
                past_key_values=cache,
                use_cache=True,
                **wanted,
            )

    def _given(self, states: Tensor | None) -> AbstractContextManager[None]:
        return nullcontext() if states is None or self.trunk is None else self.trunk.given(states)


def _spread(values: Tensor, counted: Tensor) -> Tensor:
    """(N,) values to their places in (B, T), 0 elsewhere."""
    return values.new_zeros(counted.shape).masked_scatter(counted, values)
