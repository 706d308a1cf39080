"""How much of the reference's length a completion has."""

from __future__ import annotations

import math

from rlcf.languages.base import Language
from rlcf.records import Task
from rlcf.tasks.mining.duplicates import tokens_of

_POWER = 0.5
"""Of the penalty: whole, a completion of half the length would earn less than a rejected one costs."""


def brevity_penalty(language: Language, task: Task, completion: str) -> float:
    """BLEU's (Papineni et al., 2002), to the power of ½: `exp(½ (1 − r / c))` where `c < r`, else 1; in 0 … 1.

    `c` and `r` are the tokens of completion and reference, without comments and what stands in strings. A task without
    a reference has no penalty.
    """
    if task.canonical_solution is None:
        return 1.0
    written, wanted = (
        len(tokens_of(language.written_code(task, text))) for text in (completion, task.canonical_solution)
    )
    return math.exp(_POWER * min(0.0, 1 - wanted / max(1, written)))
