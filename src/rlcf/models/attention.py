"""Attention on the CPU that does not copy keys and values for each query head.

With grouped queries (Ainslie et al., 2023, arXiv 2305.13245) several query heads read one key/value head. Transformers'
plain attention first repeats keys and values for every query head, which at each decoded token copies the whole cache;
its fused kernel is slow in bfloat16 on CPUs. Here the query heads of a group are rows of one matrix product.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import eager_mask

from rlcf.errors import ModelError

GROUPED = "rlcf_grouped"


def grouped_attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    softcap: float | None = None,
    s_aux: Tensor | None = None,
    position_bias: Tensor | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Scaled dot-product attention.

    Axes: B sequences, Q query heads, K key/value heads, L query positions, S key positions, D head width.

    Args:
        query: (B, Q, L, D), where Q is a multiple of K.
        key: (B, K, S, D). value: the same.
        attention_mask: (B, 1, L, S) added to the scores, or `None`.
        position_bias: (1, Q, L, S) added to the scores, of models of the T5 family.

    Returns:
        (B, L, Q, D), and `None` for the attention weights.
    """
    if s_aux is not None:
        raise ModelError("models with attention sinks (such as gpt-oss) are not supported on the CPU")
    sequences, heads, length, width = query.shape
    groups = key.shape[1]
    scale = width**-0.5 if scaling is None else scaling
    grouped = (query * scale).reshape(sequences, groups, heads // groups * length, width)
    scores = (grouped @ key.transpose(-1, -2)).view(sequences, groups, heads // groups, length, -1)
    if softcap is not None:
        scores = torch.tanh(scores / softcap) * softcap
    if position_bias is not None:
        scores = scores + position_bias.view(1, groups, heads // groups, length, -1)
    if attention_mask is not None:
        scores = scores + attention_mask[:, :, None, :, : key.shape[2]]
    weights = torch.softmax(scores, dim=-1, dtype=torch.float32).to(query.dtype)
    if dropout and module.training:
        weights = torch.nn.functional.dropout(weights, dropout)
    mixed = weights.view(sequences, groups, -1, weights.shape[-1]) @ value
    return mixed.view(sequences, heads, length, width).transpose(1, 2).contiguous(), None


def additive_mask(seen: Tensor, dtype: torch.dtype) -> Tensor:
    """What attention adds to its scores: 0 where `seen` is true, the least number elsewhere."""
    return torch.zeros(seen.shape, dtype=dtype, device=seen.device).masked_fill(~seen, torch.finfo(dtype).min)


AttentionInterface.register(GROUPED, grouped_attention)
AttentionMaskInterface.register(GROUPED, eager_mask)
