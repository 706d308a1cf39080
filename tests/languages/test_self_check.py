"""The contract suite finds languages that break the contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from rlcf.config.languages import LanguageOptions
from rlcf.languages import self_check
from rlcf.languages.base import Checker, Language, Runner
from rlcf.languages.self_check import Check, ContractBroken, Ending, Skipped
from rlcf.records import Execution, MethodFacts, Program, Task, Verdict
from tests.languages.examples.compiled_python import COMPILED_PYTHON as PYTHON
from tests.languages.python_language import Python


class Altered(Checker):
    """Changes what a checker answers."""

    def __init__(self, checker: Checker, change: Callable[[list[Verdict]], list[Verdict]]) -> None:
        self._checker = checker
        self._change = change

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        return self._change(self._checker.check(sources))

    def close(self) -> None:
        self._checker.close()


class AlteredPython(Python):
    """Python with other verdicts."""

    def __init__(self, change: Callable[[Verdict], Verdict], reverse: bool = False) -> None:
        self.change = change
        self.reverse = reverse

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        def changed(verdicts: list[Verdict]) -> list[Verdict]:
            return [self.change(v) for v in (verdicts[::-1] if self.reverse else verdicts)]

        return Altered(super().checker(workers, timeout_s), changed)


def first(verdict: Verdict, **changes: object) -> Verdict:
    """The verdict with its first diagnostic changed."""
    return replace(verdict, diagnostics=tuple(replace(d, **changes) for d in verdict.diagnostics))  # type: ignore[arg-type]


TRIVIAL = (MethodFacts("f", 8, 0, ("x",), (), False),)
BROKEN: dict[str, tuple[Language, Check]] = {
    "a warning that rejects": (
        AlteredPython(lambda v: replace(v, status="rejected" if v.diagnostics else "accepted")),
        self_check.verdicts_are_those_of_the_compiler,
    ),
    "a rejection without an error": (
        AlteredPython(lambda v: first(v, severity="warning")),
        self_check.verdicts_are_those_of_the_compiler,
    ),
    "another code": (AlteredPython(lambda v: first(v, code="x")), self_check.verdicts_are_those_of_the_compiler),
    "columns from 0": (AlteredPython(lambda v: first(v, column=0)), self_check.verdicts_are_those_of_the_compiler),
    "another order": (AlteredPython(lambda v: v, reverse=True), self_check.verdicts_come_in_input_order),
    "a trivial reference": (
        AlteredPython(lambda v: replace(v, methods=TRIVIAL)),
        self_check.references_are_accepted_and_not_trivial,
    ),
    "no method written": (
        AlteredPython(lambda v: replace(v, methods=())),
        self_check.references_are_accepted_and_not_trivial,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_language_is_found(name: str) -> None:
    language, check = BROKEN[name]
    with pytest.raises(ContractBroken):
        check(language, PYTHON)
    check(Python(), PYTHON)


class WithStub(Python):
    def __init__(self, stub: str) -> None:
        self.text = stub

    def stub(self, task: Task) -> str | None:
        return self.text


def test_a_stub_of_a_language_without_an_end_mark_need_not_end_its_program() -> None:
    self_check.stubs_compile_and_do_nothing(WithStub("    return None\n"), PYTHON)
    with pytest.raises(ContractBroken, match="accepted, and trivial: None"):
        self_check.stubs_compile_and_do_nothing(WithStub("return None\n"), PYTHON)


class PassesAll(Runner):
    def run(self, sources: Sequence[str | Program]) -> list[Execution]:
        return [Execution("passed", verdict=Verdict("accepted")) for _ in sources]

    def close(self) -> None:
        pass


class WithRunner(Python):
    def runner(self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True) -> Runner:
        return PassesAll()


def test_a_runner_that_passes_everything_is_found() -> None:
    outcomes = [("assert True", "passed"), ("assert False", "failed")]
    with pytest.raises(ContractBroken, match="failed, not"):
        self_check.runs_end_as_they_should(WithRunner(), replace(PYTHON, outcomes=outcomes))


class WithEnds(Python):
    end_marks = ";"

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:
        return completion.rfind(";") + 1 or None


def test_an_end_that_changes_with_what_follows_is_found() -> None:
    def check(ending: Ending) -> None:
        self_check.programs_end_where_they_end(WithEnds(), replace(PYTHON, endings=[ending]))

    check(Ending("", "x = 1;", "y"))
    with pytest.raises(ContractBroken):
        check(Ending("", "x = 1;", "y;"))


DECLARED: dict[str, tuple[Language, Check]] = {
    "a runner": (WithRunner(), self_check.runs_end_as_they_should),
    "an end mark": (WithEnds(), self_check.programs_end_where_they_end),
}


@pytest.mark.parametrize("capability", DECLARED)
def test_what_a_language_lacks_is_skipped_and_what_it_declares_needs_examples(capability: str) -> None:
    language, check = DECLARED[capability]
    with pytest.raises(Skipped, match="the language declares no"):
        check(Python(), PYTHON)
    with pytest.raises(ContractBroken, match="examples"):
        check(language, PYTHON)
