"""Decoding on an NVIDIA GPU: the kernels of a step are recorded once, and replayed for each token.

Of a small model, starting the hundreds of kernels of a step from Python takes ten times as long as running them. A CUDA
graph starts them all at once. It needs tensors of one shape that stay where they are: keys and values have room for all
tokens from the start, and samples that have ended stay in the batch until half of it has.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from rlcf.models.attention import GROUPED, additive_mask
from rlcf.models.batches import PromptBatch
from rlcf.models.failures import is_out_of_memory
from rlcf.models.kind import Continuation

_UNRECORDABLE: set[type] = set()
"""Models that do in a step what a CUDA graph may not, such as to wait for a result; learnt from a first try."""
_MULTIPLE = 32
"""The number of places is a multiple of this: matrix products are faster."""


class RoomyLayer(DynamicLayer):  # type: ignore[misc]
    """One layer's keys and values, with room for those to come.

    Args:
        layer: keys and values of the prompts.
        prompt_index: (B) the prompt that each sample follows.
        width: how many places there are.
        place: (1) where the next token's go.
    """

    def __init__(self, layer: DynamicLayer, prompt_index: Tensor, width: int, place: Tensor) -> None:
        super().__init__()
        self.dtype, self.device, self._place = layer.dtype, layer.device, place
        self.keys, self.values = (_with_room(x, prompt_index, width) for x in (layer.keys, layer.values))
        self.is_initialized = True

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Writes one token's of each sample."""
        self.keys.index_copy_(2, self._place, key_states)
        self.values.index_copy_(2, self._place, value_states)
        return self.keys, self.values


class RecordedContinuation(Continuation):
    """See `Continuation`. Works on other devices too, where nothing is recorded.

    Axes: R rows, those of samples that have ended lately included; S places for keys and values.

    Args:
        limit: the most tokens that a sample gets.
    """

    def __init__(self, model: Any, prompts: PromptBatch, prompt_index: Tensor, limit: int) -> None:
        self._model = model
        self._cache = DynamicCache(config=model.config)
        output = self._forward(prompts.ids, prompts.mask, prompts.positions)
        self.logits = output[prompt_index]
        self._length = prompts.ids.shape[1]
        width = -(-(self._length + limit) // _MULTIPLE) * _MULTIPLE
        self._place = torch.tensor([self._length], device=prompts.ids.device)
        self._cache.layers = [RoomyLayer(layer, prompt_index, width, self._place) for layer in self._cache.layers]
        self._mask = _hidden(prompts, width, model.dtype)[prompt_index]  # (R, 1, 1, S), added to attention's scores
        self._position = prompts.lengths[prompt_index][:, None]
        self._ids = torch.zeros_like(self._position)
        self._rows = torch.arange(len(prompt_index), device=prompts.ids.device)
        self._step: _Recorded | None = None

    def keep(self, places: Tensor) -> None:
        self._rows = self._rows[places]
        if 2 * len(self._rows) > len(self._ids):
            return
        for layer in self._cache.layers:
            layer.keys, layer.values = layer.keys[self._rows], layer.values[self._rows]
        self._mask, self._position, self._ids = (x[self._rows] for x in (self._mask, self._position, self._ids))
        self._rows = torch.arange(len(self._rows), device=self._rows.device)
        self._step = None

    def step(self, tokens: Tensor) -> None:
        self._ids[self._rows, 0] = tokens
        self._mask[..., self._length] = 0
        if self._step is None:
            self._step = _Recorded(self._model, lambda: self._forward(self._ids, self._mask, self._position))
        self.logits = self._step()[self._rows]
        self._length += 1
        self._place += 1
        self._position += 1

    def _forward(self, ids: Tensor, mask: Tensor, positions: Tensor) -> Tensor:
        """(rows, V) logits at the last of `ids`."""
        cached = {"past_key_values": self._cache, "use_cache": True, "logits_to_keep": 1}
        logits: Tensor = self._model(input_ids=ids, attention_mask=mask, position_ids=positions, **cached).logits
        return logits[:, -1]


class _Recorded:
    """A step that runs once as it is, is then recorded, and replayed from there on."""

    def __init__(self, model: Any, step: Callable[[], Tensor]) -> None:
        self._model, self._step = model, step
        self._has_run = False
        self._graph: torch.cuda.CUDAGraph | None = None
        self._result: Tensor
        """Of a recorded step it is in the same place each time."""

    def __call__(self) -> Tensor:
        if self._graph is not None:
            self._graph.replay()
            return self._result
        with _grouped(self._model):
            if self._has_run and self._result.is_cuda and can_record(self._model):
                return self._record()
            self._has_run, self._result = True, self._step()
            return self._result

    def _record(self) -> Tensor:
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                self._result = self._step()
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise
            _UNRECORDABLE.add(type(self._model))
            return self._step()
        self._graph = graph
        graph.replay()
        return self._result


@contextlib.contextmanager
def _grouped(model: Any) -> Iterator[None]:
    """While open, the model attends without a copy of keys and values for each query head."""
    config = model.get_decoder().config
    before = config._attn_implementation
    config._attn_implementation = GROUPED
    try:
        yield
    finally:
        config._attn_implementation = before


def can_record(model: Any) -> bool:
    """Whether the model's steps are ones that can be recorded: each layer caches plain keys and values."""
    return type(model) not in _UNRECORDABLE and all(
        type(layer) is DynamicLayer for layer in DynamicCache(config=model.config).layers
    )


def _hidden(prompts: PromptBatch, width: int, dtype: torch.dtype) -> Tensor:
    """(P, 1, 1, S) 0 at the tokens of a prompt, the least number elsewhere."""
    seen = torch.nn.functional.pad(prompts.mask.bool(), (0, width - prompts.mask.shape[1]))
    return additive_mask(seen, dtype)[:, None, None]


def _with_room(x: Tensor, prompt_index: Tensor, width: int) -> Tensor:
    """(P, K, L, D) → (B, K, S, D), zeros behind the prompt."""
    _, heads, length, size = x.shape
    roomy = x.new_zeros(len(prompt_index), heads, width, size)
    roomy[:, :, :length] = x[prompt_index]
    return roomy
