"""Weights of linear layers, laid out as the CPU's matrix products read them.

PyTorch lays out a weight in bfloat16 anew for every product with it. While samples are decoded a product has few rows,
and this takes about a quarter of its time. Packed once, a weight serves all steps of a batch.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from rlcf.models.failures import is_out_of_memory
from rlcf.models.precision import has_bfloat16_products

_FEW_ROWS = 128
"""Products with more rows gain nothing, and their sums may be rounded in another way."""
_LARGEST = 2 * 2**30
"""Bytes of weights from which on they are left as they are: packed ones are a second copy."""


@contextlib.contextmanager
def packed_weights(model: Any) -> Iterator[None]:
    """While it is open, the linear layers of `model` compute with packed weights, without gradients.

    The weights must not change meanwhile. Models on another device or of another type are left as they are, as are
    those on processors without products in bfloat16, and those for whose second copy there is no room. Results are the
    same to within rounding.
    """
    layers = [layer for layer in model.modules() if type(layer) is nn.Linear and _is_packable(layer)]
    try:
        for layer, packed in zip(layers, _all_packed(layers), strict=False):
            layer.forward = functools.partial(_forward, layer, packed)  # type: ignore[method-assign]
        yield
    finally:
        for layer in layers:
            vars(layer).pop("forward", None)


def _is_packable(layer: nn.Linear) -> bool:
    is_wrapped = "forward" in vars(layer)  # by a library that moves weights between devices
    return layer.weight.device.type == "cpu" and layer.weight.dtype == torch.bfloat16 and not is_wrapped


def _all_packed(layers: Sequence[nn.Linear]) -> list[Tensor]:
    """The weights of all layers, or none."""
    if not layers or sum(layer.weight.nbytes for layer in layers) > _LARGEST or not _can_pack():
        return []
    try:
        return [_packed(layer.weight) for layer in layers]
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return []


def _forward(layer: nn.Linear, packed: Tensor, x: Tensor) -> Tensor:
    """(…, I) → (…, O)."""
    if x.shape[:-1].numel() > _FEW_ROWS:
        return nn.functional.linear(x, layer.weight, layer.bias)
    return _product(packed, layer.bias, x)


@functools.cache
def _can_pack() -> bool:
    """Whether this build of PyTorch, on this processor, has the operations."""
    if not has_bfloat16_products():
        return False
    try:
        one = torch.ones(1, 1, dtype=torch.bfloat16)
        return bool(_product(_packed(one), None, one) == one)
    except (AttributeError, RuntimeError):
        return False


def _packed(weight: Tensor) -> Tensor:
    packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.detach())
    return packed


def _product(packed: Tensor, bias: Tensor | None, x: Tensor) -> Tensor:
    product: Tensor = torch.ops.mkldnn._linear_pointwise(x, packed, bias, "none", [], "")
    return product
