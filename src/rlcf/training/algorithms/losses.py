"""What more than one algorithm has: losses, and the KL penalty. Axes: B rollouts, T tokens."""

import torch
from torch import Tensor


def clipped_policy_loss(
    log_probs: Tensor, old_log_probs: Tensor, advantages: Tensor, weights: Tensor, low: float, high: float | None = None
) -> tuple[Tensor, float]:
    """Weighted mean of −min(r·A, clip(r, 1 − low, 1 + high)·A) over tokens (arXiv 1707.06347, equation 7); the share
    that is clipped.

    Args:
        weights: (B, T) of each token in the mean; a mask gives the plain mean over the tokens it counts.
        high: by default `low`; more of it lets unlikely tokens gain faster (arXiv 2503.14476, section 3.1).
    """
    ratio = (log_probs - old_log_probs).exp()
    plain = ratio * advantages
    clipped = ratio.clamp(1 - low, 1 + (low if high is None else high)) * advantages
    count = weights.sum().clamp(min=1)
    loss = -(torch.minimum(plain, clipped) * weights).sum() / count
    share = float((((clipped < plain) * weights).sum() / count).detach())
    return loss, share


def cross_entropy(log_probs: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean of −log π over tokens. Both (B, T)."""
    return -(weights * log_probs).sum() / weights.sum().clamp(min=1e-9)


def token_rewards(rewards: Tensor, log_ratio: Tensor, mask: Tensor, kl_coefficient: float) -> Tensor:
    """(B, T): the KL penalty at every token that `mask` counts, and the program's reward (B,) at the last of them.

    The penalty is scaled by mean length / length, so that a program's total does not depend on its length. A plain sum
    pays for brevity: once the policy has moved, it costs a program of 80 tokens as much as compiling is worth, and an
    empty body next to nothing.
    """
    lengths = mask.sum(-1).long()
    mean_length = mask.sum() / (lengths > 0).sum().clamp(min=1)
    per_token = -kl_coefficient * log_ratio * mask * (mean_length / lengths.clamp(min=1))[:, None]
    rows = (lengths > 0).nonzero().squeeze(-1)
    last = (mask * torch.arange(1, mask.shape[1] + 1, device=mask.device)).argmax(-1)
    per_token[rows, last[rows]] += rewards[rows].to(per_token.dtype)
    return per_token


def k3(log_probs: Tensor, reference: Tensor) -> Tensor:
    """(B, T) estimate of KL(π ‖ π_ref) at each token, never negative: ρ − log ρ − 1 with ρ = π_ref / π.

    Unbiased on samples of π, with less variance than −log ρ (Schulman, *Approximating KL Divergence*, 2020; arXiv
    2402.03300, equation 4).
    """
    log_rho = reference - log_probs
    return log_rho.exp() - log_rho - 1
