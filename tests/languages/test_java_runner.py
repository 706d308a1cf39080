"""The Java runner: who passes, who fails, and what a program cannot do."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from rlcf.errors import SandboxUnavailable
from rlcf.languages.java.checker import JavaChecker
from rlcf.languages.java.runner import JavaRunner
from rlcf.records import Execution, Program, Task

_ODD_MEMORY_MIB = 137
"""A number by which the virtual machines of a test are known among the processes of the host."""
_TEST = """class Main {
    public static void main(String[] args) throws Exception {
        if (Add.add(1, 2) != 3) throw new Exception("not 3");
    }
}
"""
WRITE_RAW = "var out = new java.io.FileOutputStream(java.io.FileDescriptor.out); "


def run(runner: JavaRunner, body: str, rest: str = "") -> Execution:
    source = "class Main { public static void main(String[] a) throws Throwable { " + body + " } }\n" + rest
    return runner.run([source])[0]


def test_a_test_in_the_ecosystems_form_passes_and_fails(java_runner: JavaRunner) -> None:
    def source(result: int) -> str:
        return (
            "class Add { public static int add(int a, int b) { return " + str(result) + "; } }\n"
            "class Main { public static void main(String[] args) throws Exception {\n"
            "    int x0 = Add.add(1, 2);\n"
            "    if (x0 != 3)\n"
            '        throw new java.lang.Exception("Exception -- test case 0 did not pass. x0 = " + x0);\n'
            "} }"
        )

    passed, failed = java_runner.run([source(3), source(4)])
    assert (passed.status, passed.detail) == ("passed", "")
    assert 0 < passed.seconds < 10
    assert failed.status == "failed"
    assert failed.detail == "java.lang.Exception: Exception -- test case 0 did not pass. x0 = 4"


@pytest.mark.parametrize(
    ("body", "rest", "status"),
    [
        ("B.f();", "class B { static void f() { throw new RuntimeException(); } }", "error"),
        ("B.f();", "class B { static void f() { throw new AssertionError(); } }", "failed"),
        ("B.f();", "class B { static void f() { assert false; } }", "failed"),
        ("B.f();", "class B { static int[] a = new int[-1]; static void f() { } }", "error"),
        ("throw new Own();", "class Own extends Exception { }", "failed"),
        (
            "throw new Own();",
            "class Own extends Exception { public String getMessage() { throw this; } }",
            "rejected",
        ),
        (
            "throw new Own();",
            "class Own extends Error { public String getMessage() { throw this; } }",
            "error",
        ),
        ("Object o = 1; String s = (String) o;", "", "error"),
        ("int[] x = {}; x[1] = 1;", "", "error"),
        ("int zero = 0; zero = 1 / zero;", "", "error"),
        ("Integer none = null; int i = none;", "", "error"),
        ("new Thread(() -> { while (true) { } }).start();", "", "passed"),
        (
            "Thread t = new Thread(() -> { throw new RuntimeException(); }); t.start(); t.join();",
            "",
            "passed",
        ),
        ("Runtime.getRuntime().addShutdownHook(new Thread(() -> { while (true) { } }));", "", "passed"),
        ("System.in.read(); System.setOut(null); System.out.print(1);", "", "error"),
        ("System.out.close(); for (int i = 0; i < 1000000; i++) System.err.println(i);", "", "passed"),
    ],
)
def test_failed_is_what_the_test_says_and_error_is_all_else(
    java_runner: JavaRunner, body: str, rest: str, status: str
) -> None:
    assert run(java_runner, body, rest).status == status


@pytest.mark.parametrize(
    "body",
    [
        WRITE_RAW + 'out.write("\\npassed \\n".getBytes()); System.exit(0);',
        WRITE_RAW
        + 'for (int i = 0; i < 99999; i++) out.write("\\n0123456789abcdef passed \\n".getBytes());'
        + "System.exit(0);",
        'Class.forName("RunHarness");',
        "Runtime.getRuntime().exit(0);",
        "new Thread(() -> System.exit(0)).start(); Thread.sleep(5000);",
        "System.in.close(); Thread.currentThread().stop();",
    ],
)
def test_success_cannot_be_forged(java_runner: JavaRunner, body: str) -> None:
    assert run(java_runner, body).status == "error"


@pytest.mark.parametrize(
    "body",
    [
        'java.nio.file.Files.readString(java.nio.file.Path.of("/etc/passwd"));',
        'java.nio.file.Files.writeString(java.nio.file.Path.of("/usr/lib/x"), "x");',
        'new java.net.Socket("127.0.0.1", 22);',
        'new ProcessBuilder("/bin/sh").start();',
        "if (System.getenv().size() < 5) B.fail();",
    ],
)
def test_the_machine_is_out_of_reach(java_runner: JavaRunner, body: str) -> None:
    assert run(java_runner, body, "class B { static void fail() { throw new RuntimeException(); } }").status == "error"


@pytest.mark.parametrize(
    "body",
    [
        "var all = new java.util.ArrayList<>(); while (true) all.add(new long[9999]);",
        "var l = new java.util.ArrayList<>(); while (true) l.add(java.nio.ByteBuffer.allocateDirect(9999));",
        "while (true) new Thread(() -> { try { Thread.sleep(99999); } catch (Exception e) { } }).start();",
    ],
)
def test_memory_ends_whoever_takes_it(java_runner: JavaRunner, body: str) -> None:
    assert run(java_runner, body).status == "memory"


def test_another_class_may_hold_main_and_names_of_ours_are_free(java_runner: JavaRunner) -> None:
    main = "public static void main(String[] a) { }"
    sources = [
        "class A { public static void main(String[] a) { throw new Error(); } } class B { " + main + " } class C { }",
        "public class RunHarness { " + main + " }",
        "package some.where; public class Main { " + main + " }",
        "class String { } class Main { public static void main(java.lang.String[] a) { } }",
        "class \U00010400\u00e9 { " + main + " }",
        "class Main { static void main(String[] a) { } }",
        'class Main { public static void main(String[] a) { int x = ""; } }',
        "interface I { " + main + " }",
    ]
    executions = java_runner.run(sources)
    statuses = [execution.status for execution in executions]
    assert statuses == ["passed"] * 5 + ["error", "rejected", "passed"]
    assert "main" in executions[5].detail
    assert executions[6].detail.startswith("line 1: incompatible types")


def test_runs_go_side_by_side_and_come_back_in_input_order(java_runner: JavaRunner) -> None:
    """One after the other, they would take as long as both together, and more."""
    body = "class Main {{ public static void main(String[] a) throws Exception {{ Thread.sleep({}); {} }} }}"
    began = time.monotonic()
    executions = java_runner.run([body.format(3000, ""), body.format(2900, "throw new Exception();")])
    passed = time.monotonic() - began
    assert [execution.status for execution in executions] == ["passed", "failed"]
    assert passed < sum(execution.seconds for execution in executions)


@pytest.mark.usefixtures("jdk_here")
def test_without_the_sandbox_programs_run_only_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise SandboxUnavailable("no sandbox")

    monkeypatch.setattr("rlcf.languages.java.machines.find_sandbox", none)
    with pytest.raises(SandboxUnavailable):
        JavaRunner()
    with JavaRunner(workers=1, timeout_s=1.0, sandbox=False) as runner:
        assert run(runner, "").status == "passed"
        assert run(runner, "System.exit(0);").status == "error"
        assert run(runner, "while (true) { }").status == "timeout"


def test_a_virtual_machine_that_does_not_start_is_an_error_and_no_execution(
    java_runner: JavaRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = java_runner._machines._own
    monkeypatch.setattr(own, "_command", [*own._command[:-1], "NoSuchHarness"])
    with pytest.raises(SandboxUnavailable, match="NoSuchHarness"):
        run(java_runner, "")


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("kills", [1, 99])
@pytest.mark.usefixtures("jdk_here", "sandbox_here")
def test_a_sandbox_killed_from_outside_is_replaced_and_says_nothing_about_its_program(
    kills: int, signal_: signal.Signals
) -> None:
    alone = "class Main { public static void main(String[] a) throws Exception { Thread.sleep(2000); } }"
    done = threading.Event()

    def kill() -> None:
        left = kills
        while left and not done.wait(0.01):
            for pid in sandboxes(f"-Xmx{_ODD_MEMORY_MIB}m", "RunOnce"):
                time.sleep(0.3)  # until it is ready
                with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                    os.kill(pid, signal_)
                    left -= 1

    killer = threading.Thread(target=kill)
    with JavaRunner(workers=1, memory_mib=_ODD_MEMORY_MIB, share=False) as runner:
        killer.start()
        try:
            if kills == 1:
                assert [execution.status for execution in runner.run([alone])] == ["passed"]
            else:
                with pytest.raises(SandboxUnavailable, match=r"outside|start"):
                    runner.run([alone])
        finally:
            done.set()
            killer.join()


def sandboxes(*words: str) -> list[int]:
    """The processes of bubblewrap that this one has started with these words in their commands."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if not folder.name.isdigit() or f"\nPPid:\t{os.getpid()}\n" not in (folder / "status").read_text():
                continue
            command = (folder / "cmdline").read_bytes().decode().split("\0")
            if command[0].endswith("bwrap") and {*words} <= {*command}:
                found.append(int(folder.name))
    return found


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        ({"memory_mib": 1}, "memory_mib"),
        ({"memory_mib": 1 << 40}, "memory_mib"),
        ({"memory_mib": -1}, "memory_mib"),
        ({"workers": 0}, "workers"),
        ({"workers": 10**9}, "workers"),
        ({"timeout_s": 0}, "timeout_s"),
        ({"timeout_s": math.inf}, "timeout_s"),
        ({"timeout_s": math.nan}, "timeout_s"),
        ({"timeout_s": 1e300}, "timeout_s"),
    ],
)
def test_limits_that_cannot_be_meant_are_refused_at_once_in_one_line(limits: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what) as refused:
        JavaRunner(**limits)
    assert "\n" not in str(refused.value)
    if what != "memory_mib":
        with pytest.raises(ValueError, match=what):
            JavaChecker(**limits)


def test_the_largest_limits_work(jdk_here: None) -> None:
    with JavaChecker(workers=1, timeout_s=86_400.0) as checker:
        assert checker.check(["class A { }"])[0].accepted


def test_diagnostics_and_methods_of_a_program_are_told_from_those_of_its_test(java_runner: JavaRunner) -> None:
    context, completion = "class Add { static int add(int a, int b) { ", "return a + b; } }"
    program = Program.of(Task("a", context), completion).with_test(_TEST)
    (execution,) = java_runner.run([program])
    assert (execution.status, execution.detail) == ("passed", "")
    assert execution.verdict is not None
    assert [m.name for m in execution.verdict.methods or ()] == ["add", "main"]


def test_places_count_characters_whatever_the_program_is_written_in(java_runner: JavaRunner) -> None:
    """Each of these characters is two units of what the compiler reads."""
    context = "/* \U0001f600\U0001f600\U0001f600 */ class Add { static int add(int a, int b) { "
    own = "class Own { public static void main(String[] a) { } }"
    completion = 'String s = "\U0001f600"; return a - b; } } ' + own
    statuses = [
        java_runner.run([Program.of(Task("a", context), completion).with_test(test)])[0].status
        for test in (_TEST, "class Test { }", "class A\U00010400 { } // \U0001f600\n" + _TEST)
    ]
    assert statuses == ["failed", "error", "failed"]


@pytest.mark.parametrize("rest", ["", " // done", " /* done */", "\n// done\n", " // it's } \" done"])
def test_what_a_model_writes_after_its_program_does_no_harm(java_runner: JavaRunner, rest: str) -> None:
    context = "class Add { static int add(int a, int b) { "
    program = Program.of(Task("a", context), "return a + b; } }" + rest).with_test("\n" + _TEST)
    assert java_runner.run([program])[0].status == "passed"


def test_a_completion_that_ends_in_a_comment_which_the_test_closes_is_an_error(java_runner: JavaRunner) -> None:
    context = "class Add { static int add(int a, int b) { "
    program = Program.of(Task("a", context), "return a + b; } } /* ").with_test(" /* test */ " + _TEST)
    (execution,) = java_runner.run([program])
    assert execution.status == "error"
    assert "comment" in execution.detail
