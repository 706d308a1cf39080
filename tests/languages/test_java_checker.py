"""The Java checker: what it knows of methods, and what it withstands."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rlcf.errors import CheckerUnavailable, StorageError
from rlcf.languages.java.build import built
from rlcf.languages.java.checker import JavaChecker
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.registry import load_language
from rlcf.records import MethodFacts, Verdict

DIAGNOSTICS = Path(__file__).parent.parent / "diagnostics"


def facts(checker: JavaChecker, body: str, parameters: str = "int n, String s") -> MethodFacts:
    """What is said of a method of this body; the program need not be accepted."""
    (verdict,) = checker.check(["class A { Object f(" + parameters + ") {" + body + "} }"])
    assert verdict.methods, verdict
    return verdict.methods[0]


def summary(verdicts: list[Verdict]) -> list[tuple[str, str]]:
    return [(verdict.status, verdict.diagnostics[0].code if verdict.diagnostics else "") for verdict in verdicts]


@pytest.mark.parametrize(
    ("body", "statements"),
    [
        ("", 0),
        (";;{{}}", 0),
        ("return n;", 1),
        ("{ return n; }", 1),
        ("int a = 1, b = 2; a = b;", 3),
        ("if (n > 0) return 1; else { return 2; }", 3),
        ("for (int i = 0, j = 1; i < n; i++, j++) n--;", 2),
        ("for (char c : s.toCharArray()) { n += c; }", 2),
        ("label: while (true) break label;", 2),
        ("try (var r = open(); var q = r) { n++; } catch (Exception e) { } finally { n--; }", 3),
        ("switch (n) { case 1: n++; break; default: n--; }", 4),
        ("Runnable r = () -> { n++; s.length(); };", 3),
        ("Object o = new Object() { int field; void g(int p) { n++; } };", 2),
        ("class Local { int field = 1; }", 1),
    ],
)
def test_statements_are_counted_at_any_depth_without_blocks_and_parts_of_loops(
    java_checker: JavaChecker, body: str, statements: int
) -> None:
    assert facts(java_checker, body).statements == statements


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("return n + s.length();", 2),
        ("n = 1; s = null; (n) = 2;", 0),
        ("n = n + 1;", 1),
        ("n += 1;", 1),
        ("n++;", 1),
        ("this.n = this.s;", 0),
        ("return n(1);", 0),
        ("return n(n);", 1),
        ("Runnable r = () -> System.out.println(s);", 1),
        ("int[] a = {n}; a[n] = 1;", 1),
    ],
)
def test_a_parameter_is_read_unless_it_is_only_assigned(java_checker: JavaChecker, body: str, read: int) -> None:
    method = facts(java_checker, body)
    assert (method.parameters, len(method.parameters_read)) == (("n", "s"), read)


@pytest.mark.parametrize(
    ("body", "literal"),
    [
        ("return 1;", True),
        ("return -1.5e3;", True),
        ("return ((null));", True),
        ("return !true;", True),
        ('return "text";', True),
        ("return 'c';", True),
        ("return;", False),
        ("return 1 + 1;", False),
        ("return n;", False),
        ("int a = 1; return 1;", False),
    ],
)
def test_the_return_of_a_literal_is_known(java_checker: JavaChecker, body: str, literal: bool) -> None:
    assert facts(java_checker, body).returns_literal is literal


@pytest.mark.parametrize(
    ("body", "calls", "nesting"),
    [
        ("return n;", (), 0),
        ("s.length(); g(s.trim()); this.g(1); new String(); Math.max(1, 2); g(2);", ("length", "g", "trim", "max"), 0),
        ("if (n > 0) return 1; else if (n < 0) return 2; else return 3;", (), 1),
        ("for (int i = 0; i < n; i++) { while (true) { if (n > 1) { n--; } } }", (), 3),
        ("try { switch (n) { case 1: n++; } } finally { n--; }", (), 2),
        ("synchronized (s) { do { n++; } while (n < 3); }", (), 2),
        ("if (n > 0) { } else { if (n < 0) { n++; } }", (), 2),
    ],
)
def test_calls_and_nesting_are_known(
    java_checker: JavaChecker, body: str, calls: tuple[str, ...], nesting: int
) -> None:
    found = facts(java_checker, body)
    assert (found.calls, found.nesting) == (calls, nesting)


def test_types_are_named_in_source_order_at_any_depth(java_checker: JavaChecker) -> None:
    source = "interface A { class B { } } enum C { D { } } class E { void f() { record G() { } new Object() { }; } }"
    (verdict,) = java_checker.check([source])
    assert verdict.types == ("A", "B", "C", "E", "G")


def test_methods_come_in_source_order_with_the_place_of_their_bodies(java_checker: JavaChecker) -> None:
    source = "/* \U0001f600 */ class A { A() { } void g() { new Object() { int h() { return 1; } }; } native int n(); }"
    (verdict,) = java_checker.check([source])
    assert [method.name for method in verdict.methods] == ["<init>", "g", "h"]
    assert [source[method.offset] for method in verdict.methods] == ["{"] * 3


def test_a_program_that_is_refused_has_facts_too(java_checker: JavaChecker) -> None:
    (verdict,) = java_checker.check(["class A { int f(int a) { return a + b; } }"])
    assert verdict.status == "rejected"
    assert [(method.name, method.parameters_read) for method in verdict.methods] == [("f", ("a",))]


def test_what_only_the_code_generator_refuses_is_rejected_and_leaves_no_trace(
    java_checker: JavaChecker,
) -> None:
    numbers = ",".join(["100"] * 12_000)
    long_string = "x" * 70_000
    verdicts = java_checker.check(
        [
            "class A { int[] a = {" + numbers + "}; }",
            'class A { String s = "' + long_string + '"; }',
            "class A { }",
        ]
    )
    assert summary(verdicts) == [
        ("rejected", "compiler.err.limit.code"),
        ("rejected", "compiler.err.limit.string"),
        ("accepted", ""),
    ]


def test_a_class_of_one_program_is_not_there_for_the_next(java_checker: JavaChecker) -> None:
    for first in (
        "class B { }",
        "package b; public class B { }",
        "class A { class B { } }",
        "class Object { }",
    ):
        again = [
            "class A { B b; }",
            "import b.B; class A { }",
            "import b.*; class A { }",
            "class A { Object o = 1; }",
        ]
        fresh = java_checker.check(again)
        assert java_checker.check([first, *again])[1:] == fresh
        assert [verdict.status for verdict in fresh] == ["rejected", "rejected", "rejected", "accepted"]


def test_diagnostics_are_limited_in_number_and_length(java_checker: JavaChecker) -> None:
    names = " ".join(f"int a{i} = b{i};" for i in range(500))
    many, long = java_checker.check(["class A { " + names + " }", "class A { int a = " + "x" * 50_000 + "; }"])
    assert len(many.diagnostics) == 100
    assert len(long.diagnostics[0].message) < 3_000


def test_the_order_of_the_programs_changes_no_verdict(java_checker: JavaChecker) -> None:
    programs = [path.read_text(encoding="utf-8") for path in sorted(DIAGNOSTICS.glob("*.java"))] * 3
    expected = dict(zip(programs, java_checker.check(programs), strict=True))
    for seed in range(3):
        random.Random(seed).shuffle(programs)
        assert java_checker.check(programs) == [expected[program] for program in programs]


def test_a_missing_compiler_is_an_error_and_no_verdict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("rlcf.languages.java.jdk._JVM_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    java = load_language("java")
    with pytest.raises(CheckerUnavailable, match="no JDK found"):
        java.checker()
    assert next(need for need in java.requirements() if need.name == "jdk").found is None


@pytest.mark.usefixtures("jdk_here")
def test_a_compiler_that_stops_working_is_an_error_and_no_verdict(tmp_path: Path) -> None:
    with JavaChecker(workers=1) as checker:
        checker.check(["class A { }"])
        checker._servers._command[0] = str(tmp_path / "gone")
        for pid in checker.pids():
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(CheckerUnavailable, match="gone"):
            checker.check(["class A { }"])
    with pytest.raises(CheckerUnavailable, match="closed"):
        checker.check(["class A { }"])


@pytest.mark.usefixtures("jdk_here")
def test_many_who_start_at_once_share_one_compiled_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RLCF_CACHE", str(tmp_path))
    jdk = find_jdk()
    with ThreadPoolExecutor(3) as threads:
        folders = set(threads.map(lambda _: built(jdk, "server", "analysis"), range(3)))
    assert len(folders) == 1
    assert list((tmp_path / "java").iterdir()) == list(folders)
    assert (folders.pop() / "CompileServer.class").is_file()


@pytest.mark.usefixtures("jdk_here")
def test_a_cache_that_cannot_be_written_is_a_storage_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RLCF_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(StorageError, match="RLCF_CACHE"):
        built(find_jdk(), "server", "analysis")


@pytest.mark.usefixtures("jdk_here")
def test_options_in_the_environment_change_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Duser.language=de -Xmx1m")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    with JavaChecker(workers=1) as checker:
        (verdict,) = checker.check(["class A { int f() { return x; } }"])
    assert verdict.diagnostics[0].message.startswith("cannot find symbol")


def test_importing_the_languages_is_light() -> None:
    program = (
        "import sys, subprocess, threading\n"
        "subprocess.Popen = None\n"
        "import rlcf.languages.registry as registry\n"
        "registry.load_language('java')\n"
        "print(sorted({'torch', 'transformers', 'numpy'} & set(sys.modules)), threading.active_count())\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[] 1"
