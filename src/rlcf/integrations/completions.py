"""What another trainer shows a model, what it samples as the completion of a task, and what it is told of the score."""

import math
from collections.abc import Sequence

from rlcf.generation.extraction import completion_of
from rlcf.generation.question import question
from rlcf.languages.base import Language
from rlcf.languages.registry import spoken_name
from rlcf.records import Score, Task


def prompt_text(task: Task, chat: bool = False) -> str:
    """What a data set shows the model; with `chat` the question to an instruct model, for its chat template."""
    return question(task.prompt, spoken_name(task.language)) if chat else task.prompt.rstrip()


def program_text(language: Language, task: Task, text: str, chat: bool = False) -> str:
    """The completion up to where its program ends: other trainers sample on after it.

    White space at the end of the task's context is taken off where the text repeats it, so that it makes no difference
    whether the model was shown it (`docs/concepts.md`, *Where a program ends*).

    Args:
        chat: the text is an answer, which holds the program in a code fence, as for `rlcf generate --chat`. A program
            that the answer leaves open is not closed: the trainers do not say whether it was cut.
    """
    if chat:
        return completion_of(text, task, language, ended=False)
    text = text.removeprefix(task.context[len(task.context.rstrip()) :])
    return text[: language.program_end(task.context, text, task.suffix)]


def facts(score: Score) -> dict[str, float]:
    """`compile` and `trivial`, each 1 or 0; NaN where it is not known: without a verdict, or without syntax facts."""
    accepted = None if score.verdict is None else score.verdict.accepted
    known = {"compile": accepted, "trivial": score.trivial}
    return {name: math.nan if value is None else float(value) for name, value in known.items()}


def rates(scores: Sequence[Score]) -> dict[str, float]:
    """The means of `facts` over the scores that have them; NaN where none has.

    `trivial` is NaN, too, where that of no accepted program is known: the rejected ones alone would make it 0. So does
    `rlcf.evaluation.summary`.
    """
    known = {name: [v for s in scores if not math.isnan(v := facts(s)[name])] for name in ("compile", "trivial")}
    accepted = [score for score in scores if score.verdict is not None and score.verdict.accepted]
    if accepted and all(score.trivial is None for score in accepted):
        known["trivial"] = []
    return {name: sum(values) / len(values) if values else math.nan for name, values in known.items()}
