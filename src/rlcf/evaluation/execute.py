"""Programs of an evaluation, checked without their tests and run with them."""

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Self

from rlcf.config.languages import LanguageOptions
from rlcf.languages.base import Checker, Language, Runner
from rlcf.languages.caching import CachingChecker
from rlcf.languages.registry import load_language, spoken_name
from rlcf.records import Execution, Program, Task, Verdict

Pair = tuple[Task, str]
"""A task and a completion of it."""


@dataclass(frozen=True, slots=True)
class ExecutionOptions:
    """How programs are checked and run."""

    execute: bool = True
    """Run accepted programs together with their tests, where the task has one and the language a runner."""
    sandbox: bool = True
    workers: int = 2
    timeout_s: float = 10.0
    """For one program."""
    language: LanguageOptions | None = None
    """What programs are checked with (a class path, say); tests run without it."""


class Executor:
    """Checks and runs programs of one language; equal programs are checked and run a single time. Use it in a `with`.

    Raises:
        CheckerUnavailable: the compiler is missing.
        SandboxUnavailable: programs cannot be run safely here.
    """

    def __init__(self, language: Language, options: ExecutionOptions, *, runs: bool = True) -> None:
        """Args: runs: whether any program will be run."""
        with ExitStack() as stack:
            self._runner: Runner | None = None
            if runs and options.execute and language.can_run:
                runner = language.runner(options.workers, options.timeout_s, sandbox=options.sandbox)
                self._runner = stack.enter_context(runner)
            if isinstance(self._runner, Checker) and options.language == type(options.language)():
                checker: Checker = self._runner  # its compilers are there and warm
            else:
                checker = language.checker(options.workers, options.timeout_s, options.language)
            self._checker = stack.enter_context(CachingChecker(checker))
            self._resources = stack.pop_all()
        self._executions: dict[bytes, Execution] = {}

    def run(self, pairs: Sequence[Pair]) -> list[tuple[Verdict, Execution | None]]:
        """The verdict on each program without its test, in order, and what became of it with its test.

        `None` where there is no test or no runner. A program that is not accepted is not run.
        """
        programs = [Program.of(*pair) for pair in pairs]
        verdicts = self._checker.check_programs(programs)
        tests = [task.test if self._runner else None for task, _ in pairs]
        executions = self._executed(
            [
                program.with_test(test) if test and verdict.accepted else None
                for program, test, verdict in zip(programs, tests, verdicts, strict=True)
            ]
        )
        return [
            (verdict, Execution.not_run(verdict) if test and not verdict.accepted else execution)
            for verdict, test, execution in zip(verdicts, tests, executions, strict=True)
        ]

    def _executed(self, programs: Sequence[Program | None]) -> list[Execution | None]:
        keys = [None if program is None else _digest(program) for program in programs]
        new = {k: p for k, p in zip(keys, programs, strict=True) if k and p and k not in self._executions}
        if new and self._runner:
            executions = self._runner.run(list(new.values()))
            self._executions |= {k: replace(e, verdict=None) for k, e in zip(new, executions, strict=True)}
        return [None if key is None else self._executions[key] for key in keys]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._resources.close()


class Executors:
    """Programs of several languages, each by its own `Executor`. Use it in a `with`.

    Raises:
        UserError: a language is not known.
        CheckerUnavailable, SandboxUnavailable: see `Executor`.
    """

    def __init__(self, tasks: Sequence[Task], options: ExecutionOptions, language: Language | None = None) -> None:
        """
        Args:
            tasks: those whose programs will be run.
            language: that of all tasks, where it is loaded already.
        """
        self._languages = {name: language or load_language(name) for name in dict.fromkeys(t.language for t in tasks)}
        with ExitStack() as stack:
            self._executors = {
                name: stack.enter_context(
                    Executor(known, _of(name, options), runs=any(t.test for t in tasks if t.language == name))
                )
                for name, known in self._languages.items()
            }
            self._resources = stack.pop_all()

    def language(self, task: Task) -> Language:
        """That of the task."""
        return self._languages[task.language]

    def cut(self, task: Task, completion: str) -> str:
        """The completion without the text after its program's end."""
        end = self.language(task).program_end(task.context, completion, task.suffix)
        return completion if end is None else completion[:end]

    def run(self, pairs: Sequence[Pair]) -> list[tuple[Verdict, Execution | None]]:
        """As `Executor.run`, in the order of `pairs`."""
        ended: dict[int, tuple[Verdict, Execution | None]] = {}
        for name, executor in self._executors.items():
            places = [i for i, (task, _) in enumerate(pairs) if task.language == name]
            ended |= zip(places, executor.run([pairs[i] for i in places]), strict=True)
        return [ended[i] for i in range(len(pairs))]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._resources.close()


def _of(name: str, options: ExecutionOptions) -> ExecutionOptions:
    """The options without those of another language's checker."""
    own = options.language is not None and options.language.name in (name, spoken_name(name))
    return options if own else replace(options, language=None)


def _digest(program: Program) -> bytes:
    return hashlib.sha256(program.source.encode("utf-8", "surrogatepass")).digest()
