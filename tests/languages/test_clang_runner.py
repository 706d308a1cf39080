"""The runners of C and C++: honest programs pass, and no program passes that should not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.errors import SandboxUnavailable
from rlcf.languages.base import Language, Runner
from rlcf.languages.c import C
from rlcf.languages.cpp import Cpp
from rlcf.records import Execution, Program
from rlcf.workers.sandbox import find_sandbox

LANGUAGES: dict[str, Language] = {"c": C(), "cpp": Cpp()}
_PROGRAM = re.compile(r"^#### ([^\n]+): (\w+)\n(.*?)^####\n(.*?)\n?(?=^#### |\Z)", re.MULTILINE | re.DOTALL)


def _programs(name: str) -> dict[str, tuple[Program, str]]:
    """By their names: a program with its test, and the status."""
    text = (Path(__file__).parent / "exploits" / f"{name}.txt").read_text(encoding="utf-8")
    made = {}
    for title, status, source, test in _PROGRAM.findall(text):
        context, mark, written = source.partition("////\n")
        start = len(context) if mark else 0
        whole = context + written if mark else source
        made[title] = (Program(whole, start, len(whole)).with_test("\n" + test), status)
    return made


PROGRAMS = {name: _programs(name) for name in LANGUAGES}
HONEST = [(name, title) for name, of in PROGRAMS.items() for title, (_, status) in of.items() if status == "passed"]


@pytest.fixture(scope="module")
def runners() -> Iterator[dict[str, Runner]]:
    missing = [need.name for language in LANGUAGES.values() for need in language.requirements() if need.found is None]
    if missing:
        pytest.skip(f"missing: {', '.join(missing)}")
    try:
        find_sandbox()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    made = {name: each.runner(workers=2, timeout_s=3.0, memory_mib=128) for name, each in LANGUAGES.items()}
    yield made
    for runner in made.values():
        runner.close()


@pytest.mark.parametrize("name", LANGUAGES)
def test_there_are_programs(name: str) -> None:
    passing = [status == "passed" for _, status in PROGRAMS[name].values()]
    assert sum(passing) >= 8
    assert len(passing) - sum(passing) >= 20


@pytest.mark.parametrize("name", LANGUAGES)
def test_honest_programs_pass(runners: dict[str, Runner], name: str) -> None:
    honest = {title: program for title, (program, status) in PROGRAMS[name].items() if status == "passed"}
    ended = dict(zip(honest, runners[name].run(list(honest.values())), strict=True))
    assert {title: _told(execution) for title, execution in ended.items() if not execution.passed} == {}


@pytest.mark.parametrize("name", LANGUAGES)
def test_no_dishonest_program_passes_nor_disturbs_another(runners: dict[str, Runner], name: str) -> None:
    dishonest = {title: each for title, each in PROGRAMS[name].items() if each[1] != "passed"}
    right = PROGRAMS[name]["a function"][0]
    executions = runners[name].run([each for program, _ in dishonest.values() for each in (program, right)])
    came = dict(zip(dishonest, executions[::2], strict=True))
    wrong = {title: _told(e) for title, e in came.items() if e.status != dishonest[title][1]}
    assert wrong == {}
    assert {execution.status for execution in executions[1::2]} == {"passed"}


def _told(execution: Execution) -> str:
    return f"{execution.status}: {execution.detail}"
