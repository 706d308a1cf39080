"""The grounding function as a custom reward function for verl.

verl loads it from this file, and calls it with what stands in a row of its data set (`verl_row` makes one):

    custom_reward_function.path=<this file> custom_reward_function.name=compute_score
    +custom_reward_function.reward_kwargs.grounding=runs/demo

verl has no word for a rollout without a reward: it takes what is returned for the reward, and lets an exception end the
run. So a failing compiler is an exception here, after a second try. Two of its reward managers, `prime` and
`rate_limited`, and old versions of `batch`, turn an exception into the reward 0: do not use them.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlcf.errors import CheckerUnavailable, DataError
from rlcf.integrations.completions import program_text
from rlcf.records import Task
from rlcf.tasks.loading import the_language

if TYPE_CHECKING:
    from rlcf.grounding import Grounding
    from rlcf.grounding.recipe import Mode

_open: dict[tuple[object, ...], Grounding] = {}
_lock = threading.RLock()


def verl_row(task: Task) -> dict[str, Any]:
    """A row of verl's data set: write a list of them as Parquet."""
    return {
        "data_source": "rlcf",
        "prompt": [{"role": "user", "content": task.prompt.rstrip()}],
        "ability": "code",
        "reward_model": {"style": "rule", "ground_truth": task.canonical_solution or ""},
        "extra_info": {
            "task_id": task.task_id,
            "prompt": task.prompt,
            "language": task.language,
            "entry_point": task.entry_point or "",
        },
    }


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: Mapping[str, Any] | None = None,
    *,
    grounding: str | None = None,
    mode: Mode | None = None,
    workers: int = 2,
    **_: Any,
) -> float:
    """The reward of one rollout, in −1 … 1; for verl's reward managers `naive` and `dapo`.

    May be called from many threads: the compilers are started once in a process, and shared.

    Args:
        data_source: not looked at.
        solution_str: what the model wrote, without the prompt.
        ground_truth: the reference; may be empty in mode `compiler`.
        extra_info: the row's, as `verl_row` makes it.
        grounding: a run directory, or its `discriminator` folder; without one there is only the compiler.
        mode: by default `hybrid` with a `grounding`, else `compiler`.
        workers: compiler processes.

    Raises:
        DataError: the row lacks what `verl_row` puts there.
        CheckerUnavailable: the compiler failed, twice.
    """
    infos = None if extra_info is None else [extra_info]
    return compute_scores(
        [data_source], [solution_str], [ground_truth], infos, grounding=grounding, mode=mode, workers=workers
    )[0]


def compute_scores(
    data_sources: Sequence[str],  # noqa: ARG001, verl passes it by name
    solution_strs: Sequence[str],
    ground_truths: Sequence[str],
    extra_infos: Sequence[Mapping[str, Any]] | None = None,
    *,
    grounding: str | None = None,
    mode: Mode | None = None,
    workers: int = 2,
    **_: Any,
) -> list[float]:
    """`compute_score` of many rollouts at once, for verl's reward manager `batch`; much the faster way."""
    infos = [{} for _ in solution_strs] if extra_infos is None else extra_infos
    tasks = [_task(info, truth) for info, truth in zip(infos, ground_truths, strict=True)]
    if not tasks:
        return []
    # One call at a time: the compilers work side by side within a call, and the discriminator is not thread-safe.
    with _lock:
        function = _grounding(grounding, mode or ("hybrid" if grounding else "compiler"), the_language(tasks), workers)
        texts = [program_text(function.language, t, s) for t, s in zip(tasks, solution_strs, strict=True)]
        for _attempt in range(2):  # a compiler that failed is started anew by the next call
            rewards = [score.reward for score in function.score(tasks, texts)]
            scored = [reward for reward in rewards if reward is not None]
            if len(scored) == len(rewards):
                return scored
    lost = len(rewards) - len(scored)
    raise CheckerUnavailable(f"{lost} of {len(rewards)} programs could not be checked: see `rlcf doctor`")


def _task(info: Mapping[str, Any], ground_truth: str) -> Task:
    try:
        prompt, task_id = info["prompt"], info["task_id"]
    except (KeyError, TypeError) as error:
        raise DataError("a row's extra_info needs 'task_id' and 'prompt': make the rows with verl_row") from error
    return Task(
        task_id,
        prompt,
        language=info.get("language") or "java",
        canonical_solution=ground_truth or None,
        entry_point=info.get("entry_point") or None,
    )


def _grounding(folder: str | None, mode: Mode, language: str, workers: int) -> Grounding:
    """The one grounding function of this process: a fork must not talk to its parent's compilers."""
    from rlcf.grounding import Grounding

    key = (os.getpid(), folder, mode, language, workers)
    if key not in _open:
        _open[key] = Grounding.load(
            None if folder is None else Path(folder), mode=mode, language=language, workers=workers
        )
    return _open[key]


@atexit.register
def _close_all() -> None:
    for (pid, *_), function in _open.items():
        if pid == os.getpid():
            function.close()
