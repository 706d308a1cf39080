"""What keeps the processes of a training alike, and their samples different."""

from __future__ import annotations

from pathlib import Path

import torch

from rlcf.errors import ConfigError
from rlcf.generation.decoding import seeded
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


def own_randomness(generator: torch.Generator) -> torch.Generator:
    """What this process's next samples are drawn with; of one process, `generator` itself.

    Of several processes each draws a seed for every one from the same generator, and takes its own: so they sample
    differently, and their generators, of which the first's goes into a checkpoint, stay alike.
    """
    if distributed.world_size() == 1:
        return generator
    seeds = torch.randint(1 << 62, (distributed.world_size(),), generator=generator)
    return seeded(int(seeds[distributed.rank()]))
