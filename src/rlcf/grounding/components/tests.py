"""The task's own test as a score: what a reward without tests is measured against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rlcf.errors import ToolError
from rlcf.grounding.components.tools import ToolComponent
from rlcf.grounding.recipe import between
from rlcf.languages.base import Runner
from rlcf.records import Program, Task, Verdict

_TIMEOUT_S = 5.0
"""For one check of one program."""


class TestsComponent(ToolComponent[Runner]):
    """The share of the test's checks that hold, from `trivial_reward` for none to 1 for all.

    `None` for a program that is not accepted, and where the task has no test. A trivial program earns what none earns:
    some checks hold by chance.
    """

    name = "tests"

    def start(self) -> Runner:
        return self.grounding.language.runner(self.grounding.config.workers, _TIMEOUT_S)

    def score(
        self, tasks: Sequence[Task], completions: Sequence[str], verdicts: Sequence[Verdict]
    ) -> list[float | None]:
        runner, language, worst = self.tool(), self.grounding.language, self.grounding.config.trivial_reward
        scores: list[float | None] = [None] * len(tasks)
        if runner is None:
            return scores
        programs: dict[Program, list[int]] = defaultdict(list)
        for i, (task, completion, verdict) in enumerate(zip(tasks, completions, verdicts, strict=True)):
            if task.test and verdict.accepted:
                scores[i] = worst
                if not verdict.trivial(task):
                    for check in language.single_checks(task.test):
                        programs[Program.of(task, completion).with_test(check)].append(i)
        held: dict[int, list[bool]] = defaultdict(list)
        for places, passed in zip(programs.values(), self._passed(runner, list(programs)), strict=True):
            for i in places:
                held[i].append(passed)
        for i, of_program in held.items():
            scores[i] = between(worst, sum(of_program) / len(of_program))
        return scores

    def _passed(self, runner: Runner, programs: Sequence[Program]) -> list[bool]:
        try:
            return [execution.passed for execution in runner.run(programs)]
        except ToolError:
            self.close()  # another is started the next time
            raise
