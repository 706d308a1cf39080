"""The type of numbers that a processor computes with quickly.

Processors without matrix products in bfloat16, such as x86 without AVX-512, take several times as long for one as in
float32. There, weights in bfloat16 are widened: they keep their values, and take twice the room.
"""

from __future__ import annotations

import functools
from typing import Any

import torch

_LARGEST = 8 * 2**30
"""Bytes of weights in float32 from which on they are left as they are: there may be no room for them."""


def widen_where_faster(model: Any) -> Any:
    """`model`, with its weights in float32 if they are in bfloat16, on a CPU that is slow at it."""
    slow = model.dtype == torch.bfloat16 and not has_bfloat16_products()
    fits = model.num_parameters() * torch.float32.itemsize <= _LARGEST
    return model.float() if slow and fits and not getattr(model, "is_quantized", False) else model


@functools.cache
def has_bfloat16_products() -> bool:
    """Whether this build of PyTorch, on this processor, multiplies matrices in bfloat16 without emulating it."""
    try:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    except (AttributeError, RuntimeError):
        return False
