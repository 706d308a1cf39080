"""What a program does, compared with what the reference does, as a score."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rlcf.errors import ToolError
from rlcf.grounding.behaviour import Plan, make_plans
from rlcf.grounding.components import Failed
from rlcf.grounding.components.tools import ToolComponent
from rlcf.grounding.recipe import between
from rlcf.languages.base import Driver
from rlcf.records import Task, Verdict

if TYPE_CHECKING:
    from rlcf.grounding.grounding import Grounding

_PLANS = 8192
"""Tasks whose plans are kept."""
_AT_A_TIME = 64
"""Tasks that are planned together."""

_Key = tuple[str, ...]


class BehaviourComponent(ToolComponent[Driver]):
    """The share of generated inputs with the reference's outcome, beyond what a constant gets.

    `None` for a program that is not accepted, and where the task's method cannot be driven or compared. `FAILED` where
    the machine was too busy to tell.
    """

    name = "behaviour"
    needs_reference = True

    def __init__(self, grounding: Grounding) -> None:
        super().__init__(grounding)
        self._plans: OrderedDict[_Key, Plan] = OrderedDict()

    def start(self) -> Driver:
        return self.grounding.language.driver(self.grounding.config.workers, options=self.grounding.options)

    def score(
        self, tasks: Sequence[Task], completions: Sequence[str], verdicts: Sequence[Verdict]
    ) -> list[float | Failed | None]:
        driver = self.tool()
        scores: list[float | Failed | None] = [None] * len(tasks)
        if driver is None:
            return scores
        accepted = [i for i, verdict in enumerate(verdicts) if verdict.accepted]
        try:
            plans = dict(zip(accepted, self._planned(driver, [tasks[i] for i in accepted]), strict=True))
            compared = {i: plan for i, plan in plans.items() if plan.reason is None}
            equal: dict[tuple[int, str], list[int]] = {}
            for i, plan in compared.items():
                if not verdicts[i].trivial(tasks[i]):
                    equal.setdefault((id(plan), completions[i]), []).append(i)
            driven = driver.drive([compared[places[0]].program(completions[places[0]]) for places in equal.values()])
        except ToolError:
            self.close()  # another is started the next time
            raise
        worst = self.grounding.config.trivial_reward
        for i, plan in plans.items():
            scores[i] = Failed.FAILED if plan.passing else worst if i in compared else None
        for places, each in zip(equal.values(), driven, strict=True):
            for i in places:
                scores[i] = Failed.FAILED if each.starved else between(worst, compared[i].earned(each))
        return scores

    def _planned(self, driver: Driver, tasks: Sequence[Task]) -> list[Plan]:
        """The plan of each task, made where it is new, or where the machine was too busy before."""
        wanted = {_key(task): task for task in tasks}
        new = [task for key, task in wanted.items() if key not in self._plans or self._plans[key].passing]
        for start in range(0, len(new), _AT_A_TIME):
            part = new[start : start + _AT_A_TIME]
            plans = make_plans(driver, self.grounding.language, part)
            self._plans.update((_key(task), plan) for task, plan in zip(part, plans, strict=True))
        for key in wanted:
            self._plans.move_to_end(key)
        found = [self._plans[_key(task)] for task in tasks]
        while len(self._plans) > _PLANS:
            self._plans.popitem(last=False)
        return found


def _key(task: Task) -> _Key:
    """What a plan depends on."""
    return (task.prompt, task.context, task.suffix, task.canonical_solution or "", task.entry_point or "")
