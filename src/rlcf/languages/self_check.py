"""The contract suite: what every language has to keep, as checks that any language can be put through.

A language's test gives its `Examples` and runs every function of `CHECKS` on it, with the language's real tools. A
check about a capability that the language does not declare raises `Skipped`; one that is declared needs examples.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rlcf.config.languages import LanguageOptions
from rlcf.errors import CheckerUnavailable, UserError
from rlcf.languages.base import Language
from rlcf.records import LINE_END, DrivenRun, ExecutionStatus, Program, Task


class ContractBroken(AssertionError):
    """A language does not do what `base.py` says; the text has what was expected and what came."""


class Skipped(Exception):
    """The check is about a capability that the language does not declare."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A program that the compiler refuses, and where its first error is."""

    source: str
    code: str
    offset: int | None
    """From 0, in characters; `None` where the compiler names no place."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A completion that ends its program."""

    context: str
    completion: str
    after: str = ""
    """What a model writes after the end."""
    suffix: str = ""
    """What follows the completion in the program."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Small programs of one language. What belongs to a capability that it lacks stays empty."""

    accepted: Sequence[str]
    rejected: Sequence[Rejected]
    hostile: Sequence[str]
    """Texts that must get a verdict, whichever, and must not change the verdicts of others."""
    tasks: Sequence[Task]
    """At least one has a canonical solution. Where the language has stubs, each has one."""
    warned: Sequence[str] = ()
    """Programs that are accepted with a warning."""
    outcomes: Sequence[tuple[str | Program, ExecutionStatus]] = ()
    """Programs with their tests, and the status of their execution; forged successes and endless loops among them."""
    driven: Sequence[tuple[Task, str, str]] = ()
    """Two completions of a task whose method can be called on generated inputs; they do different things."""
    endings: Sequence[Ending] = ()
    same_code: Sequence[tuple[Task, str, str]] = ()
    """Two completions of a task that differ in nothing that a discriminator may see: comments, strings, other
    methods."""


Check = Callable[[Language, Examples], None]

_TIMEOUT_S = 2.0
"""Seconds that a run may take in these checks; the endless ones take all of it."""
_LINE_ENDS = "é𝒙\u2028y\u2029y\x85y\x0by\x0cy\x1cy"
"""A hostile text for all languages: what a compiler writes of it must not be divided at each of these."""


def it_declares_itself(language: Language, examples: Examples) -> None:  # noqa: ARG001
    """Suffixes have a dot, fence labels are in lower case, and requirements have one line of text in each field."""
    _require(bool(language.suffixes) and all(s[:1] == "." for s in language.suffixes), "suffixes such as '.java'")
    _require(all(label == label.lower() for label in language.fence_labels), "fence labels in lower case")
    for need in language.requirements():
        lines = [len(text.splitlines()) for text in (need.name, need.remedy, need.needed_for)]
        _require(lines == [1, 1, 1], f"one line of text in each field of {need}")


def verdicts_are_those_of_the_compiler(language: Language, examples: Examples) -> None:
    """Status, code and place of the first error; offset, line and column agree; a warning does not reject."""
    cases: list[tuple[str, Rejected | None]] = [(source, None) for source in (*examples.accepted, *examples.warned)]
    cases += [(example.source, example) for example in examples.rejected]
    with language.checker(workers=1) as checker:
        verdicts = checker.check([source for source, _ in cases])
    for (source, rejected), verdict in zip(cases, verdicts, strict=True):
        errors = [(d.code, d.offset) for d in verdict.diagnostics if d.severity == "error"]
        status, first = ("accepted", []) if rejected is None else ("rejected", [(rejected.code, rejected.offset)])
        _require((verdict.status, errors[:1]) == (status, first), f"{status} {first}, not {verdict}: {source!r}")
        _require(source not in examples.warned or bool(verdict.diagnostics), f"a warning: {source!r}")
        for d in verdict.diagnostics:
            before = LINE_END.split(source[: d.offset])
            place = (0, 0) if d.offset is None else (len(before), len(before[-1]) + 1)
            _require((d.line, d.column) == place, f"line and column {place} in {d}: {source!r}")


def verdicts_come_in_input_order(language: Language, examples: Examples) -> None:
    """Many programs, several workers, several threads that call at the same time: each gets its own."""
    sources = [*examples.accepted, *(example.source for example in examples.rejected)] * 20
    expected = (["accepted"] * len(examples.accepted) + ["rejected"] * len(examples.rejected)) * 20
    with language.checker(workers=2) as checker, ThreadPoolExecutor(3) as threads:
        _require(checker.check([]) == [], "no verdict for no program")
        for verdicts in threads.map(checker.check, [sources] * 3):
            _require([verdict.status for verdict in verdicts] == expected, "each verdict at its program's place")


def no_text_disturbs_its_neighbours(language: Language, examples: Examples) -> None:
    """The same verdicts before, between and after hostile texts, in any order."""
    sources = [*examples.accepted, *(example.source for example in examples.rejected)]
    hostile = [*examples.hostile, _LINE_ENDS]
    pairs = [text for i, each in enumerate(hostile) for text in (each, sources[i % len(sources)])]
    with language.checker(workers=1) as checker:
        before = dict(zip(sources, checker.check(sources), strict=True))
        before |= zip(hostile, checker.check(hostile), strict=True)
        between, after = checker.check(pairs), checker.check(sources[::-1])
    for source, verdict in zip(pairs + sources[::-1], between + after, strict=True):
        _require(verdict == before[source], f"{before[source]} also after hostile texts, not {verdict}: {source!r}")


def a_closed_checker_gives_no_verdict(language: Language, examples: Examples) -> None:
    """`close` may be called twice; a closed checker is unavailable, and neither hangs nor rejects."""
    checker = language.checker(workers=1)
    checker.close()
    checker.close()
    _require_error(CheckerUnavailable, lambda: checker.check(examples.accepted))


def options_of_another_language_are_refused(language: Language, examples: Examples) -> None:  # noqa: ARG001
    """A user's mistake."""
    _declared(language.options_type is not LanguageOptions, "options of its own")
    _require_error(UserError, lambda: language.checker(workers=1, options=LanguageOptions(name="another")))


def references_are_accepted_and_not_trivial(language: Language, examples: Examples) -> None:
    """Triviality is `None` where the language knows no methods."""
    solved = [(t, t.canonical_solution) for t in examples.tasks if t.canonical_solution is not None]
    _require(bool(solved), "a task with a canonical solution among the examples")
    _require_trivial(False, language, solved)


def stubs_compile_and_do_nothing(language: Language, examples: Examples) -> None:
    """A stub makes a program that is accepted, ends where it ends, and is trivial where that is known."""
    _declared(_overrides(language, "stub"), "stub", examples.tasks)
    stubs = [(task, language.stub(task) or "") for task in examples.tasks]
    for task, stub in stubs:
        _require(bool(stub), f"a stub for {task.task_id}")
        end = language.program_end(task.context, stub, task.suffix)
        ended = language.end_marks is None or language.ends_with_text or end == len(stub.rstrip())
        _require(ended, f"a stub that ends the program of {task.task_id}: {stub!r}")
    _require_trivial(True, language, stubs)


def runs_end_as_they_should(language: Language, examples: Examples) -> None:
    """Success cannot be forged, loops end, every other end has its name, and the verdict comes along."""
    _declared(language.can_run, "runner", examples.outcomes)
    with language.runner(workers=2, timeout_s=_TIMEOUT_S, memory_mib=128) as runner:
        _require(runner.run([]) == [], "no execution for no program")
        executions = runner.run([source for source, _ in examples.outcomes])
    for (source, status), execution in zip(examples.outcomes, executions, strict=True):
        _require(execution.status == status, f"{status}, not {execution}: {source!r}")
        told = "\n" not in execution.detail and execution.verdict is not None
        _require(told, f"a detail of one line, and a verdict, in {execution}")


def inputs_are_the_same_for_all_programs(language: Language, examples: Examples) -> None:
    """Whichever are asked for, and in whichever order; and programs that differ have other outcomes."""
    _declared(language.can_drive, "driver", examples.driven)
    with language.driver(workers=2, timeout_s=_TIMEOUT_S) as driver:
        _require(driver.drive([]) == [], "nothing for no program")
        for task, one, other in examples.driven:
            runs = [DrivenRun(task, one, tuple(range(9))), DrivenRun(task, one, (7, 2)), DrivenRun(task, other, (2, 7))]
            every, some, others = ([(c.known, c.given, c.outcome) for c in d.calls] for d in driver.drive(runs))
            _require(all(known for known, *_ in every), f"an outcome for each input of {task.task_id}, not {every}")
            _require(some == [every[7], every[2]], f"the same for each number: {every}, not {some}")
            given = [[text for _, text, _ in calls] for calls in (some[::-1], others)]
            _require(given[0] == given[1] and len({*given[0]}) == 2, f"the same inputs for all programs: {given}")
            _require(others != some[::-1], f"other outcomes of {other!r} than of {one!r}")


def programs_end_where_they_end(language: Language, examples: Examples) -> None:
    """`program_end` finds the end, nothing before it, and changes only at an end mark."""
    _declared(language.end_marks is not None, "end mark", examples.endings)
    for e in examples.endings:
        whole = e.completion + e.after
        ends = [language.program_end(e.context, whole[:length], e.suffix) for length in range(len(whole) + 1)]
        known = ends.index(len(e.completion)) if len(e.completion) in ends else len(ends)
        _require(set(ends[:known]) <= {None} and set(ends[known:]) == {len(e.completion)}, f"the end, not {ends}: {e}")
        _require(not language.end_marks or whole[known - 1] in language.end_marks, f"an end mark at the end: {e}")


def what_is_open_is_closed(language: Language, examples: Examples) -> None:
    """`closing` ends a program right after its context, and is empty after one that has ended."""
    _declared(_overrides(language, "closing"), "closing", examples.tasks)
    for task in examples.tasks:
        closing = language.closing(task.context)
        end = language.program_end(task.context, closing)
        _require(not closing or end == len(closing), f"the end of {task.context!r} + {closing!r}, not {end}")
        whole = Program.of(task, language.stub(task) or closing).source
        _require(language.closing(whole) == "", f"nothing open at the end of {whole!r}")


def a_discriminator_sees_the_same_code(language: Language, examples: Examples) -> None:
    """Comments, the text of strings and other methods do not change what `judged_code` gives."""
    _declared(_overrides(language, "judged_code"), "judged code", examples.same_code)
    for task, one, other in examples.same_code:
        seen = [language.judged_code(task, text) for text in (one, other)]
        _require(seen[0] == seen[1], f"the same code: {seen[0]!r}, {seen[1]!r}")


CHECKS: tuple[Check, ...] = (
    it_declares_itself,
    verdicts_are_those_of_the_compiler,
    verdicts_come_in_input_order,
    no_text_disturbs_its_neighbours,
    a_closed_checker_gives_no_verdict,
    options_of_another_language_are_refused,
    references_are_accepted_and_not_trivial,
    stubs_compile_and_do_nothing,
    runs_end_as_they_should,
    inputs_are_the_same_for_all_programs,
    programs_end_where_they_end,
    what_is_open_is_closed,
    a_discriminator_sees_the_same_code,
)


def _require_trivial(trivial: bool, language: Language, pairs: Sequence[tuple[Task, str]]) -> None:
    """The programs are accepted, and trivial or not, or not known to be either."""
    sources = [Program.of(task, completion).source for task, completion in pairs]
    with language.checker(workers=1) as checker:
        verdicts = checker.check(sources)
    for (task, _), source, verdict in zip(pairs, sources, verdicts, strict=True):
        known = None if verdict.methods is None else trivial
        came = (verdict.accepted, verdict.trivial(task))
        _require(came == (True, known), f"accepted, and trivial: {known}; not {verdict}: {source}")


def _overrides(language: Language, method: str) -> bool:
    return getattr(type(language), method) is not getattr(Language, method)


def _declared(declared: bool, capability: str, examples: Sequence[object] = ("none needed",)) -> None:
    """Skips the check of a capability that is lacking; one that is there needs examples."""
    if not declared:
        raise Skipped(f"the language declares no {capability}")
    _require(bool(examples), f"examples, for the language declares: {capability}")


def _require_error(error: type[Exception], action: Callable[[], object]) -> None:
    try:
        result = action()
    except error:
        return
    raise ContractBroken(f"expected {error.__name__}, not {result}")


def _require(kept: bool, expected: str) -> None:
    if not kept:
        raise ContractBroken(f"expected {expected}")
