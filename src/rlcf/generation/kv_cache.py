"""Keys and values of a batch that grows by one token a step and loses rows on the way.

Transformers' own cache copies all keys and values at every step, to append one token, and again when a row leaves the
batch. Decoding is bound by memory: these copies were a quarter of its time. Here there is room for a block of tokens
at a time. Attention sees the whole block, and the mask hides what has not been written yet: a slice of it would be
copied as well, for matrix products want their operands dense.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

_BLOCK = 32


class BlockLayer(DynamicLayer):  # type: ignore[misc]
    """One layer's keys and values, with zeros behind them.

    Args:
        layer: what the prompts left.
        owner: (B) the row of `layer` that each row starts from.
    """

    def __init__(self, layer: DynamicLayer, owner: Tensor) -> None:
        super().__init__()
        self.dtype, self.device = layer.dtype, layer.device
        self.length = layer.keys.shape[-2]
        self.keys, self.values = (_with_room(x, owner) for x in (layer.keys, layer.values))
        self.is_initialized = True

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Takes in one more token for each row."""
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
        """Keeps the rows `indices`, in that order. Only rows that change their place are copied."""
        places = torch.arange(len(indices), device=indices.device)
        moved = places[indices != places]
        for x in (self.keys, self.values):
            x[moved] = x[indices[moved]]
        self.keys, self.values = self.keys[: len(indices)], self.values[: len(indices)]


def continue_from(cache: DynamicCache, owner: Tensor) -> None:
    """Gives each row of a batch the keys and values of its prompt, in place.

    Layers of another kind, such as those of a sliding window, stay transformers' own.
    """
    for i, layer in enumerate(cache.layers):
        if type(layer) is DynamicLayer:
            cache.layers[i] = BlockLayer(layer, owner)
        else:
            layer.batch_select_indices(owner)


def close_ranks(alive: list[int]) -> list[int]:
    """The rows `alive`, ascending, in an order in which as few as can be change their place.

    The last ones fill the places of those that have ended.
    """
    kept = [i for i in alive if i < len(alive)]
    moving = iter(alive[len(kept) :])
    staying = set(kept)
    return [i if i in staying else next(moving) for i in range(len(alive))]


def _with_room(x: Tensor, owner: Tensor | None = None) -> Tensor:
    """(P, K, S, D) → (B, K, S', D) with room for a block of tokens more; without `owner`, B is P."""
    rows, heads, length, width = x.shape
    roomy = x.new_zeros(rows if owner is None else len(owner), heads, length + _BLOCK, width)
    roomy[:, :, :length] = x if owner is None else x[owner]
    return roomy
