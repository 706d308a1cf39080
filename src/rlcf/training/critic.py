"""The critic: a value head on the policy's hidden states, its optimiser and its loss."""

from typing import Any

import torch
from torch import Tensor, nn

from rlcf.config.algorithms import CriticTable
from rlcf.models.policy import Policy
from rlcf.training import distributed
from rlcf.training.algorithms import RolloutBatch
from rlcf.training.optimiser import take_step


class ValueHead(nn.Module):
    """Expected return from the hidden state that a token was predicted from: (B, T, H) → (B, T).

    It reads the policy's hidden states without sending gradients back into them, and starts at 0.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        values: Tensor = self.out(self.norm(hidden)).squeeze(-1)
        return values


class Critic:
    """Estimates values, and is fitted to returns. `hidden` holds the rows of this process, `distributed.shard(B)`."""

    def __init__(self, config: CriticTable, policy: Policy) -> None:
        self.config = config
        self.head = ValueHead(policy.hidden_size).to(policy.device)
        self.optimizer = torch.optim.AdamW(self.head.parameters(), lr=config.value_learning_rate, weight_decay=0.01)

    @torch.no_grad()
    def values(self, hidden: Tensor, mask: Tensor) -> Tensor:
        """(B, T) the values of all rows, 0 where `mask` (B, T) is 0."""
        own = distributed.shard(len(mask))
        values = torch.zeros_like(mask)
        values[own] = self.head(hidden) * mask[own]
        return distributed.all_reduce(values)

    def fit(self, hidden: Tensor, rollouts: RolloutBatch, returns: Tensor) -> dict[str, float]:
        """Fits the values to the returns (B, T); the last loss, and what the values explained of them before.

        The head sends no gradient into the policy, so its steps need no pass through the network.
        """
        own = distributed.shard(len(returns))
        mask = rollouts.mask[own]
        share = mask.sum() / rollouts.mask.sum().clamp(min=1)
        loss = returns.new_zeros(())
        for _ in range(self.config.value_steps):
            values = self.head(hidden)
            loss = clipped_value_loss(values, rollouts.values[own], returns[own], mask, self.config.value_clip) * share
            take_step(self.optimizer, loss, "value_learning_rate")
        return {
            "value_loss": float(distributed.all_reduce(loss.detach())),
            "explained_variance": explained_variance(rollouts.values, returns, rollouts.mask),
        }

    def state_dict(self) -> dict[str, Any]:
        return {"head": self.head.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.head.load_state_dict(state["head"])
        self.optimizer.load_state_dict(state["optimizer"])


def clipped_value_loss(values: Tensor, old_values: Tensor, returns: Tensor, mask: Tensor, clip: float) -> Tensor:
    """Half the mean squared error, the larger of that of the value and of the value kept within ± clip."""
    kept = old_values + (values - old_values).clamp(-clip, clip)
    error = torch.maximum((values - returns) ** 2, (kept - returns) ** 2)
    return 0.5 * (error * mask).sum() / mask.sum().clamp(min=1)


def explained_variance(values: Tensor, returns: Tensor, mask: Tensor) -> float:
    """1 − Var(returns − values) / Var(returns) over counted tokens; 0 where the returns do not vary."""
    counted = mask.bool()
    variance = returns[counted].var(correction=0) if counted.any() else returns.new_zeros(())
    if variance < 1e-12:
        return 0.0
    return float(1 - (returns - values)[counted].var(correction=0) / variance)
