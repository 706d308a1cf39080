"""Whether a text is a copy: a sample of its reference, or either of other code in the file.

A model that is shown the end of a file could earn rewards by copying an overload that stands above. So the judge gives
nothing for that, and a compile rate in a project is read together with these shares.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from rlcf.records import Task
from rlcf.tasks.mining.duplicates import grams, tokens_of

_NEAR = 0.8
"""Share of a sample's 5-grams of tokens that stand in other code, from which it counts as a copy of it."""
_SHORTEST = 12
"""Tokens; a shorter body is like many others."""


def copying(task: Task, completion: str) -> dict[str, bool | None]:
    """`exact`: has the reference's tokens. `copied`: another text than the reference, most of it from its file.

    Empty for a task that stands in no file; `exact` is `None` where there is no reference.
    """
    if task.path is None or not task.suffix:
        return {}
    tokens = tokens_of(completion)
    exact = None if task.canonical_solution is None else tokens == tokens_of(task.canonical_solution)
    return {"exact": exact, "copied": not exact and _is_copy(task, tokens)}


def copies_unasked(task: Task, completion: str) -> bool:
    """Whether a completion consists of other code of its file, and the reference does not."""
    return bool(copying(task, completion).get("copied")) and copied_references([task]) == 0


def copied_references(tasks: Sequence[Task]) -> int:
    """How many references consist of other code of their file: where such a one is asked for, to copy is right."""
    in_files = (t for t in tasks if t.path is not None and t.suffix and t.canonical_solution)
    return sum(_is_copy(task, tokens_of(task.canonical_solution or "")) for task in in_files)


def _is_copy(task: Task, tokens: tuple[str, ...]) -> bool:
    mine = grams(tokens)
    known = _grams_around(task.context, task.suffix) if len(tokens) >= _SHORTEST else frozenset()
    return len(mine & known) >= _NEAR * len(mine) if known else False


@functools.lru_cache(maxsize=8)
def _grams_around(context: str, suffix: str) -> frozenset[tuple[str, ...]]:
    return grams(tokens_of(context)) | grams(tokens_of(suffix))
