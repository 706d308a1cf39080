"""The Java checker under attack: programs that mean harm, and compilers that are killed, stopped or starved."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from benchmarks.javac import ask_javac

from rlcf.config.languages import JavaOptions
from rlcf.languages.java.checker import JavaChecker
from rlcf.languages.java.jdk import find_jdk
from rlcf.records import LINE_END, Verdict
from tests.languages.hostile import ENDLESS, HOSTILE, KNOWN_JDKS, Hostile, Said

DIAGNOSTICS = Path(__file__).parent.parent / "diagnostics"
TOO_DEEP = next(program.source for program in HOSTILE if program.verdict == "crashed")
# They use the names that hostile programs declare, import or break.
INNOCENT = (
    'class Innocent { String f(Object o) { return o + "" + Integer.valueOf(1); } }',
    "class Innocent { A a; B b; C c; Missing m; p.A q; }",
    "class Innocent { int f() { return x; } }",
    "import java.util.*; class Innocent<T extends Comparable<T>> { List<? super T> x = new ArrayList<>(); }",
    "import p.A; import not.there.*; class Innocent { }",
    "class A { int x; class B { } A$1 y; } record R(int x) { } enum E { C } @interface I { Class<? extends A>[] c(); }",
    "public class Main { public static void main(String[] args) { System.out.println(args.length); } }",
    "class Innocent {",
    'class Innocent { String x = "x"; Runnable r = () -> { new Object() { }; }; int y = switch (1) { default -> 1; };}',
)
EVIL_PROCESSOR = """
import java.nio.file.*;
import java.util.Set;
import javax.annotation.processing.*;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.TypeElement;
@SupportedAnnotationTypes("*")
public class Evil extends AbstractProcessor {
    static {
        try {
            Files.createFile(Path.of("MARK"));
        } catch (java.io.IOException error) {
            throw new RuntimeException(error);
        }
    }
    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
        return false;
    }
}
"""

EVIL_PLUGIN = """
public class Evil implements com.sun.source.util.Plugin {
    static {
        try {
            java.nio.file.Files.createFile(java.nio.file.Path.of("MARK"));
        } catch (java.io.IOException error) {
            throw new RuntimeException(error);
        }
    }
    public String getName() {
        return "Evil";
    }
    public void init(com.sun.source.util.JavacTask task, String... arguments) { }
    public boolean autoStart() {
        return true;
    }
}
"""


@pytest.fixture(scope="module")
def feature(jdk_here: None) -> int:
    """The JDK's version; skips where nobody has looked what its javac says."""
    known = find_jdk().feature
    if known not in KNOWN_JDKS:
        pytest.skip(f"the verdicts beside the programs are those of {KNOWN_JDKS}, not {known}")
    return known


@pytest.fixture(scope="module")
def checker(jdk_here: None) -> Iterator[JavaChecker]:
    with JavaChecker(workers=2, timeout_s=60.0) as made:
        yield made


@pytest.fixture(scope="module")
def alone(checker: JavaChecker) -> Callable[[str], Verdict]:
    """The verdict that a program gets in a call of its own, asked for once."""
    known: dict[str, Verdict] = {}

    def verdict(source: str) -> Verdict:
        if source not in known:
            (known[source],) = checker.check([source])
        return known[source]

    return verdict


def essence(verdict: Verdict) -> tuple[object, ...]:
    """All that must not vary: a message of a compiler that broke names its process."""
    return (
        verdict.status,
        [(error.code, error.line, error.column, error.offset) for error in verdict.diagnostics],
        verdict.methods,
        verdict.types,
    )


def said(verdict: Verdict) -> Said:
    """Status and first error."""
    if not verdict.diagnostics:
        return Said(verdict.status)
    first = verdict.diagnostics[0]
    return Said(verdict.status, first.code, first.line, first.column)


@pytest.mark.parametrize("program", HOSTILE, ids=lambda program: program.name)
def test_a_hostile_program_gets_the_verdict_that_stands_beside_it(
    program: Hostile, feature: int, alone: Callable[[str], Verdict]
) -> None:
    assert said(alone(program.source)) == program.expected(feature)


@pytest.mark.parametrize("program", HOSTILE, ids=lambda program: program.name)
def test_what_is_said_of_a_hostile_program_can_be_written_down_and_found_in_it(
    program: Hostile, alone: Callable[[str], Verdict]
) -> None:
    verdict = alone(program.source)
    lines = LINE_END.split(program.source) if verdict.diagnostics else []
    for error in verdict.diagnostics:
        assert error.message.encode()
        if error.offset is None:
            assert (error.line, error.column) == (0, 0)
        else:
            assert 0 <= error.offset <= len(program.source)
            assert 1 <= error.line <= len(lines)
            assert 1 <= error.column <= len(lines[error.line - 1]) + 1
    assert all(0 <= method.offset < len(program.source) for method in verdict.methods or ())


def test_all_hostile_programs_shuffled_in_one_call_get_the_verdicts_they_get_alone_and_so_do_their_neighbours(
    checker: JavaChecker, alone: Callable[[str], Verdict]
) -> None:
    hostile = [program.source for program in HOSTILE]
    random.Random(0).shuffle(hostile)
    programs = [
        source
        for at, attack in enumerate(hostile)
        for source in (attack, *(INNOCENT[(at + i) % len(INNOCENT)] for i in range(3)))
    ]
    verdicts = checker.check(programs)
    for source, verdict in zip(programs, verdicts, strict=True):
        assert essence(verdict) == essence(alone(source)), ascii(source[:500])


@pytest.mark.skipif("RLCF_JAVAC" not in os.environ, reason="takes minutes: starts javac for each; set RLCF_JAVAC=1")
@pytest.mark.parametrize("program", HOSTILE, ids=lambda program: program.name)
def test_javac_itself_says_what_stands_beside_a_hostile_program(program: Hostile, feature: int) -> None:
    if program.unlike_javac:
        pytest.skip(program.unlike_javac)
    # A file in UTF-8 cannot hold half a pair; as an escape it means the same.
    escaped = re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", program.source)
    answer = ask_javac(find_jdk(), escaped)
    found = Said("rejected", *answer.faults[0]) if answer.faults else Said("accepted")
    assert found == program.expected(feature)


@pytest.mark.usefixtures("jdk_here")
def test_programs_that_never_end_to_compile_get_a_timeout_and_their_neighbours_their_verdicts(
    alone: Callable[[str], Verdict],
) -> None:
    programs = [source for attack in ENDLESS.values() for source in (INNOCENT[0], attack, INNOCENT[1])]
    with JavaChecker(workers=2, timeout_s=1.5) as checker:
        verdicts = checker.check(programs)
    for source, verdict in zip(programs, verdicts, strict=True):
        assert verdict == (Verdict("timeout") if source in ENDLESS.values() else alone(source)), ascii(source[:500])


@pytest.mark.usefixtures("jdk_here")
def test_compilers_killed_at_work_lose_no_program_and_change_no_verdict_of_culprits_and_others() -> None:
    programs = [*ordinary_programs() * 8, TOO_DEEP, *ordinary_programs() * 8]
    with JavaChecker(workers=2) as checker:
        expected = [essence(verdict) for verdict in checker.check(programs)]
        done = threading.Event()

        def kill() -> None:
            for _ in range(2):  # of one that is killed at each of three starts it is said that it cannot be kept alive
                done.wait(0.5)
                strike(checker, signal.SIGKILL, done)
            done.set()

        with running(kill, done):
            while not done.is_set():
                assert [essence(verdict) for verdict in checker.check(programs)] == expected


@pytest.mark.usefixtures("jdk_here")
def test_a_compiler_that_stops_answering_in_the_middle_of_a_batch_is_replaced_and_changes_no_verdict() -> None:
    programs = ordinary_programs() * 20
    with JavaChecker(workers=2, timeout_s=2.0) as checker:
        expected = checker.check(programs)
        stopped = threading.Event()

        def stop() -> None:
            strike(checker, signal.SIGSTOP, stopped)
            stopped.set()

        with running(stop, stopped):
            before = set(checker.pids())
            while not stopped.is_set():
                assert checker.check(programs) == expected
            assert checker.check(programs) == expected  # if it stopped between two calls, it is found now
            assert len(set(checker.pids()) & before) == 1


@pytest.mark.usefixtures("jdk_here")
def test_an_annotation_processor_within_reach_never_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jdk, mark, classes = find_jdk(), tmp_path / "mark", tmp_path / "classes"
    (tmp_path / "Evil.java").write_text(EVIL_PROCESSOR.replace("MARK", str(mark)), encoding="utf-8")
    (tmp_path / "Use.java").write_text("@Deprecated class Use { }", encoding="utf-8")
    evil, use = tmp_path / "Evil.java", tmp_path / "Use.java"
    subprocess.run([jdk.javac, "-proc:none", "-d", classes, evil], check=True, capture_output=True)
    services = classes / "META-INF" / "services"
    services.mkdir(parents=True)
    (services / "javax.annotation.processing.Processor").write_text("Evil\n", encoding="utf-8")
    subprocess.run([jdk.javac, "-processor", "Evil", "-cp", classes, use], check=True, capture_output=True)
    mark.unlink()  # it does run where it is let

    monkeypatch.setenv("CLASSPATH", str(classes))
    monkeypatch.setenv("JDK_JAVAC_OPTIONS", "-processor Evil")
    monkeypatch.chdir(classes)
    for options, sees_evil in ((JavaOptions(), False), (JavaOptions(class_path=(classes,)), True)):
        with JavaChecker(workers=1, timeout_s=60.0, options=options) as checker:
            verdicts = checker.check(["@Deprecated class A { }", "class A { Evil evil; }", EVIL_PROCESSOR])
        assert [verdict.status for verdict in verdicts] == [
            "accepted",
            "accepted" if sees_evil else "rejected",
            "accepted",
        ]
    assert not mark.exists()


@pytest.mark.usefixtures("jdk_here")
@pytest.mark.parametrize("where", ["a jar", "a folder of classes", "a folder of sources"])
def test_a_plug_in_of_the_compiler_in_a_project_never_runs(where: str, tmp_path: Path) -> None:
    """`autoStart` has javac itself start a plug-in that it finds on the class path."""
    jdk, mark, classes = find_jdk(), tmp_path / "mark", tmp_path / "classes"
    evil, jar = tmp_path / "Evil.java", tmp_path / "evil.jar"
    evil.write_text(EVIL_PLUGIN.replace("MARK", str(mark)), encoding="utf-8")
    subprocess.run([jdk.javac, "-d", classes, evil], check=True, capture_output=True)
    services = classes / "META-INF" / "services"
    services.mkdir(parents=True)
    (services / "com.sun.source.util.Plugin").write_text("Evil\n", encoding="utf-8")
    subprocess.run([jdk.home / "bin" / "jar", "cf", jar, "-C", classes, "."], check=True, capture_output=True)
    (tmp_path / "Use.java").write_text("class Use { }", encoding="utf-8")
    subprocess.run([jdk.javac, "-cp", jar, tmp_path / "Use.java"], check=True, capture_output=True)
    mark.unlink()  # javac does run it

    path = (jar if where == "a jar" else classes,)
    options = JavaOptions(source_path=path) if where == "a folder of sources" else JavaOptions(class_path=path)
    with JavaChecker(workers=1, timeout_s=60.0, options=options) as checker:
        verdicts = checker.check(["class A { }", "class B { Evil evil; }"] * 2)
    assert [verdict.accepted for verdict in verdicts] == [True, where != "a folder of sources"] * 2
    assert not mark.exists()


def ordinary_programs() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(DIAGNOSTICS.glob("*.java"))]


def strike(checker: JavaChecker, blow: signal.Signals, done: threading.Event) -> None:
    """Hits a compiler, as soon as there is one."""
    while not done.is_set():
        for pid in checker.pids()[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, blow)
                return


@contextlib.contextmanager
def running(work: Callable[[], None], done: threading.Event) -> Iterator[None]:
    """Has `work` done in a thread, which ends when `done` is set."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
