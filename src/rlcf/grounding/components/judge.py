"""The judge's comparison with the reference as a score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rlcf.grounding.components import Component
from rlcf.grounding.judge.base import Candidate, Judge
from rlcf.records import Program, Task, Verdict
from rlcf.tasks.brevity import brevity_penalty
from rlcf.tasks.copying import copying

if TYPE_CHECKING:
    from rlcf.grounding.grounding import Grounding


class JudgeComponent(Component):
    """Behind the compiler's gate, the judge's reward of an accepted program; without a gate, the preference g.

    A program that was copied from elsewhere in its file counts as trivial: it would read like code of this project.
    """

    name = "judge"
    needs_reference = True

    def __init__(self, grounding: Grounding) -> None:
        super().__init__(grounding)
        assert grounding.judge is not None
        self.judge: Judge = grounding.judge
        self._reference_statements: dict[str, int] = {}

    def score(
        self, tasks: Sequence[Task], completions: Sequence[str], verdicts: Sequence[Verdict]
    ) -> list[float | None]:
        if not self.grounding.recipe.gate:
            return self.grounding.preferences(tasks, completions)
        language = self.grounding.language
        self._count_reference_statements(tasks)
        candidates = [
            Candidate(self.judge.example(language, t, c, self._is_worthless(t, c, v)), self._size(t, v), t.task_id)
            for t, c, v in zip(tasks, completions, verdicts, strict=True)
        ]
        worst = self.grounding.config.trivial_reward
        rewards = self.judge.rewards(candidates, worst)
        return [
            reward if reward is None else worst * (1 - kept) + reward * kept
            for reward, kept in zip(rewards, map(self._kept, tasks, completions), strict=True)
        ]

    def _kept(self, task: Task, completion: str) -> float:
        """The share of what a program earns that it keeps: less than 1 where it is shorter than its file's reference.

        In a file the easiest program that compiles is a call of a neighbour. It reads well, and is seldom right.
        """
        return brevity_penalty(self.grounding.language, task, completion) if task.stands_in_file else 1.0

    def _is_worthless(self, task: Task, completion: str, verdict: Verdict) -> bool:
        """Trivial, or copied from elsewhere in its file."""
        return bool(verdict.trivial(task) or copying(self.grounding.language, task, completion).get("copied"))

    def _count_reference_statements(self, tasks: Sequence[Task]) -> None:
        new = list({t.task_id: t for t in tasks if t.task_id not in self._reference_statements}.values())
        verdicts = self.grounding.check([Program.of(t, t.canonical_solution or "") for t in new])
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
