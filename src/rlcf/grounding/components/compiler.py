"""The compiler's verdict as a score."""

from collections.abc import Sequence

from rlcf.grounding.components import Component
from rlcf.grounding.recipe import ACCEPTED, REJECTED
from rlcf.records import Task, Verdict


class CompilerComponent(Component):
    """1 for an accepted program, −1 for one that is rejected or takes the compiler too long."""

    name = "compiler"

    def score(
        self,
        tasks: Sequence[Task],  # noqa: ARG002
        completions: Sequence[str],  # noqa: ARG002
        verdicts: Sequence[Verdict],
    ) -> list[float | None]:
        return [ACCEPTED if v.accepted else REJECTED for v in verdicts]
