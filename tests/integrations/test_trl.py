"""The reward function as TRL calls it."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

import rlcf
from rlcf.config.languages import PythonOptions
from rlcf.errors import CheckerUnavailable, DataError
from rlcf.integrations.trl import grounding_reward
from rlcf.languages.base import Checker
from rlcf.records import Program, Task, Verdict
from rlcf.tasks.builtin import load_builtin

RECIPE = Path(__file__).parents[2] / "recipes" / "trl" / "grpo.py"
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


@pytest.mark.parametrize(("known", "rate"), [((False, False), math.nan), ((True, False), 0.5), ((True, True), 1.0)])
def test_triviality_of_rejected_programs_alone_is_no_rate(known: tuple[bool, bool], rate: float) -> None:
    """A language without syntax facts: an accepted program's triviality is not known, and a rejected one has none."""
    verdicts = [Verdict("accepted", methods=() if each else None) for each in known] + [Verdict("rejected")]
    if rate == 1.0:
        verdicts.pop()
    logged: dict[str, float] = {}
    with rlcf.Grounding.load(mode="compiler") as grounding:
        grounding.check = lambda _: list(verdicts)  # type: ignore[method-assign]
        reward = grounding_reward(grounding, TASKS)
        reward(["x"] * len(verdicts), [FIRST.task_id] * len(verdicts), log_metric=logged.__setitem__)
    assert logged["compile_rate"] == pytest.approx(2 / len(verdicts))
    assert logged["trivial_rate"] == pytest.approx(rate, nan_ok=True)


def _completion(completion: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is checked as the completion of the first task."""
    checked: list[str] = []

    def check(self: rlcf.Grounding, programs: Sequence[Program]) -> list[Verdict | None]:
        checked.extend(program.completion for program in programs)
        return [Verdict("rejected")] * len(programs)

    monkeypatch.setattr(rlcf.Grounding, "check", check)
    with rlcf.Grounding.load(mode="compiler") as grounding:
        assert grounding_reward(grounding, TASKS)([completion], [FIRST.task_id]) == [-1.0]
    (text,) = checked
    return text


@pytest.mark.parametrize(
    "completion",
    [None, [], [{"role": "assistant"}], [{"role": "assistant", "content": None, "tool_calls": []}], [{"content": []}]],
)
def test_a_message_without_text_is_an_empty_completion(completion: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _completion(completion, monkeypatch) == ""


def test_the_text_parts_of_a_message_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [{"type": "text", "text": "return 1;"}, {"type": "image"}, {"type": "text", "text": " // one"}]
    assert _completion([{"role": "assistant", "content": parts}], monkeypatch) == "return 1; // one"


def test_the_program_is_taken_out_of_an_answer_in_a_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    solution = (FIRST.canonical_solution or "").rstrip()
    answer = f"Here it is:\n```java\n{FIRST.prompt}{solution}\n```\nIt does what was asked."
    assert _completion([{"role": "assistant", "content": answer}], monkeypatch).strip() == solution.strip()
    assert _completion(answer, monkeypatch) != solution  # a text goes on after the prompt: what it says is meant


def test_a_task_that_was_not_given_is_named() -> None:
    with rlcf.Grounding.load(mode="compiler") as grounding:
        reward = grounding_reward(grounding, TASKS)
        for unknown, named in ((["Java/none"], "'Java/none'"), ([3, "zz"], "3")):
            with pytest.raises(DataError, match=f"the data set names the task {named}, which grounding_reward was not"):
                reward(completions=["x"] * len(unknown), task_id=unknown)


def test_a_task_in_another_language_than_the_grounding_functions_is_refused() -> None:
    task = Task("p", "def f(x):\n", language="python", canonical_solution="    return x\n")
    with rlcf.Grounding.load(mode="compiler") as grounding, pytest.raises(DataError, match="make one with language="):
        grounding_reward(grounding, [task])(completions=["    return x\n"], task_id=["p"])


def test_the_recipe_takes_the_language_and_the_project_of_its_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without TRL: `test_trl_recipe.py` runs the recipe where it is installed."""
    project = tmp_path / "project.toml"
    project.write_text(
        'name = "p"\nsources = "sources.jsonl"\n[language]\nname = "python"\nversion = "3.13"\n', encoding="utf-8"
    )
    row = {"task_id": "p", "prompt": "def f(x):\n", "language": "python", "path": "p.py", "project": str(project)}
    (tmp_path / "tasks.jsonl").write_text(json.dumps(row), encoding="utf-8")
    for name in ("trl", "datasets"):
        monkeypatch.setitem(sys.modules, name, MagicMock())
    spec = importlib.util.spec_from_file_location("grpo", RECIPE)
    assert spec is not None
    assert spec.loader is not None
    recipe = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "grpo", recipe)  # dataclasses look their module up
    spec.loader.exec_module(recipe)
    load = MagicMock()
    monkeypatch.setattr(rlcf.Grounding, "load", load)
    training = MagicMock(generation_batch_size=8, num_generations=8)
    recipe.main(recipe.RewardConfig(tasks=str(tmp_path / "tasks.jsonl")), training, MagicMock())
    load.assert_called_once_with(
        None, mode="compiler", language="python", workers=2, options=PythonOptions(version="3.13")
    )
