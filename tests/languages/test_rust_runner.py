"""The Rust runner: honest programs pass, and no program passes that should not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.errors import CheckerUnavailable, SandboxUnavailable
from rlcf.languages.base import Runner
from rlcf.languages.rust import Rust
from rlcf.languages.rust.toolchain import find_linker, find_rust
from rlcf.records import Program
from rlcf.workers.sandbox import find_sandbox
from tests.languages.exploits.texts import programs

PROGRAMS = programs("rust")
HONEST = [name for name, given in PROGRAMS.items() if given.status == "passed"]
DISHONEST = [name for name, given in PROGRAMS.items() if given.status != "passed"]


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    pytest.importorskip("tree_sitter_rust")
    try:
        find_rust()
        find_sandbox()
    except (CheckerUnavailable, SandboxUnavailable) as error:
        pytest.skip(str(error))
    if find_linker() is None:
        pytest.skip("cc is missing")
    with Rust().runner(workers=2, timeout_s=5.0, memory_mib=128) as made:
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


def test_a_program_sees_no_file_of_the_machine_when_it_runs_or_is_built(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("2")
    test = '\n#[test]\nfn one() {\n    assert_eq!(f(), "2");\n}\n'
    reads = f'fn f() -> String {{\n    std::fs::read_to_string("{tmp_path}/secret").unwrap_or_default()\n}}\n'
    includes = f'fn f() -> String {{\n    include_str!("{tmp_path}/secret").to_string()\n}}\n'
    executions = runner.run([Program(text).with_test(test) for text in (reads, includes)])
    assert [execution.status for execution in executions] == ["failed", "rejected"]


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("fn f() {}\n\n#[cfg(test)]\nmod tests {}\n", "#[cfg(test)]\nmod tests {}\n"),
        ("fn f() {}\n#[test]\nfn t() {}\nfn main() {}\n", "#[test]\nfn t() {}\nfn main() {}\n"),
        ("fn f() {}\nfn main() {}\n", "fn main() {}\n"),
        ("fn f() {}\n", ""),
    ],
)
def test_the_test_of_a_text_starts_with_its_first_test_or_main(runner: Runner, source: str, test: str) -> None:
    made = runner.with_known_test(source)  # type: ignore[attr-defined]
    assert source[made.test_start :] == test
