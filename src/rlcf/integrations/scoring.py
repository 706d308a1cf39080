"""Scores for trainers that ask for one rollout at a time and cannot leave one out.

The calls of a process are gathered into batches, for compilers and judges are much faster on many programs than on one
after the other. A failing compiler is an exception, after further tries: it must not become a reward.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rlcf.errors import CheckerUnavailable, ConfigError, UserError
from rlcf.integrations.completions import program_text
from rlcf.integrations.gathering import Gatherer
from rlcf.records import Score, Task
from rlcf.tasks.projects import load_project

if TYPE_CHECKING:
    from rlcf.grounding import Grounding
    from rlcf.grounding.recipe import Mode

_PAUSES_S = (0.0, 1.0, 5.0)
"""Before each try: a compiler may have failed for want of memory."""


class Rollout(NamedTuple):
    """What a model wrote for a task."""

    task: Task
    text: str
    chat: bool = False
    """It is an instruct model's answer, which holds the program in a code fence."""


def score_later(rollout: Rollout, folder: str | None, mode: Mode | None, workers: int) -> Future[Score]:
    """The future score of a rollout; its reward is never `None`.

    May be called from many threads at a time: the calls of a process share its compilers. There is one set of them for
    each language and each project.

    Args:
        folder: a run directory, or its `judge` folder; without one there is only the compiler.
        mode: by default `hybrid` with a `folder`, else `compiler`.
        workers: compiler processes.

    Raises:
        UserError: by the future; the grounding function cannot be loaded, its reward depends on the batch, or the task
            cannot be scored.
        CheckerUnavailable: by the future; the compiler failed, after further tries.
    """
    task = rollout.task
    how = (folder, mode or ("hybrid" if folder else "compiler"), task.language, task.project, workers)
    with _lock:
        if how not in _scorers:
            _scorers[how] = _Scorer(*how)
        scorer = _scorers[how]
    return scorer.submit(rollout)


class _Scorer(Gatherer[Rollout, Score]):
    """A grounding function, loaded with the first batch, and the calls that wait for it."""

    def __init__(self, *how: Any) -> None:
        self._how = how
        self._grounding: Grounding | None = None
        super().__init__(self._score)

    def _score(self, rollouts: Sequence[Rollout]) -> list[Score | Exception]:
        self._grounding = grounding = self._grounding or _load(*self._how)
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


def _each(grounding: Grounding, rollouts: Sequence[Rollout]) -> Sequence[Score | Exception]:
    """A score for each rollout; where a row of the batch is wrong, the others do not suffer from it."""
    try:
        texts = [program_text(grounding.language, *rollout) for rollout in rollouts]
        return grounding.score([rollout.task for rollout in rollouts], texts)
    except UserError as error:
        return [error] if len(rollouts) == 1 else [s for r in rollouts for s in _each(grounding, [r])]


def _load(folder: str | None, mode: Mode, language: str, project: str | None, workers: int) -> Grounding:
    from rlcf.grounding import Grounding

    options = load_project(Path(project)).options if project else None
    grounding = Grounding.load(folder and Path(folder), mode=mode, language=language, workers=workers, options=options)
    if getattr(grounding.judge, "calibration", None) == "group_rank":
        raise ConfigError(f"{folder}: calibration 'group_rank' ranks whole groups, and this trainer hands over none")
    return grounding


_scorers: dict[tuple[object, ...], _Scorer] = {}
_lock = threading.Lock()
_inherited: list[object] = []
"""What a fork has of its parent: kept, so that nothing ends the parent's compilers, and never used."""


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
