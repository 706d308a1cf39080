"""Kotlin's checker: programs that are compiled together get the verdicts that they get alone."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlcf.config.languages import KotlinOptions
from rlcf.errors import CheckerUnavailable, UserError
from rlcf.languages.base import Checker
from rlcf.languages.functions import facts_of
from rlcf.languages.java.build import clean_environment
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.kotlin import Kotlin
from rlcf.languages.kotlin import compiler as kotlin_compiler
from rlcf.languages.kotlin.checker import KotlinChecker
from tests.languages.examples.kotlin import KOTLIN


@pytest.fixture(scope="module")
def checker() -> Iterator[Checker]:
    for need in Kotlin().requirements():
        if need.found is None:
            pytest.skip(f"{need.name} is missing: {need.remedy}")
    with Kotlin().checker(workers=1, timeout_s=60.0) as made:
        yield made


def test_programs_that_are_compiled_together_get_the_verdicts_that_they_get_alone(checker: Checker) -> None:
    sources = [*KOTLIN.accepted, *KOTLIN.warned, *(example.source for example in KOTLIN.rejected), *KOTLIN.hostile]
    alone = [checker.check([source])[0] for source in sources]
    for seed in (0, 1):
        order = list(range(len(sources)))
        random.Random(seed).shuffle(order)
        together = checker.check([sources[i] for i in order])
        for i, verdict in zip(order, together, strict=True):
            assert verdict == alone[i], sources[i][:200]


def test_programs_do_not_see_each_other(checker: Checker) -> None:
    sources = ["fun helper() = 1\nclass Shared\n", "val x = helper()\n", "val y = Shared()\n", "class Shared\n"]
    assert [v.status for v in checker.check(sources)] == ["accepted", "rejected", "rejected", "accepted"]


def test_errors_of_the_last_phase_show_beside_programs_that_are_wrong(checker: Checker) -> None:
    clash = "fun f(x: List<Int>) = 1\nfun f(x: List<String>) = 2\n"
    verdicts = checker.check(["fun f( {\n}\n", clash, "fun f() = 1\n", 'val x: Int = ""\n'])
    assert [v.diagnostics[0].code if v.diagnostics else "" for v in verdicts] == [
        "SYNTAX",
        "CONFLICTING_JVM_DECLARATIONS",
        "",
        "INITIALIZER_TYPE_MISMATCH",
    ]


def test_messages_do_not_name_the_package_of_a_batch(checker: Checker) -> None:
    verdicts = checker.check(["class A\nfun f(): Int = A()\n", 'class A\nval a: A = ""\n', "fun f() = 1\n"])
    assert not any("rlcf" in d.message for v in verdicts for d in v.diagnostics)


def test_suppressed_errors_count_unless_they_are_allowed(checker: Checker) -> None:
    source = '@Suppress("UNSAFE_CALL")\nfun f(s: String?) = s.length\n'
    assert checker.check([source])[0].diagnostics[0].code == "ERROR_SUPPRESSION"
    with Kotlin().checker(workers=1, timeout_s=60.0, options=KotlinOptions(suppressions=True)) as lenient:
        assert lenient.check([source])[0].accepted


def test_a_killed_server_costs_no_verdict(checker: Checker) -> None:
    assert isinstance(checker, KotlinChecker)
    for pid in checker.pids():
        os.kill(pid, signal.SIGKILL)
    assert [v.status for v in checker.check(["val x = 1\n", "val x = y\n"])] == ["accepted", "rejected"]


def test_classes_of_the_class_path_are_known(checker: Checker, tmp_path: Path) -> None:
    (tmp_path / "Made.java").write_text("package made; public class Made { public static int one() { return 1; } }")
    status = os.spawnve(
        os.P_WAIT, find_jdk().javac, ["javac", "-d", str(tmp_path), str(tmp_path / "Made.java")], clean_environment()
    )
    assert status == 0
    source = "import made.Made\nval x: Int = Made.one()\n"
    assert not checker.check([source])[0].accepted
    options = KotlinOptions(class_path=(tmp_path,))
    with Kotlin().checker(workers=1, timeout_s=60.0, options=options) as knowing:
        assert [v.status for v in knowing.check([source] * 3)] == ["accepted"] * 3
    with pytest.raises(UserError, match="no such file or folder on the class path"):
        Kotlin().checker(options=KotlinOptions(class_path=(tmp_path / "nowhere",)))


def test_a_missing_compiler_and_one_that_is_too_old_have_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CheckerUnavailable, match=r"is not installed\. To get it: make languages"):
        kotlin_compiler.find_compiler()
    home = tmp_path / "lib" / "node" / "node_modules" / "kotlin-compiler"
    (home / "lib").mkdir(parents=True)
    (home / "lib" / "kotlin-compiler.jar").touch()
    (home / "build.txt").write_text("1.9.25-release-852")
    with pytest.raises(CheckerUnavailable, match=r"Kotlin 1\.9\.25 in .* is too old\. To get a newer one: make"):
        kotlin_compiler.find_compiler()


def test_facts_of_functions() -> None:
    pytest.importorskip("tree_sitter_kotlin")
    from rlcf.languages.kotlin.facts import GRAMMAR

    found = facts_of(
        "fun f(x: Int, y: List<Int>): Int {\n    // {\n    val u = x + 1\n"
        "    if (u > 1) { return -1 } else if (x < 0) return 2\n    y.forEach { println(it) }\n    return u\n}\n"
        "fun g(a: Int) = 5\n"
        "class A { fun m(p: Int): Boolean { return true }\n fun n() { } }\n"
        "fun s(q: Int): Int {\n    throw NotImplementedError()\n}\n",
        GRAMMAR,
    )
    assert found is not None
    assert [(m.name, m.parameters, m.parameters_read, m.statements, m.returns_literal, m.trivial) for m in found] == [
        ("f", ("x", "y"), ("x", "y"), 7, False, False),
        ("g", ("a",), (), 1, True, True),
        ("m", ("p",), (), 1, True, True),
        ("n", (), (), 0, False, True),
        ("s", ("q",), (), 1, True, True),
    ]


def test_a_server_that_hangs_on_a_batch_is_asked_for_its_programs_alone(checker: Checker) -> None:
    """A batch that fails is not sent again: its programs are suspects."""
    assert isinstance(checker, KotlinChecker)
    with KotlinChecker(1, 60.0, KotlinOptions()) as fresh:
        assert fresh.check(["val x = 1\n"])[0].accepted
        (pid,) = fresh.pids()
        os.kill(pid, signal.SIGKILL)
        assert all(v.accepted for v in fresh.check(["val x = 1\n", "val y = 2\n", "val z = 3\n"]))
        assert fresh.suspects
