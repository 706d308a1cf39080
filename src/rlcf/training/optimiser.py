"""One step of an optimiser, of one process or several, that only a finite loss and gradient take."""

import torch
from torch import Tensor, nn

from rlcf.errors import TrainingError
from rlcf.training import distributed


def take_step(
    optimizer: torch.optim.Optimizer, loss: Tensor, key: str = "learning_rate", max_norm: float = float("inf")
) -> float:
    """A step down the gradient of `loss`, clipped to `max_norm`; returns its norm before clipping.

    Of several processes, the gradient is the sum of those of their losses, and the same on each.

    Args:
        key: of `[algorithm]`, what to lower where the loss or its gradient is not finite.

    Raises:
        TrainingError: the loss or its gradient is not finite; the weights are as they were.
    """
    optimizer.zero_grad()
    total = distributed.all_reduce(loss.detach())
    if not torch.isfinite(total):
        raise TrainingError(f"the loss is {float(total)}: lower algorithm.{key} (the last checkpoint is good)")
    if loss.requires_grad:
        loss.backward()  # type: ignore[no-untyped-call]
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    distributed.all_reduce_gradients(parameters)
    norm = float(nn.utils.clip_grad_norm_(parameters, max_norm))
    if not norm < float("inf"):
        raise TrainingError(f"the gradient is {norm}: lower algorithm.{key} (the last checkpoint is good)")
    optimizer.step()
    return norm
