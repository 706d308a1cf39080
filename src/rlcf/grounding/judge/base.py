"""What a judge is: it compares a program with the task's reference, by reading both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from torch import Tensor

from rlcf.languages.base import Language
from rlcf.records import Task

Which = Literal["program", "reference", "stub"]


@dataclass(frozen=True, slots=True)
class Example:
    """A program and what it is compared with, as a judge sees them: the one place where its texts are made.

    Of a program that is the written method without comments and with empty strings (`Language.judged_code`). The prompt
    is shown whole: its comments are the task's, and no completion can change them.
    """

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
        """The example of a completion of `task`; `trivial` is `None` where it is not known."""
        texts = (completion, task.canonical_solution or "", language.stub(task))
        program, reference, stub = ("" if text is None else language.judged_code(task, text) for text in texts)
        return cls(task.prompt, program, reference, stub, bool(trivial), accepted)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An accepted program that is to be scored."""

    example: Example
    size: float | None = 1.0
    """Its statements, as a share of the reference's; `None` where a tool failed."""
    task_id: str = ""


class Judge(ABC):
    """Compares programs with the reference of their task."""

    def example(self, language: Language, task: Task, completion: str, trivial: bool | None = False) -> Example:
        """A completion of `task` as this judge reads it."""
        return Example.of(language, task, completion, trivial)

    @abstractmethod
    def preference(self, examples: Sequence[Example], which: Which = "program") -> Tensor:
        """`(N,)` values of g in −1 … 1, on the CPU: one program of each example against the reference, which has 0."""

    @abstractmethod
    def rewards(self, candidates: Sequence[Candidate], trivial_reward: float) -> list[float | None]:
        """The rewards of the accepted programs of one batch, in −1 … 1; `None` where a tool failed.

        Args:
            trivial_reward: what a program earns that is no better than a stub.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Writes what `load_judge` needs."""
