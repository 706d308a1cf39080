"""How an encoder-decoder reads completions and writes them: each prompt is encoded once for all that follow it.

So are the keys and values of the decoder's attention to it (cross-attention). A first pass gives the decoder the tokens
that its text begins with, one row for each prompt: it fills the cache, and predicts the first token of each completion.
A second pass, or one for each token that is sampled, goes on from there with one row for each completion.

Padding needs no positions: models of the T5 family know relative ones only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import torch
from peft.tuners.lora import LoraLayer
from torch import Tensor
from transformers import DynamicCache, EncoderDecoderCache
from transformers.modeling_outputs import BaseModelOutput

from rlcf.errors import ModelError
from rlcf.models.batches import CompletionBatch, PromptBatch, pad_completions, pad_prompts
from rlcf.models.frozen_layers import replaced
from rlcf.models.head import token_log_probs
from rlcf.models.kind import Continuation, LogProbModel, StateReader, TokenLogProbs, TokenStates
from rlcf.models.kv_cache import continue_from, share_prompts
from rlcf.models.log_probs import spread

_TOGETHER = 32
"""Completions whose states are read at a time."""


class _Decoding:
    """The decoder's passes over one batch. After the first, `output` is that of the prompts' last tokens.

    Args:
        start: the decoder's start token, with which the decoder's part of each prompt begins.
    """

    def __init__(self, model: Any, start: int, prompts: PromptBatch) -> None:
        self.model = model
        columns, begins = _columns(prompts, start)
        self._read_mask = prompts.mask * (columns < begins)
        states = prompts.frozen_states
        if states is None:
            states = _encoded(model, start, prompts)
        self._shape = states.shape[1:]
        config = model.get_decoder().config
        self.cache = EncoderDecoderCache(DynamicCache(config=config), DynamicCache(config=config))
        first = int(begins.min())
        self._mask = (columns >= begins).long()[:, first:]
        self.output = self._forward(states, prompts.ids[:, first:])

    def follow(self, prompt_index: Tensor, growing: bool) -> None:
        """From now on there is one row for each element of `prompt_index` (B,).

        Args:
            growing: tokens come one at a time. Else all of them come in one pass, through which gradients flow.
        """
        self._read_mask, self._mask = self._read_mask[prompt_index], self._mask[prompt_index]
        if growing:
            continue_from(self.cache.self_attention_cache, prompt_index)
            share_prompts(self.cache.cross_attention_cache, prompt_index)
        else:
            self.cache.batch_select_indices(prompt_index)

    def keep(self, places: Tensor) -> None:
        """Goes on with the rows at `places`, which take up no more room than before."""
        self._read_mask, self._mask = self._read_mask[places], self._mask[places]
        self.cache.batch_select_indices(places)

    def read(self, ids: Tensor, mask: Tensor, **wanted: bool) -> Any:
        """The output at the tokens `ids` (B, L), which come after those before. `mask` is 0 at padding."""
        self._mask = torch.cat([self._mask, mask], dim=1)
        # Keys and values of the prompts are in the cache: of their states only the shape is still asked for.
        states = torch.zeros((), dtype=self.model.dtype, device=ids.device).expand(len(ids), *self._shape)
        return self._forward(states, ids, **wanted)

    def _forward(self, states: Tensor, ids: Tensor, **wanted: bool) -> Any:
        return self.model(
            encoder_outputs=BaseModelOutput(last_hidden_state=states),
            attention_mask=self._read_mask,
            decoder_input_ids=ids,
            decoder_attention_mask=self._mask,
            past_key_values=self.cache,
            use_cache=True,
            **wanted,
        )


def _columns(prompts: PromptBatch, start: int) -> tuple[Tensor, Tensor]:
    """(S,) the numbers of the columns; (P, 1) that in which the decoder's part begins: the last start token's."""
    columns = torch.arange(prompts.ids.shape[1], device=prompts.ids.device)
    found = torch.where((prompts.ids == start) & prompts.mask.bool(), columns, -1).amax(-1)
    if bool((found <= prompts.ids.shape[1] - prompts.lengths).any()):
        raise ModelError("a prompt without the decoder's start token, or nothing before it: it is no encoder-decoder's")
    return columns, found[:, None]


def _encoded(model: Any, start: int, prompts: PromptBatch) -> Tensor:
    """(P, S, H) the encoder's output. What the decoder is given is padding to it, and its output there is not used."""
    columns, begins = _columns(prompts, start)
    mask = prompts.mask * (columns < begins)
    states: Tensor = model.get_encoder()(input_ids=prompts.ids, attention_mask=mask).last_hidden_state
    return states


class CrossContinuation(Continuation):
    """See `Continuation`."""

    def __init__(self, model: Any, start: int, prompts: PromptBatch, prompt_index: Tensor) -> None:
        self._decoding = _Decoding(model, start, prompts)
        self.logits = self._decoding.output.logits[:, -1][prompt_index]
        self._decoding.follow(prompt_index, growing=True)

    def keep(self, places: Tensor) -> None:
        self._decoding.keep(places)

    def step(self, tokens: Tensor) -> None:
        ids = tokens[:, None]
        self.logits = self._decoding.read(ids, torch.ones_like(ids)).logits[:, -1]


class CrossLogProbs(LogProbModel):
    """Log-probabilities of one encoder-decoder of transformers, with or without adapter layers in it.

    Args:
        start: the decoder's start token.
    """

    def __init__(self, model: Any, start: int) -> None:
        self.model, self.start = model, start
        self.head = model.get_output_embeddings()

    @cached_property
    def encoder_is_frozen(self) -> bool:
        """Whether training leaves the encoder as it is: with an adapter on layers of the decoder only."""
        encoder = self.model.get_encoder()
        adapted = any(isinstance(module, LoraLayer) for module in encoder.modules())
        return not adapted and not any(p.requires_grad for p in encoder.parameters())

    @torch.no_grad()
    def with_frozen_states(
        self, prompts: PromptBatch, completions: CompletionBatch
    ) -> tuple[PromptBatch, CompletionBatch]:
        """A frozen encoder runs once an update."""
        if not self.encoder_is_frozen:
            return prompts, completions
        return replace(prompts, frozen_states=_encoded(self.model, self.start, prompts)), completions

    def log_probs(
        self, prompts: PromptBatch, completions: CompletionBatch, temperature: float, with_entropy: bool
    ) -> TokenLogProbs:
        counted = completions.mask.bool()
        hidden = self._hidden(prompts, completions)
        chosen, entropy = token_log_probs(
            hidden[counted], self.head, completions.ids[counted], temperature, with_entropy
        )
        of_each = None if entropy is None else spread(entropy, counted)
        return TokenLogProbs(spread(chosen, counted), of_each, hidden.detach().float())

    def _hidden(self, prompts: PromptBatch, completions: CompletionBatch) -> Tensor:
        """(B, T, H) what the output layer multiplies: T5 scales it, later models do not."""
        prompt_index, ids, mask = completions.prompt_index, completions.ids, completions.mask
        with replaced([self.head], lambda hidden: hidden):
            decoding = _Decoding(self.model, self.start, prompts)
            first: Tensor = decoding.output.logits[:, -1:][prompt_index]
            if ids.shape[1] == 1:
                return first
            decoding.follow(prompt_index, growing=False)
            return torch.cat([first, decoding.read(ids[:, :-1], mask[:, :-1]).logits], dim=1)


class CrossStateReader(StateReader):
    """The states are the decoder's; see `StateReader`.

    Args:
        start: the decoder's start token.
    """

    def __init__(self, start: int, pad: int) -> None:
        self._start, self._pad = start, pad

    def read(
        self, model: Any, shown: Sequence[int], written: Sequence[Sequence[int]], layer: float
    ) -> list[TokenStates]:
        prompts = pad_prompts([shown], self._pad, model.device)
        parts = [written[i : i + _TOGETHER] for i in range(0, len(written), _TOGETHER)]
        return [states for part in parts for states in self._read(model, prompts, part, layer)]

    def _read(
        self, model: Any, prompts: PromptBatch, written: Sequence[Sequence[int]], layer: float
    ) -> list[TokenStates]:
        batch = pad_completions(written, [0] * len(written), self._pad, model.device)
        decoding = _Decoding(model, self._start, prompts)
        first = decoding.output.logits[:, -1:][batch.prompt_index]
        decoding.follow(batch.prompt_index, growing=False)
        output = decoding.read(batch.ids, batch.mask, output_hidden_states=True)
        layers = output.decoder_hidden_states  # the embeddings, and the output of each layer
        states = torch.nn.functional.normalize(layers[round(layer * (len(layers) - 1))].float(), dim=-1).cpu()
        log_all = torch.log_softmax(torch.cat([first, output.logits[:, :-1]], dim=1).float(), dim=-1)
        log_probs = log_all.gather(-1, batch.ids[..., None])[..., 0].cpu()
        return [
            TokenStates(one[: len(ids)].to(model.dtype), of_tokens[: len(ids)])
            for ids, one, of_tokens in zip(written, states, log_probs, strict=True)
        ]
