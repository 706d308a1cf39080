"""The frozen layers below the first one that learns: the same for the policy, the reference model and every epoch.

With an adapter on the upper layers only, the output of the lower ones is computed once an update and kept.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from peft.tuners.lora import LoraLayer
from torch import Tensor, nn
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer


class FrozenLayers:
    """The lower layers of a causal language model that training does not change.

    Args:
        layers: all layers of the decoder, lowest first.
    """

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        self.layers = layers
        self.depth = next((i for i, layer in enumerate(layers) if _learns(layer)), 0)
        """How many layers are frozen."""

    @contextlib.contextmanager
    def capture(self) -> Iterator[list[Any]]:
        """While open, a forward pass runs the frozen layers only, and appends their output to the list."""
        outputs: list[Any] = []
        hook = self.layers[self.depth - 1].register_forward_hook(lambda _, __, output: outputs.append(output))
        try:
            with replaced(self.layers[self.depth :], lambda hidden, *_, **__: hidden):
                yield outputs
        finally:
            hook.remove()

    @contextlib.contextmanager
    def given(self, states: Tensor) -> Iterator[None]:
        """While open, `states` (B, T, H) replace the output of the frozen layers, which do not run."""
        with replaced(self.layers[: self.depth], lambda *_, **__: states):
            yield


class UpperCache(DynamicCache):  # type: ignore[misc]
    """A cache whose frozen layers stay empty: in their place the first layer above them gives lengths and sizes."""

    def __init__(self, config: Any, depth: int) -> None:
        super().__init__(config=config)
        self.depth = depth

    def get_seq_length(self, layer_idx: int = 0) -> int:
        return int(super().get_seq_length(max(layer_idx, self.depth)))

    def get_mask_sizes(self, query_length: int, layer_idx: int) -> tuple[int, int]:
        length, offset = super().get_mask_sizes(query_length, max(layer_idx, self.depth))
        return int(length), int(offset)


def find_frozen_layers(decoder: Any, config: Any) -> FrozenLayers | None:
    """The frozen layers; `None` where there are none, or the architecture does not allow to leave them out.

    Each layer has to return a plain tensor and to cache plain keys and values: with a sliding window, layers need
    different masks.
    """
    layers = getattr(decoder, "layers", None)
    if not isinstance(layers, nn.ModuleList) or decoder.get_input_embeddings().weight.requires_grad:
        return None
    frozen = FrozenLayers(list(layers))
    plain_cache = all(type(layer) is DynamicLayer for layer in DynamicCache(config=config).layers)
    return frozen if frozen.depth and plain_cache and _returns_tensors(decoder, layers[0]) else None


def _returns_tensors(decoder: Any, layer: nn.Module) -> bool:
    outputs: list[Any] = []
    hook = layer.register_forward_hook(lambda _, __, output: outputs.append(output))
    with torch.no_grad():
        decoder(input_ids=torch.zeros(1, 1, dtype=torch.long, device=decoder.device), use_cache=False)
    hook.remove()
    return isinstance(outputs[0], Tensor)


def _learns(layer: nn.Module) -> bool:
    has_adapter = any(isinstance(module, LoraLayer) for module in layer.modules())
    return has_adapter or any(p.requires_grad for p in layer.parameters())


@contextlib.contextmanager
def replaced(layers: Sequence[nn.Module], forward: Any) -> Iterator[None]:
    """While open, `forward` replaces the forward pass of each of `layers`."""
    before = [vars(layer).get("forward") for layer in layers]
    for layer in layers:
        layer.forward = forward
    try:
        yield
    finally:
        for layer, old in zip(layers, before, strict=True):
            if old is None:
                del layer.forward
            else:
                layer.forward = old
