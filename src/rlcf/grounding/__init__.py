"""Verdict and preference → reward."""

from rlcf.grounding.grounding import Grounding

__all__ = ["Grounding"]
