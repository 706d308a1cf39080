"""The compiler's verdict as a score."""

from __future__ import annotations

from rlcf.grounding.components.base import Batch, Component
from rlcf.grounding.recipe import ACCEPTED, REJECTED


class CompilerComponent(Component):
    """1 for an accepted program, −1 for one that is rejected or takes the compiler too long."""

    name = "compiler"

    def score(self, batch: Batch) -> list[float | None]:
        return [ACCEPTED if v.accepted else REJECTED for v in batch.verdicts]
