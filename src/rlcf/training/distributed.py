"""Training on several processes: which one this is, its share of the work, and what they tell each other.

Every process holds the whole model and knows all rollouts of an update; it samples, scores and computes gradients for
its share of them (`docs/processes.md`). All of them call the same functions here in the same order. In a process that
was started alone these do nothing, and it needs no `torch.distributed`.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from rlcf.errors import ConfigError, ProcessLost
from rlcf.models.policy import default_device

T = TypeVar("T")

_ANY_TIME = timedelta(days=7)


@contextlib.contextmanager
def process_group(timeout_s: float = 1800.0) -> Iterator[None]:
    """Joins the processes that `accelerate launch` or `torchrun` started; does nothing where there is one.

    Args:
        timeout_s: how long this process waits for another one before it gives up.

    Raises:
        ConfigError: the launcher was told to use what has no effect here.
        ProcessLost: not all processes have joined.
    """
    _refuse_without_effect()
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        from accelerate import PartialState

        with _peers():
            PartialState(cpu=default_device() != "cuda", timeout=timedelta(seconds=timeout_s))
    yield
    leave()


def _refuse_without_effect() -> None:
    for engine in ("FSDP", "DEEPSPEED"):
        if os.environ.get(f"ACCELERATE_USE_{engine}", "false").lower() == "true":
            raise ConfigError(
                f"accelerate was asked for {engine}, and rlcf shards no model: each process holds the whole one; "
                "launch with recipes/accelerate/two-processes.yaml, or train with TRL: recipes/trl/grpo.py"
            )
    if "ACCELERATE_MIXED_PRECISION" in os.environ and "MASTER_ADDR" in os.environ and "WORLD_SIZE" not in os.environ:
        raise ConfigError(
            "accelerate was asked for several processes and started one, as it does with --cpu: "
            "launch with --config_file recipes/accelerate/two-processes.yaml"
        )


def leave() -> None:
    """Waits until all processes are here, then leaves the group: from here on each works alone."""
    if world_size() == 1:
        return
    with _peers():
        dist.barrier()
        dist.destroy_process_group()


def world_size() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """Which of them this is, from 0."""
    return dist.get_rank() if world_size() > 1 else 0


def is_main() -> bool:
    """Whether this is the process that writes files, trains the judge and evaluates."""
    return rank() == 0


def shard(length: int) -> slice:
    """This process's part of `length` items: the parts follow each other, are nearly equal, and leave nothing out."""
    return slice(length * rank() // world_size(), length * (rank() + 1) // world_size())


def require_same_update(update: int, folder: Path) -> None:
    """Raises `ConfigError` where the processes found different checkpoints in `folder`."""
    updates = all_gather([update])
    if len(set(updates)) > 1:
        raise ConfigError(
            f"the processes would go on after different updates ({', '.join(map(str, updates))}): "
            f"{folder} has to be one folder that all of them see"
        )


def all_reduce(x: Tensor) -> Tensor:
    """The sum over all processes of tensors of one shape, the same on each."""
    if world_size() == 1:
        return x
    from accelerate.utils import reduce

    with _peers():
        summed: Tensor = reduce(x, "sum")
    return summed


def all_reduce_with_own_gradient(x: Tensor) -> Tensor:
    """As `all_reduce`, of tensors that are 0 where another process's are not; the gradient reaches this one's part.

    The gradients of a function of the result, summed over the processes, are those of one process with all parts.
    """
    return x if world_size() == 1 else x + (all_reduce(x.detach()) - x.detach())


def all_gather(items: list[T]) -> list[T]:
    """The items of all processes, those of the first process first. Whatever pickle can carry."""
    if world_size() == 1:
        return items
    from accelerate.utils import gather_object

    with _peers():
        gathered: list[T] = gather_object(items)
    return gathered


def broadcast(value: T) -> T:
    """The first process's `value`. Whatever pickle can carry."""
    if world_size() == 1:
        return value
    from accelerate.utils import broadcast_object_list

    with _peers():
        received: list[T] = broadcast_object_list([value])
    return received[0]


def broadcast_parameters(tensors: Sequence[Tensor]) -> None:
    """Overwrites the tensors of the others with the first process's."""
    if world_size() == 1:
        return
    with _peers(), torch.no_grad():
        for tensor in tensors:
            dist.broadcast(tensor.data, 0)


def all_reduce_gradients(parameters: Sequence[nn.Parameter]) -> None:
    """Replaces each process's gradients by the sum of all processes'; a missing gradient counts as 0."""
    if world_size() == 1:
        return
    pending: list[Any] = []
    with _peers():
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            pending.append(dist.all_reduce(parameter.grad, async_op=True))
        for work in pending:
            work.wait()


@contextlib.contextmanager
def main_process_first() -> Iterator[None]:
    """The others wait at the end of this block until the first process arrives, however long that takes."""
    if world_size() == 1:
        yield
        return
    with _peers():
        patient = dist.new_group(backend="gloo", timeout=_ANY_TIME)
    yield
    with _peers():
        dist.barrier(patient)
        dist.destroy_process_group(patient)


@contextlib.contextmanager
def _peers() -> Iterator[None]:
    """A RuntimeError in this block means that another process has ended or is late."""
    try:
        yield
    except RuntimeError as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ProcessLost(f"process {rank()} lost the others (one ended, or was late): {reason}") from error
