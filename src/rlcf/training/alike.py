"""What keeps the processes of a training alike."""

from __future__ import annotations

from pathlib import Path

from rlcf.errors import ConfigError
from rlcf.grounding.discriminator import Discriminator
from rlcf.models.policy import Policy
from rlcf.training import distributed


def start_alike(folder: Path, update: int, policy: Policy) -> None:
    """All processes begin behind the same update and with the weights of the first.

    Raises:
        ConfigError: they found different checkpoints in `folder`.
    """
    updates = distributed.all_gather([update])
    if len(set(updates)) > 1:
        raise ConfigError(
            f"the processes would go on behind different updates ({', '.join(map(str, updates))}): "
            f"{folder} has to be one folder that all of them see"
        )
    distributed.broadcast_parameters(policy.trainable_parameters())


def take_discriminator(discriminator: Discriminator) -> None:
    """Gives the discriminator that the first process has fitted to the others, to score with."""
    if distributed.world_size() > 1:
        discriminator.mlp.load_state_dict(distributed.broadcast(discriminator.mlp.state_dict()))
