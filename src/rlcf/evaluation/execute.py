"""Programs of an evaluation, compiled and run: each different one once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from rlcf.config.languages import LanguageOptions
from rlcf.languages.base import Language
from rlcf.records import Execution, Program, Task, Verdict

Pair = tuple[Task, str]
"""A task and a completion of it."""
OnProgress = Callable[[int], None]
"""Called with the number of samples judged so far."""
T = TypeVar("T")

_AT_ONCE = 512
"""Programs between two words about progress."""


@dataclass(frozen=True, slots=True)
class Judging:
    """How programs are judged."""

    execute: bool = True
    """Compile programs together with their tests, and run these; tasks without a test are only compiled."""
    sandbox: bool = True
    workers: int = 2
    timeout_s: float = 10.0
    """For one program."""
    options: LanguageOptions | None = None
    """What programs are checked with; tests run without it."""

    def judge(
        self, language: Language, pairs: Sequence[Pair], on_progress: OnProgress = lambda _: None
    ) -> list[tuple[Verdict, Execution | None]]:
        """The verdict on each program, in order, and what its test said where there is one.

        Raises:
            CheckerUnavailable: the compiler is missing.
            SandboxUnavailable: programs cannot be run safely here.
        """
        judged: dict[int, tuple[Verdict, Execution | None]] = {}
        tested = [i for i, (task, _) in enumerate(pairs) if self.execute and task.test]
        if tested:
            with language.runner(self.workers, self.timeout_s, sandbox=self.sandbox) as runner:
                sources = [_with_test(*pairs[i]) for i in tested]
                for i, execution in zip(tested, _each_once(runner.run, sources, on_progress), strict=True):
                    judged[i] = _of_the_program(execution.verdict, pairs[i]), execution
        untested = [i for i in range(len(pairs)) if i not in judged]
        if untested:
            with language.checker(self.workers, self.timeout_s, self.options) as checker:
                sources = [Program.of(*pairs[i]).source for i in untested]
                done = len(tested)
                for i, verdict in zip(
                    untested, _each_once(checker.check, sources, lambda n: on_progress(done + n)), strict=True
                ):
                    judged[i] = verdict, None
        return [judged[i] for i in range(len(pairs))]


def _each_once(ask: Callable[[Sequence[str]], list[T]], sources: Sequence[str], on_progress: OnProgress) -> Iterator[T]:
    """The answer to each source; each different one is asked about once, for samples of a task repeat themselves."""
    answers: dict[str, T] = {}
    for start in range(0, len(sources), _AT_ONCE):
        part = sources[start : start + _AT_ONCE]
        new = [source for source in dict.fromkeys(part) if source not in answers]
        answers.update(zip(new, ask(new), strict=True))
        on_progress(start + len(part))
    return (answers[source] for source in sources)


def _with_test(task: Task, completion: str) -> str:
    return Program.of(task, completion).source + (task.test or "")


def _of_the_program(verdict: Verdict | None, pair: Pair) -> Verdict:
    """The verdict without the facts of the test that stands behind the program."""
    if verdict is None:
        raise TypeError("a runner must give the verdict with the execution")
    end = len(Program.of(*pair).source)
    return replace(verdict, methods=tuple(m for m in verdict.methods or () if m.offset < end))
