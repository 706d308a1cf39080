"""What the discriminator sees of a program: the one place where its texts are made, in scoring and in fitting."""

from __future__ import annotations

from dataclasses import dataclass

from rlcf.languages.base import Language
from rlcf.records import Task


@dataclass(frozen=True, slots=True)
class Example:
    """One program beside what it is compared with, all as the discriminator sees them (`Language.judged_code`)."""

    prompt: str
    program: str
    reference: str
    stub: str
    """Empty where the language can make no stub: the anchor is then that nothing was written."""
    trivial: bool = False
    accepted: bool = True

    @classmethod
    def of(
        cls, language: Language, task: Task, completion: str, trivial: bool | None = False, accepted: bool = True
    ) -> Example:
        """The example of a completion of `task`; `trivial` is `None` where it is not known.

        The prompt is taken whole: its comments are the task's, and no completion can change them.
        """
        stub = language.stub(task)
        return cls(
            prompt=task.prompt,
            program=language.judged_code(task, completion),
            reference=language.judged_code(task, task.canonical_solution or ""),
            stub="" if stub is None else language.judged_code(task, stub),
            trivial=bool(trivial),
            accepted=accepted,
        )
