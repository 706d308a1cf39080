"""Whether a completion is a copy: of the reference, or of other code of its file.

A model that is shown the end of a file could earn rewards by copying an overload that stands above. So the judge gives
nothing for that, and a compile rate in a project is read together with these shares. Comments and what stands in
strings do not count, for they could be written to look different.
"""

from __future__ import annotations

import functools

from rlcf.languages.base import Language
from rlcf.records import Task
from rlcf.tasks.mining.duplicates import grams, tokens_of

_NEAR = 0.8
"""Share of a text's 5-grams of tokens that stand in other code, from which it counts as a copy of it."""
_SHORTEST = 12
"""Tokens; a shorter body is like many others."""


def copying(language: Language, task: Task, completion: str) -> dict[str, bool | None]:
    """What a completion of a task in a file has in common with reference and file; empty for other tasks.

    `exact`: it has the reference's tokens; `None` where there is no reference. `reference_copied`: most of the
    reference stands elsewhere in its file. `copied`: most of the completion does, and the reference does not: where the
    reference looks copied, so does a right completion.

    Args:
        language: that of the task.
    """
    if not task.stands_in_file:
        return {}
    reference = task.canonical_solution
    exact = None if reference is None else tokens_of(completion) == tokens_of(reference)
    of_reference = reference is not None and _is_copy(language, task, reference)
    return {
        "exact": exact,
        "copied": not exact and not of_reference and _is_copy(language, task, completion),
        "reference_copied": of_reference,
    }


def _is_copy(language: Language, task: Task, body: str) -> bool:
    tokens = tokens_of(language.written_code(task, body))
    if len(tokens) < _SHORTEST:
        return False
    own = grams(tokens)
    return len(own & _grams_around(language, task.context, task.suffix)) >= _NEAR * len(own)


@functools.lru_cache(maxsize=16)
def _grams_around(language: Language, context: str, suffix: str) -> frozenset[tuple[str, ...]]:
    return grams(tokens_of(language.code_alone(context))) | grams(tokens_of(language.code_alone(suffix)))
