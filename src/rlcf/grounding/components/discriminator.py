"""The discriminator's comparison with the reference as a score."""

from __future__ import annotations

from collections.abc import Sequence

from rlcf.errors import ConfigError
from rlcf.grounding.calibrations import CALIBRATIONS, Comparison
from rlcf.grounding.components.base import Batch, Component, Parts
from rlcf.grounding.discriminator import Discriminator, Example
from rlcf.records import Program, Task, Verdict


class DiscriminatorComponent(Component):
    """Behind the compiler's gate, the calibration's reward of an accepted program; without a gate, the preference g."""

    name = "discriminator"
    needs_reference = True

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        if parts.discriminator is None:
            mode = parts.config.mode
            raise ConfigError(f"grounding mode {mode!r} needs a discriminator; mode 'compiler' needs none")
        self.discriminator: Discriminator = parts.discriminator
        self._reference_statements: dict[str, int] = {}

    def score(self, batch: Batch) -> list[float | None]:
        language = self.parts.language
        examples = [Example.of(language, t, c) for t, c in zip(batch.tasks, batch.completions, strict=True)]
        if not self.parts.gated:
            return list(self.discriminator.preferences(examples))
        self._count_reference_statements(batch.tasks)
        values = self.discriminator.values(examples)
        comparisons = [
            Comparison(
                program=float(values.program[i]),
                reference=float(values.reference[i]),
                stub=float(values.stub[i]),
                size=self._size(task, verdict),
                trivial=bool(verdict.trivial(task)),
                task_id=task.task_id,
            )
            for i, (task, verdict) in enumerate(zip(batch.tasks, batch.verdicts, strict=True))
        ]
        calibration = CALIBRATIONS[self.discriminator.calibration]
        return calibration.rewards(comparisons, self.parts.config.trivial_reward)

    def _count_reference_statements(self, tasks: Sequence[Task]) -> None:
        """Of the references not seen before."""
        new = list({t.task_id: t for t in tasks if t.task_id not in self._reference_statements}.values())
        verdicts = self.parts.check([Program.of(t, t.canonical_solution or "").source for t in new])
        for task, verdict in zip(new, verdicts, strict=True):
            if verdict is not None:
                self._reference_statements[task.task_id] = verdict.statements(task) or 0

    def _size(self, task: Task, verdict: Verdict) -> float | None:
        """Statements as a share of the reference's; `None` where the checker failed on the reference.

        1 where either number is not known or the reference has none: what is not known is not held against a program.
        """
        if task.task_id not in self._reference_statements:
            return None
        of_reference = self._reference_statements[task.task_id]
        written = verdict.statements(task)
        return written / of_reference if of_reference and written is not None else 1.0
