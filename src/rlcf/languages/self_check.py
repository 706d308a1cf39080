"""What every language has to keep, as checks that any language can be put through.

A language's test gives its `Examples` and runs every function of `CHECKS` on it. A check raises
`ContractBroken` with what was expected and what came; it needs the language's real tools.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rlcf.languages.base import Language
from rlcf.records import ExecutionStatus, Task


class ContractBroken(AssertionError):
    """A language does not do what `base.py` says."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A program that the compiler refuses, and where its first error stands."""

    source: str
    code: str
    offset: int
    """From 0, in characters."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Small programs of one language."""

    accepted: Sequence[str]
    rejected: Sequence[Rejected]
    hostile: Sequence[str]
    """Texts that must get a verdict, whichever, and must not disturb what comes after them."""
    outcomes: Sequence[tuple[str, ExecutionStatus]]
    """Programs with their tests and what running them must give; forged successes and endless loops among
    them."""
    endings: Sequence[tuple[str, str, str]]
    """A prompt, the completion that ends its program, and what comes behind the end."""
    tasks: Sequence[Task]
    """Tasks for which a stub can be made."""


Check = Callable[[Language, Examples], None]

_TIMEOUT_S = 2.0
"""Seconds a run has in these checks; the endless ones take all of it."""


def it_says_what_it_needs(language: Language, examples: Examples) -> None:  # noqa: ARG001
    """Each requirement has a name, a purpose and a remedy of one line."""
    _require(bool(language.suffixes), "a language has suffixes")
    for requirement in language.requirements():
        for text in (requirement.name, requirement.remedy, requirement.needed_for):
            _require(bool(text) and "\n" not in text, f"one line of text in each field of {requirement}")


def verdicts_are_those_of_the_compiler(language: Language, examples: Examples) -> None:
    """Status, code and place of the first diagnostic; offset, line and column agree."""
    with language.checker(workers=1) as checker:
        accepted = checker.check(list(examples.accepted))
        rejected = checker.check([example.source for example in examples.rejected])
    for source, verdict in zip(examples.accepted, accepted, strict=True):
        _require(verdict.status == "accepted", f"accepted, not {verdict}: {source!r}")
    for example, verdict in zip(examples.rejected, rejected, strict=True):
        _require(verdict.status == "rejected", f"rejected, not {verdict}: {example.source!r}")
        first = verdict.diagnostics[0]
        expected = (example.code, example.offset)
        _require((first.code, first.offset) == expected, f"{expected} first, not {first}")
        before = example.source[: example.offset]
        line, column = before.count("\n") + 1, example.offset - (before.rfind("\n") + 1) + 1
        _require((first.line, first.column) == (line, column), f"line {line}, column {column} in {first}")


def verdicts_come_in_input_order(language: Language, examples: Examples) -> None:
    """Many programs, several workers, several threads that ask at once: to each its own."""
    sources = [*examples.accepted, *(example.source for example in examples.rejected)] * 20
    expected = (["accepted"] * len(examples.accepted) + ["rejected"] * len(examples.rejected)) * 20
    with language.checker(workers=2) as checker, ThreadPoolExecutor(3) as threads:
        _require(checker.check([]) == [], "no verdict for no program")
        for verdicts in threads.map(checker.check, [sources] * 3):
            _require([verdict.status for verdict in verdicts] == expected, "each at its program's place")


def no_text_disturbs_its_neighbours(language: Language, examples: Examples) -> None:
    """The same verdicts before, between and after hostile texts, in any order."""
    sources = [*examples.accepted, *(example.source for example in examples.rejected)]
    neighbours = [sources[i % len(sources)] for i in range(len(examples.hostile))]
    pairs = [text for pair in zip(examples.hostile, neighbours, strict=True) for text in pair]
    with language.checker(workers=1) as checker:
        alone = dict(zip(sources, checker.check(sources), strict=True))
        hostile = checker.check(list(examples.hostile))
        mixed = checker.check(pairs)
        after = checker.check(sources[::-1])
    _require(after[::-1] == list(alone.values()), "the verdicts after hostile texts to be those before")
    _require(mixed[::2] == hostile, "the same verdict for a hostile text each time")
    for source, verdict in zip(neighbours, mixed[1::2], strict=True):
        _require(verdict == alone[source], f"{alone[source]} between hostile texts, not {verdict}")


def runs_end_as_they_should(language: Language, examples: Examples) -> None:
    """Success cannot be forged, loops end, and every other end has its name."""
    with language.runner(workers=2, timeout_s=_TIMEOUT_S, memory_mib=128) as runner:
        _require(runner.run([]) == [], "no execution for no program")
        executions = runner.run([source for source, _ in examples.outcomes])
    for (source, status), execution in zip(examples.outcomes, executions, strict=True):
        _require(execution.status == status, f"{status}, not {execution}: {source!r}")
        _require("\n" not in execution.detail, f"a detail of one line in {execution}")


def programs_end_where_they_end(language: Language, examples: Examples) -> None:
    """`program_end` finds the end, says nothing before it, and changes only at an end mark."""
    for prompt, program, behind in examples.endings:
        whole = language.program_end(prompt, program + behind)
        _require(whole == len(program), f"{len(program)}, not {whole}, for {prompt!r} + {program + behind!r}")
        for length in range(len(program)):
            early = language.program_end(prompt, program[:length])
            _require(early is None, f"no end yet, not {early}, in {prompt!r} + {program[:length]!r}")
        if language.end_marks:
            _require(program[-1] in language.end_marks, f"{program[-1]!r} among the end marks")


def what_is_open_is_closed(language: Language, examples: Examples) -> None:
    """`closing` ends a program right behind its prompt, and says nothing behind one that has ended."""
    for task in examples.tasks:
        closing = language.closing(task.prompt)
        end = language.program_end(task.prompt, closing)
        _require(not closing or end == len(closing), f"the end of {task.prompt!r} + {closing!r}, not {end}")
        whole = task.prompt + (language.stub(task) or "")
        _require(language.closing(whole) == "", f"nothing open at the end of {whole!r}")


def stubs_compile_and_do_nothing(language: Language, examples: Examples) -> None:
    """A stub makes a program that is accepted, ends where it ends, and is trivial."""
    stubs = [language.stub(task) for task in examples.tasks]
    programs = [task.prompt + (stub or "") for task, stub in zip(examples.tasks, stubs, strict=True)]
    with language.checker(workers=1) as checker:
        verdicts = checker.check(programs)
    for task, program, stub, verdict in zip(examples.tasks, programs, stubs, verdicts, strict=True):
        _require(stub is not None, f"a stub for {task.task_id}")
        _require(verdict.accepted, f"a stub that compiles, not {verdict}: {program}")
        _require(verdict.trivial(task) is True, f"a trivial stub: {program}")
        end = language.program_end(task.prompt, stub or "")
        _require(end == len((stub or "").rstrip()), f"a stub that ends the program: {program}")


CHECKS: tuple[Check, ...] = (
    it_says_what_it_needs,
    verdicts_are_those_of_the_compiler,
    verdicts_come_in_input_order,
    no_text_disturbs_its_neighbours,
    runs_end_as_they_should,
    programs_end_where_they_end,
    what_is_open_is_closed,
    stubs_compile_and_do_nothing,
)


def _require(kept: bool, expected: str) -> None:
    if not kept:
        raise ContractBroken(f"expected {expected}")
