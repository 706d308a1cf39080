"""The reward function as TRL calls it."""

from __future__ import annotations

import math
from typing import Any

import pytest

import rlcf
from rlcf.errors import CheckerUnavailable, DataError
from rlcf.integrations.trl import grounding_reward
from rlcf.languages.base import Checker
from rlcf.tasks.builtin import load_builtin

TASKS = load_builtin("builtin:java")[:2]
FIRST, SECOND = TASKS
STUB = rlcf.load_language("java").stub(SECOND) or ""


def _call(reward: Any, **more: Any) -> list[float | None]:
    """As TRL's trainers do, on four completions."""
    rewards: list[float | None] = reward(
        prompts=[FIRST.prompt, *[SECOND.prompt] * 3],
        completions=[
            (FIRST.canonical_solution or "") + "\nand then some",
            "nonsense",
            STUB,
            [{"role": "assistant", "content": SECOND.canonical_solution}],
        ],
        completion_ids=[[1], [2], [3], [4]],
        task_id=[FIRST.task_id, *[SECOND.task_id] * 3],
        trainer_state=None,
        log_extra=lambda *_: None,
        **more,
    )
    return rewards


@pytest.mark.usefixtures("jdk")
def test_rewards_come_in_order_and_ignore_what_is_sampled_after_the_program() -> None:
    with rlcf.Grounding.load(mode="compiler") as grounding:
        assert _call(grounding_reward(grounding, TASKS)) == [1.0, -1.0, 1.0, 1.0]


@pytest.mark.usefixtures("jdk")
def test_compile_rate_and_triviality_are_logged_where_the_trainer_takes_them() -> None:
    logged: dict[str, float] = {}
    with rlcf.Grounding.load(mode="compiler") as grounding:
        _call(grounding_reward(grounding, TASKS), log_metric=logged.__setitem__)
    assert logged == {"compile_rate": 0.75, "trivial_rate": 0.25}


def test_without_a_compiler_rewards_are_none_and_the_same_metrics_are_logged_as_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TRL gathers each metric from all processes, and would wait for one that is missing in one of them."""

    def fail(self: rlcf.Grounding) -> Checker:
        raise CheckerUnavailable("no JDK here")

    monkeypatch.setattr(rlcf.Grounding, "_start_checker", fail)
    logged: dict[str, float] = {}
    with rlcf.Grounding.load(mode="compiler") as grounding:
        assert _call(grounding_reward(grounding, TASKS), log_metric=logged.__setitem__) == [None] * 4
    assert list(logged) == ["compile_rate", "trivial_rate"]
    assert all(math.isnan(value) for value in logged.values())


def test_a_task_that_was_not_given_is_named() -> None:
    with rlcf.Grounding.load(mode="compiler") as grounding, pytest.raises(DataError, match="'Java/none'"):
        grounding_reward(grounding, TASKS)(completions=["x"], task_id=["Java/none"])
