"""Keys and values of a batch of samples, each one token longer after every step, that leave it when they end.

Transformers' own cache copies all keys and values at every step, to append one token, and again when a sample leaves
the batch. Decoding is bound by memory: these copies were a quarter of its time. Here there is room for a block of
tokens at a time. Attention sees the whole block, and the mask hides what has not been written yet: a slice of it
would be copied as well, for matrix products need dense operands.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

_BLOCK = 32


class SampleLayer(DynamicLayer):  # type: ignore[misc]
    """One layer's keys and values of the prompts, for each sample; they get no more.

    Args:
        layer: keys and values of the prompts.
        prompt_index: (B) the prompt that each sample follows.
    """

    def __init__(self, layer: DynamicLayer, prompt_index: Tensor) -> None:
        super().__init__()
        self.dtype, self.device = layer.dtype, layer.device
        self.keys, self.values = layer.keys[prompt_index], layer.values[prompt_index]
        self.is_initialized = True

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keeps the samples at `indices`, in that order."""
        self.keys, self.values = _kept(self.keys, indices), _kept(self.values, indices)


class BlockLayer(DynamicLayer):  # type: ignore[misc]
    """One layer's keys and values, followed by zeros; `layer` and `prompt_index` as above."""

    def __init__(self, layer: DynamicLayer, prompt_index: Tensor) -> None:
        super().__init__()
        self.dtype, self.device = layer.dtype, layer.device
        self.length = layer.keys.shape[-2]
        self.keys, self.values = (_with_room(x, prompt_index) for x in (layer.keys, layer.values))
        self.is_initialized = True

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Appends one token to each sample."""
        if self.length == self.keys.shape[-2]:
            self.keys, self.values = _with_room(self.keys), _with_room(self.values)
        self.keys[:, :, self.length] = key_states[:, :, 0]
        self.values[:, :, self.length] = value_states[:, :, 0]
        self.length += 1
        return self.keys, self.values

    def get_seq_length(self) -> int:
        return int(self.length)

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        full = self.length + query_length > self.keys.shape[-2]
        return self.keys.shape[-2] + (_BLOCK if full else 0), 0

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keeps the samples at `indices`, in that order."""
        self.keys, self.values = _kept(self.keys, indices), _kept(self.values, indices)


def continue_from(cache: DynamicCache, prompt_index: Tensor) -> None:
    """Gives each sample of a batch the keys and values of its prompt, in place.

    Layers of another kind, such as those of a sliding window, stay transformers' own.
    """
    for i, layer in enumerate(cache.layers):
        if type(layer) is DynamicLayer:
            cache.layers[i] = BlockLayer(layer, prompt_index)
        else:
            layer.batch_select_indices(prompt_index)


def share_prompts(cache: DynamicCache, prompt_index: Tensor) -> None:
    """Gives each sample of a batch the keys and values of its prompt, which get no more, in place."""
    cache.layers = [SampleLayer(layer, prompt_index) for layer in cache.layers]


def compacted(active: list[int]) -> list[int]:
    """The indices `active`, given in ascending order, in an order in which as few samples as can be change their place.

    The last ones fill the places of those that have ended.
    """
    kept = [i for i in active if i < len(active)]
    moving = iter(active[len(kept) :])
    staying = set(kept)
    return [i if i in staying else next(moving) for i in range(len(active))]


def _kept(x: Tensor, indices: Tensor) -> Tensor:
    """The rows at `indices`, in place: only those that change their place are copied."""
    places = torch.arange(len(indices), device=indices.device)
    moved = places[indices != places]
    x[moved] = x[indices[moved]]
    return x[: len(indices)]


def _with_room(x: Tensor, prompt_index: Tensor | None = None) -> Tensor:
    """(P, K, S, D) → (B, K, S', D) with room for a block of tokens more; without `prompt_index`, B is P."""
    prompts, heads, length, width = x.shape
    roomy = x.new_zeros(prompts if prompt_index is None else len(prompt_index), heads, length + _BLOCK, width)
    roomy[:, :, :length] = x if prompt_index is None else x[prompt_index]
    return roomy
