"""The grounding function as a reward function for TRL's trainers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rlcf.errors import DataError
from rlcf.integrations.completions import program_text, rates
from rlcf.records import Task

if TYPE_CHECKING:
    from rlcf.grounding import Grounding

RewardFunction = Callable[..., list[float | None]]
LogMetric = Callable[[str, float], None]


def grounding_reward(grounding: Grounding, tasks: Sequence[Task]) -> RewardFunction:
    """A reward function for `GRPOTrainer` and `RLOOTrainer`: `reward_funcs=grounding_reward(grounding, tasks)`.

    The trainer's data set needs the columns `prompt` (the task's, best without white space at its end) and `task_id`;
    TRL passes both on. Where prompts are conversations, the program is taken out of the last message, which may hold
    it in a code fence. A reward is a float, or `None` where a tool failed: TRL leaves such a rollout out of its
    group's mean and gives it the advantage 0 (tested with TRL 1.16; an old version that takes it for 0 says so with a
    warning).

    Where TRL passes `log_metric`, the shares of compiled and of trivial rollouts are logged beside the reward, as
    `compile_rate` and `trivial_rate`.

    Args:
        grounding: stays open as long as the trainer runs; it is the caller's to close.
        tasks: every task that the data set names.
    """
    by_id = {task.task_id: task for task in tasks}

    def reward(
        completions: Sequence[Any], task_id: Sequence[str], log_metric: LogMetric | None = None, **_: Any
    ) -> list[float | None]:
        unknown = [i for i in task_id if i not in by_id]
        if unknown:
            raise DataError(f"the data set names the task {unknown[0]!r}, which grounding_reward was not given")
        chosen = [by_id[i] for i in task_id]
        texts = [
            program_text(grounding.language, task, _text(c), chat=not isinstance(c, str))
            for task, c in zip(chosen, completions, strict=True)
        ]
        scores = grounding.score(chosen, texts)
        if log_metric is not None:  # both in each call: TRL gathers every name from all processes
            for name, value in rates(scores).items():
                log_metric(f"{name}_rate", value)
        return [score.reward for score in scores]

    reward.__name__ = "grounding_reward"  # TRL names its metrics after it
    return reward


def _text(completion: Any) -> str:
    """A completion's text: TRL gives a string, or the messages of a conversation. Empty where the last one has none."""
    if isinstance(completion, str):
        return completion
    content = completion[-1].get("content") if completion else None
    if isinstance(content, list):
        content = "".join(part.get("text") or "" for part in content if part.get("type") == "text")
    return content or ""
