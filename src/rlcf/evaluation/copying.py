"""Whether a sample is a copy: of the reference, or of other code in its file.

A model that is shown the end of a file is rewarded for copying an overload that stands above, so a compile rate in a
project is read together with these shares.
"""

from __future__ import annotations

import functools

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
    mine = grams(tokens)
    known = _grams_around(task.context, task.suffix) if len(tokens) >= _SHORTEST and not exact else frozenset()
    return {"exact": exact, "copied": len(mine & known) >= _NEAR * len(mine) if known else False}


@functools.lru_cache(maxsize=8)
def _grams_around(context: str, suffix: str) -> frozenset[tuple[str, ...]]:
    return grams(tokens_of(context)) | grams(tokens_of(suffix))
