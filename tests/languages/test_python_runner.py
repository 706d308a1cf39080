"""The Python runner: honest programs pass, and no program passes that should not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.errors import SandboxUnavailable
from rlcf.languages.base import Runner
from rlcf.languages.python import Python, find_ty
from rlcf.languages.python.runner import with_known_test
from rlcf.records import Program
from rlcf.workers.sandbox import find_sandbox
from tests.languages.exploits.texts import programs

TEST = "assert f(1) == 2\n"


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    if find_ty() is None:
        pytest.skip("ty is missing")
    try:
        find_sandbox()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    with Python().runner(workers=2, timeout_s=3.0, memory_mib=128) as made:
        yield made


def program(source: str, test: str = TEST, context: str = "") -> Program:
    return Program(context + source, len(context), len(context) + len(source)).with_test(test)


PROGRAMS = programs("python")
HONEST = {name: each for name, each in PROGRAMS.items() if each.status == "passed"}
DISHONEST = {name: each for name, each in PROGRAMS.items() if each.status != "passed"}


def test_there_are_programs() -> None:
    assert len(HONEST) >= 15
    assert len(DISHONEST) >= 30


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_program_passes(runner: Runner, name: str) -> None:
    (execution,) = runner.run([HONEST[name].program])
    assert execution.status == "passed", execution


def test_no_dishonest_program_passes_nor_disturbs_another(runner: Runner) -> None:
    right = HONEST["a function"].program
    executions = runner.run([program for each in DISHONEST.values() for program in (each.program, right)])
    came = {name: execution.status for name, execution in zip(DISHONEST, executions[::2], strict=True)}
    assert came == {name: each.status for name, each in DISHONEST.items()}
    assert {execution.status for execution in executions[1::2]} == {"passed"}


def test_a_name_of_pythons_own_is_the_tasks_where_the_task_gives_it(runner: Runner) -> None:
    mine = program("    return 7\n", "assert sum([1]) == 7\n", context="def sum(a):\n")
    (execution,) = runner.run([mine])
    assert execution.status == "passed"


def test_a_program_sees_no_file_of_the_machine(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("2")
    secret = str(tmp_path / "secret")
    reads = f"def f(x):\n    try:\n        return int(open({secret!r}).read())\n    except OSError:\n        return 1\n"
    (execution,) = runner.run([program(reads)])
    assert execution.status == "failed"


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("def f(): pass\nassert f()\nx = 1\n", "assert f()\nx = 1\n"),
        ("import os\nclass A: pass\n\nprint(1)\n", "print(1)\n"),
        ("print(1)\n", "print(1)\n"),
        ("def f(): pass\n", ""),
        ("def f(:", ""),
    ],
)
def test_the_test_of_a_text_is_what_follows_its_last_definition(source: str, test: str) -> None:
    made = with_known_test(source)
    assert source[len(source) if made.test_start is None else made.test_start :] == test
