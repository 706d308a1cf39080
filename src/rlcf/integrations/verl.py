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
import atexit
import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlcf.errors import CheckerUnavailable, ConfigError, DataError, UserError
from rlcf.integrations.completions import facts, program_text
from rlcf.integrations.gathering import Gatherer
from rlcf.records import Score, Task

if TYPE_CHECKING:
    from rlcf.grounding import Grounding
    from rlcf.grounding.recipe import Mode

_PAUSES_S = (0.0, 1.0, 5.0)
"""Before each try: a compiler may have failed for want of memory."""


def verl_row(task: Task) -> dict[str, Any]:
    """A row of verl's data set: write a list of them as Parquet. All values are strings, for Parquet has one type."""
    return {
        "data_source": "rlcf",
        "prompt": [{"role": "user", "content": task.prompt.rstrip()}],
        "ability": "code",
        "reward_model": {"style": "rule", "ground_truth": task.canonical_solution or ""},
        "extra_info": {
            "task_id": task.task_id,
            "prompt": task.prompt,
            "prefix": task.context,
            "suffix": task.suffix,
            "language": task.language,
            "entry_point": task.entry_point or "",
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
    **_: Any,
) -> dict[str, float]:
    """The reward of one rollout: `score` in −1 … 1, `compile` (1 or 0), `trivial` (1 or 0, NaN where not known).

    May be awaited from many threads and event loops at a time: the calls of a process share its compilers.

    Args:
        data_source: not used.
        solution_str: what the model wrote, without the prompt.
        ground_truth: the reference; may be empty in mode `compiler`.
        extra_info: the row's, as `verl_row` makes it.
        grounding: a run directory, or its `judge` folder; without one there is only the compiler.
        mode: by default `hybrid` with a `grounding`, else `compiler`.
        workers: compiler processes.

    Raises:
        DataError: the row lacks what `verl_row` puts there.
        ModelError, ConfigError: the grounding function cannot be loaded, or its reward depends on the batch.
        CheckerUnavailable: the compiler failed, after further tries.
    """
    task = _task(extra_info or {}, ground_truth)
    mode = mode or ("hybrid" if grounding else "compiler")
    score = await asyncio.wrap_future(_scorer(grounding, mode, task.language, workers).submit((task, solution_str)))
    assert score.reward is not None
    return {"score": score.reward, **facts(score)}


def _task(info: Mapping[str, Any], ground_truth: str) -> Task:
    if "prompt" not in info or "task_id" not in info:
        raise DataError("a row's extra_info needs 'task_id' and 'prompt': make the rows with verl_row")
    return Task(
        info["task_id"],
        info["prompt"],
        language=info.get("language") or "java",
        prefix=info.get("prefix"),
        suffix=info.get("suffix") or "",
        canonical_solution=ground_truth or None,
        entry_point=info.get("entry_point") or None,
    )


class _Scorer(Gatherer[tuple[Task, str], Score]):
    """A grounding function, loaded with the first batch, and the calls that wait for it."""

    def __init__(self, *how: Any) -> None:
        self._how = how
        self._grounding: Grounding | None = None
        super().__init__(self._score)

    def _score(self, rollouts: Sequence[tuple[Task, str]]) -> list[Score | Exception]:
        self._grounding = grounding = self._grounding or _load(*self._how)
        rollouts = [(task, program_text(grounding.language, task, text)) for task, text in rollouts]
        lost = CheckerUnavailable("a program could not be scored: see `rlcf doctor`")
        results: list[Score | Exception] = [lost] * len(rollouts)
        for pause in _PAUSES_S:
            missing = [i for i, r in enumerate(results) if r is lost]
            if missing:
                time.sleep(pause)
                for i, result in zip(missing, _each(grounding, [rollouts[i] for i in missing]), strict=True):
                    results[i] = lost if isinstance(result, Score) and result.reward is None else result
        return results

    def close(self) -> None:
        super().close()
        if self._grounding is not None:
            self._grounding.close()


def _each(grounding: Grounding, rollouts: Sequence[tuple[Task, str]]) -> Sequence[Score | Exception]:
    """A score for each rollout; where a row of the batch is wrong, the others do not suffer from it."""
    try:
        return grounding.score([task for task, _ in rollouts], [text for _, text in rollouts])
    except UserError as error:
        return [error] if len(rollouts) == 1 else [s for r in rollouts for s in _each(grounding, [r])]


def _load(folder: str | None, mode: Mode, language: str, workers: int) -> Grounding:
    from rlcf.grounding import Grounding

    grounding = Grounding.load(folder and Path(folder), mode=mode, language=language, workers=workers)
    if getattr(grounding.judge, "calibration", None) == "group_rank":
        raise ConfigError(f"{folder}: calibration 'group_rank' ranks whole groups, which verl does not hand over")
    return grounding


_scorers: dict[tuple[object, ...], _Scorer] = {}
_lock = threading.Lock()
_inherited: list[object] = []
"""What a fork has of its parent: kept, so that nothing ends the parent's compilers, and never used."""


def _scorer(*how: Any) -> _Scorer:
    with _lock:
        if how not in _scorers:
            _scorers[how] = _Scorer(*how)
        return _scorers[how]


def _after_fork() -> None:
    global _scorers, _lock
    _inherited.append(_scorers)
    _scorers, _lock = {}, threading.Lock()


os.register_at_fork(after_in_child=_after_fork)


@atexit.register
def close_all() -> None:
    """Ends the compilers of this process."""
    with _lock:
        for scorer in _scorers.values():
            scorer.close()
        _scorers.clear()
