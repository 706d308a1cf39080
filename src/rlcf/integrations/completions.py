"""What another trainer samples, as the completion of a task; and what it is told beside the reward."""

import math

from rlcf.languages.base import Language
from rlcf.records import Score, Task


def program_text(language: Language, task: Task, text: str) -> str:
    """The completion up to where its program ends: other trainers sample on after it.

    White space at the end of the task's context is taken off where the text repeats it, so that it makes no difference
    whether the model was shown it (`docs/concepts.md`, *Where a program ends*).
    """
    text = text.removeprefix(task.context[len(task.context.rstrip()) :])
    return text[: language.program_end(task.context, text, task.suffix)]


def facts(score: Score) -> dict[str, float]:
    """`compile` and `trivial`, each 1 or 0; NaN where it is not known: without a verdict, or without syntax facts."""
    accepted = None if score.verdict is None else score.verdict.accepted
    known = {"compile": accepted, "trivial": score.trivial}
    return {name: math.nan if value is None else float(value) for name, value in known.items()}
