"""From hidden states to the log-probabilities of the tokens that were drawn, without keeping the logits.

Over a vocabulary of 50,000, logits and their gradient are by far the largest tensors of a training step, and reading
and writing them in float32 costs more than computing them. Here they are made for a few tokens at a time, while the
processor's cache still holds them, and the gradient with respect to the hidden state is taken on the way: for one
token it is

    ∂ log p(y) / ∂h  =  Wᵀ (onehot(y) − p) / τ

so the backward pass has only to scale it. (The same order of work as in Liger Kernel, arXiv 2410.10989, section 3.2.)
"""

from typing import Any

import torch
from torch import Tensor, nn

_TOKENS = 128
"""Tokens whose logits are held at a time."""
_TOKENS_ON_GPU = 4096
"""The same on a GPU, where it is starting a kernel that costs; over 50,000 words they take 0.8 GB."""


def token_log_probs(
    hidden: Tensor, head: nn.Module, ids: Tensor, temperature: float, with_entropy: bool = False
) -> tuple[Tensor, Tensor | None]:
    """Log-probability of each token, and the entropy of its distribution on demand; in nats, float32.

    Args:
        hidden: (N, H) last hidden states.
        head: a linear layer (V, H).
        ids: (N,) the tokens drawn.

    Returns:
        (N,) log-probabilities, differentiable; (N,) entropies, not differentiable, or `None`.
    """
    weights_learn = torch.is_grad_enabled() and any(p.requires_grad for p in head.parameters())
    if weights_learn or not isinstance(head, nn.Linear):
        return from_logits(head(hidden), ids, temperature, with_entropy)
    log_probs, entropy = _FrozenHead.apply(  # type: ignore[no-untyped-call]
        hidden, head.weight, head.bias, ids, temperature, with_entropy
    )
    return log_probs, entropy if with_entropy else None


def from_logits(
    logits: Tensor, ids: Tensor, temperature: float, with_entropy: bool = False
) -> tuple[Tensor, Tensor | None]:
    """The same from logits (N, V)."""
    log_all = torch.log_softmax(logits.float() / temperature, dim=-1)
    entropy = -(log_all.detach().exp() * log_all.detach()).sum(-1) if with_entropy else None
    return log_all.gather(-1, ids[:, None]).squeeze(-1), entropy


class _FrozenHead(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, bias: Tensor | None, ids: Tensor, temperature: float, entropies: bool
    ) -> tuple[Tensor, Tensor]:
        log_probs = hidden.new_empty(len(hidden), dtype=torch.float32)
        entropy = torch.zeros_like(log_probs)
        slope = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        count = _TOKENS_ON_GPU if hidden.is_cuda else _TOKENS
        for start in range(0, len(hidden), count):
            end = min(start + count, len(hidden))
            logits = nn.functional.linear(hidden[start:end], weight, bias).float().div_(temperature)
            log_all = torch.log_softmax(logits, dim=-1)
            chosen = ids[start:end, None]
            log_probs[start:end] = log_all.gather(-1, chosen).squeeze(-1)
            if slope is None and not entropies:
                continue
            probs = log_all.exp()
            if entropies:
                entropy[start:end] = -(probs * log_all).sum(-1)
            if slope is not None:
                away = probs.scatter_add_(-1, chosen, -torch.ones_like(probs[:, :1])).to(weight.dtype)
                slope[start:end] = (away @ weight) / -temperature
        ctx.save_for_backward(slope)
        ctx.mark_non_differentiable(entropy)
        return log_probs, entropy

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (slope,) = ctx.saved_tensors
        return (slope * grads[0][:, None]).to(slope.dtype), None, None, None, None, None
