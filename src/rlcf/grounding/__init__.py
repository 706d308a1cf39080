"""Verdicts and the scores of components → rewards."""

from rlcf.grounding.grounding import Grounding

__all__ = ["Grounding"]
