"""The runners of JavaScript and TypeScript: honest programs pass, and no program passes that should not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.errors import CheckerUnavailable, SandboxUnavailable
from rlcf.languages.base import Runner
from rlcf.languages.javascript.node import find_node
from rlcf.languages.registry import load_language
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.records import Program
from rlcf.workers.sandbox import find_sandbox

_PROGRAM = re.compile(r"^//// ([^\n]+): (\w+)\n(.*?)^////\n(.*?)\n?(?=^//// |\Z)", re.MULTILINE | re.DOTALL)
_FOLDER = Path(__file__).parent / "exploits"
LANGUAGES = ("javascript", "typescript")
PROGRAMS = {
    (language, name): (source, test, status)
    for language in LANGUAGES
    for name, status, source, test in _PROGRAM.findall((_FOLDER / f"{language}.txt").read_text(encoding="utf-8"))
}
HONEST = [key for key, each in PROGRAMS.items() if each[2] == "passed"]


@pytest.fixture(scope="module")
def runners() -> Iterator[dict[str, Runner]]:
    try:
        find_compiler()
        find_node()
        find_sandbox()
    except (CheckerUnavailable, SandboxUnavailable) as error:
        pytest.skip(str(error))
    made = {name: load_language(name).runner(workers=2, timeout_s=3.0, memory_mib=128) for name in LANGUAGES}
    yield made
    for runner in made.values():
        runner.close()


def program(source: str, test: str, context: str = "") -> Program:
    return Program(context + source, len(context), len(context) + len(source)).with_test(test)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_programs(language: str) -> None:
    honest = [name for of, name in HONEST if of == language]
    assert len(honest) >= 12
    assert len([name for of, name in PROGRAMS if of == language]) - len(honest) >= 25


@pytest.mark.parametrize(("language", "name"), HONEST)
def test_an_honest_program_passes(runners: dict[str, Runner], language: str, name: str) -> None:
    (execution,) = runners[language].run([program(*PROGRAMS[language, name][:2])])
    assert execution.status == "passed", execution


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_dishonest_program_passes_nor_disturbs_another(runners: dict[str, Runner], language: str) -> None:
    right = program(*PROGRAMS[language, "a function"][:2])
    bad = {name: each for (of, name), each in PROGRAMS.items() if of == language and each[2] != "passed"}
    executions = runners[language].run([each for s, t, _ in bad.values() for each in (program(s, t), right)])
    came = {name: (execution.status, execution.detail) for name, execution in zip(bad, executions[::2], strict=True)}
    assert {name: status for name, (status, _) in came.items()} == {n: each[2] for n, each in bad.items()}, came
    assert {execution.status for execution in executions[1::2]} == {"passed"}
