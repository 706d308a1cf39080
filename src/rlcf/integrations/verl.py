"""The grounding function as a custom reward function for verl (0.7.1 and later).

verl loads it from this file, and calls it with what stands in a row of its data set (`verl_row` makes one):

    reward.custom_reward_function.path=<this file> reward.custom_reward_function.name=compute_score
    +reward.custom_reward_function.reward_kwargs.grounding=runs/demo

verl calls it once for each rollout, many at a time, in each of its reward workers. The calls of a process are gathered
into batches, for compilers and judges are much faster on many programs than on one after the other.

verl cannot leave a rollout unscored: what is returned is the reward, and an exception ends the run. So a failing
compiler is an exception here, after further tries. verl's reward manager `rate_limited` turns an exception into the
reward 0: do not use it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rlcf.errors import DataError
from rlcf.integrations.completions import facts, prompt_text
from rlcf.integrations.scoring import Rollout, score_later
from rlcf.records import Task

if TYPE_CHECKING:
    from rlcf.grounding.recipe import Mode

_OPTIONAL = ("language", "prefix", "suffix", "entry_point", "path", "project")


def verl_row(task: Task, chat: bool = False) -> dict[str, Any]:
    """A row of verl's data set: write a list of them as Parquet. All values are strings, for Parquet has one type.

    Args:
        chat: put the task as a question to an instruct model; `compute_score` needs `chat`, too.
    """
    return {
        "data_source": "rlcf",
        "prompt": [{"role": "user", "content": prompt_text(task, chat)}],
        "ability": "code",
        "reward_model": {"style": "rule", "ground_truth": task.canonical_solution or ""},
        "extra_info": {
            "task_id": task.task_id,
            "prompt": task.prompt,
            "prefix": task.context,
            "suffix": task.suffix,
            "language": task.language,
            "entry_point": task.entry_point or "",
            "path": task.path or "",
            "project": task.project or "",
        },
    }


async def compute_score(
    data_source: str,  # noqa: ARG001, verl passes it by name
    solution_str: str,
    ground_truth: str,
    extra_info: Mapping[str, Any] | None = None,
    *,
    grounding: str | None = None,
    mode: Mode | None = None,
    workers: int = 2,
    chat: bool = False,
    **_: Any,
) -> dict[str, float]:
    """The reward of one rollout: `score` in −1 … 1, `compile` (1 or 0), `trivial` (1 or 0, NaN where not known).

    May be awaited from many threads and event loops at a time: the calls of a process share its compilers.

    Args:
        data_source: not used.
        solution_str: what the model wrote, without the prompt.
        ground_truth: the reference; may be empty in mode `compiler`.
        extra_info: the row's, as `verl_row` makes it. A task of a project is checked in it.
        grounding: a run directory, or its `judge` folder; without one there is only the compiler.
        mode: by default `hybrid` with a `grounding`, else `compiler`.
        workers: compiler processes, for each language and each project.
        chat: what the model wrote is an answer, which holds the program in a code fence.

    Raises:
        DataError: the row lacks what `verl_row` puts there, or holds something else there; its project is not there.
        ModelError, ConfigError: the grounding function cannot be loaded, or its reward depends on the batch.
        CheckerUnavailable: the compiler failed, after further tries.
    """
    rollout = Rollout(_task(extra_info or {}, ground_truth), _text("solution_str", solution_str), chat)
    score = await asyncio.wrap_future(score_later(rollout, grounding, mode, workers))
    assert score.reward is not None
    return {"score": score.reward, **facts(score)}


def _task(info: Mapping[str, Any], ground_truth: str | None) -> Task:
    if info.get("prompt") is None or info.get("task_id") is None:
        raise DataError("a row's extra_info needs 'task_id' and 'prompt': make the rows with verl_row")
    given = {name: _text(name, info[name]) for name in _OPTIONAL if info.get(name) is not None}
    return Task(
        _text("task_id", info["task_id"]),
        _text("prompt", info["prompt"]),
        language=given.get("language") or "java",
        prefix=given.get("prefix"),
        suffix=given.get("suffix", ""),
        canonical_solution=_text("ground_truth", ground_truth or "") or None,
        entry_point=given.get("entry_point") or None,
        path=given.get("path") or None,
        project=given.get("project") or None,
    )


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise DataError(f"{name} is {type(value).__name__}: expected text, as verl_row writes it")
    return value
