"""The reward model that learns: a frozen encoder with an MLP, which compares a program with the reference."""

from rlcf.grounding.discriminator.encoder import Encoder
from rlcf.grounding.discriminator.model import Discriminator, Example

__all__ = ["Discriminator", "Encoder", "Example"]
