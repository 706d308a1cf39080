"""The Go runner: honest programs pass, and no program passes that should not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.errors import CheckerUnavailable, SandboxUnavailable
from rlcf.languages.base import Runner
from rlcf.languages.go import Go
from rlcf.languages.go.toolchain import find_go
from rlcf.records import Program
from rlcf.workers.sandbox import find_sandbox
from tests.languages.exploits.texts import programs

PROGRAMS = programs("go")
HONEST = [name for name, given in PROGRAMS.items() if given.status == "passed"]
DISHONEST = [name for name, given in PROGRAMS.items() if given.status != "passed"]


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    try:
        find_go()
        find_sandbox()
    except (CheckerUnavailable, SandboxUnavailable) as error:
        pytest.skip(str(error))
    with Go().runner(workers=2, timeout_s=5.0, memory_mib=128) as made:
        yield made


def test_there_are_programs() -> None:
    assert len(HONEST) >= 15
    assert len(DISHONEST) >= 30


def test_every_honest_program_passes(runner: Runner) -> None:
    executions = runner.run([PROGRAMS[name].program for name in HONEST])
    assert {name: e.detail for name, e in zip(HONEST, executions, strict=True) if e.status != "passed"} == {}


def test_no_dishonest_program_passes_nor_disturbs_another(runner: Runner) -> None:
    right = PROGRAMS["a function"].program
    executions = runner.run([each for name in DISHONEST for each in (PROGRAMS[name].program, right)])
    came = dict(zip(DISHONEST, [execution.status for execution in executions[::2]], strict=True))
    assert came == {name: PROGRAMS[name].status for name in DISHONEST}
    assert {execution.status for execution in executions[1::2]} == {"passed"}


def test_a_program_sees_no_file_of_the_machine(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("2")
    reads = f'{{\n\tb, _ := os.ReadFile("{tmp_path}/secret")\n\treturn string(b)\n}}\n'
    whole = Program(f'package main\n\nimport "os"\n\nfunc f() string {reads}')
    (execution,) = runner.run([whole.with_test('\nfunc main() {\n\tif f() != "2" {\n\t\tpanic("no")\n\t}\n}\n')])
    assert execution.status == "failed"


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("package main\n\nfunc f() {}\n\nfunc main() { f() }\n", "func main() { f() }\n"),
        ('package main\n\nfunc f() {}\n\npackage main\n\nimport "testing"\n', 'package main\n\nimport "testing"\n'),
        (
            "package main\n\nfunc f() {}\nfunc TestF(t *testing.T) {}\nfunc main() {}\n",
            "func TestF(t *testing.T) {}\nfunc main() {}\n",
        ),
        ("package main\n", ""),
    ],
)
def test_the_test_of_a_text_starts_with_its_last_package_or_its_first_test(
    runner: Runner, source: str, test: str
) -> None:
    made = runner.with_known_test(source)  # type: ignore[attr-defined]
    assert source[made.test_start :] == test
