"""Which Java programs may share a virtual machine, and that such a machine is as good afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from rlcf.languages.java.compile_server import CompileServers
from rlcf.languages.java.machines import Limits, WarmMachines
from rlcf.languages.java.runner import JavaRunner, compiled_of
from rlcf.records import Execution, Program
from rlcf.workers.pool import Unanswered
from tests.languages.exploits import HONEST, Honest
from tests.languages.exploits.program import main

Request = Callable[[str | Program], Execution | None]

_CATCH = 'try { %s } catch (%s e) { System.out.println("no"); }'
SHARES = {
    "exception": 'if (args.length > 9) throw new Exception("x");',
    "mathematics": "Math.sqrt(new java.math.BigDecimal(2).doubleValue());",
    "array_clone": "int[] a = {1}; a.clone(); int[]::clone.getClass();".replace("int[]::clone.getClass();", ""),
    "array_reference": "java.util.function.Function<int[], int[]> f = int[]::clone; f.apply(new int[1]);",
    "nested_lambdas": "java.util.function.Supplier<Runnable> s = () -> () -> System.out.print(1); s.get().run();",
    "string_switch": 'switch ("" + args.length) { case "0": break; case "1": throw new Exception(); }',
    "format": 'String.format("%5.2f %s", 1.5, java.util.List.of(1));',
    "print": 'System.out.printf("%d", 1); System.err.println();',
    "exception_caught": _CATCH % ('Integer.parseInt("x");', "Exception"),
    "words_split": '"a b".split(" ");',
    "words_split_and_number_expected": _CATCH % ('Integer.parseInt("x y".split(" ")[0]);', "NumberFormatException"),
    "random": "new java.util.Random(1).nextInt();",
    "calendar": "java.util.Calendar.getInstance().getTime();",
    "sleep": "java.util.concurrent.TimeUnit.MILLISECONDS.sleep(1);",
}
ALONE = {
    "exit": "System.exit(0);",
    "exit_by_reference": "java.util.function.IntConsumer f = System::exit;",
    "runtime": "Runtime.getRuntime();",
    "thread": "Thread.currentThread();",
    "thread_by_reference": "java.util.function.Supplier<Object> f = Thread::currentThread;",
    "thread_array": "Object o = new Thread[1][1];",
    "thread_of_its_own_class": "new T().start(); } static class T extends Thread {",
    "executor": "java.util.concurrent.Executors.newCachedThreadPool();",
    "future": "java.util.concurrent.CompletableFuture.runAsync(() -> { });",
    "timer": "new java.util.Timer();",
    "parallel": "java.util.stream.IntStream.range(0, 9).parallel().sum();",
    "parallel_by_reference": "java.util.function.UnaryOperator<java.util.stream.IntStream> f = "
    "java.util.stream.IntStream::parallel;",
    "parallel_inherited": "new L().parallelStream().count(); } static class L extends java.util.ArrayList<Object> {",
    "parallel_sort": "java.util.Arrays.parallelSort(new int[9]);",
    "parallel_by_a_stream_of_its_own": "} public boolean isParallel() { return true;",
    "finalizer": "} protected void finalize() {",
    "file": 'new java.io.File("/");',
    "paths": 'java.nio.file.Path.of("/");',
    "scanner_of_a_file": 'new java.util.Scanner(new java.io.File("/"));',
    "print_stream_to_a_file": 'new java.io.PrintStream("/tmp/x");',
    "socket": "new java.net.Socket();",
    "environment": "System.getenv();",
    "property": 'System.getProperty("x");',
    "output_replaced": "System.setOut(System.err);",
    "locale": "java.util.Locale.setDefault(java.util.Locale.US);",
    "time_zone": "java.util.TimeZone.setDefault(null);",
    "reflection": "Main.class.getDeclaredMethods();",
    "class_by_name": 'Class.forName("x");',
    "loader": "Main.class.getClassLoader();",
    "lookup": "java.lang.invoke.MethodHandles.lookup();",
    "stack_trace": "new Exception().getStackTrace();",
    "throwable_caught": _CATCH % ("args.clone();", "Throwable"),
    "error_caught": _CATCH % ("args.clone();", "StackOverflowError"),
    "finally": "try { args.clone(); } finally { System.out.print(1); }",
    "synchronized": "synchronized (args) { args.clone(); }",
    "overflow_hidden_in_a_pattern": _CATCH % ('java.util.regex.Pattern.compile("x");', "IllegalArgumentException"),
    "overflow_hidden_in_words_split": _CATCH % ('"a b".split(" ");', "Exception"),
    "overflow_hidden_by_another_class": '"a b".split(" "); } static void f() { '
    + _CATCH % ("f();", "RuntimeException"),
    "overflow_hidden_in_an_enum": _CATCH % ('E.valueOf("A");', "IllegalArgumentException") + " } enum E { A;",
    "overflow_hidden_in_a_reference": "java.util.function.Function<String, Object> f = "
    "java.util.regex.Pattern::compile;" + _CATCH % ("args.clone();", "Exception"),
    "overflow_hidden_in_the_name_of_an_array": "int[].class.getTypeName();",
    "serialisable_lambda": "Runnable r = (Runnable & java.io.Serializable) () -> { };",
    "system_lock": "java.util.concurrent.locks.LockSupport.park();",
    "thread_local": "new ThreadLocal<Object>().set(1);",
    "cleaner": "java.lang.ref.Cleaner.create();",
    "service": "java.util.ServiceLoader.load(Runnable.class);",
}


@pytest.fixture(scope="module")
def request_run(jdk_here: None, sandbox_here: None) -> Iterator[Request]:
    """What a shared machine answers to a program; nothing if it does not take it."""
    servers, machines = CompileServers(1, 30.0), WarmMachines(1, Limits(5.0, 64, sandbox=True))

    def answer(source: str | Program) -> Execution | None:
        (reply,) = servers.compile([Program(source) if isinstance(source, str) else source])
        assert not isinstance(reply, Unanswered)
        assert reply["accepted"], reply
        (ran,) = machines.run([compiled_of(reply)])
        return ran and ran.execution

    yield answer
    servers.close()
    machines.close()


@pytest.mark.parametrize("name", SHARES)
def test_what_only_computes_shares_a_machine(name: str, request_run: Request) -> None:
    execution = request_run(main(SHARES[name]))
    assert execution is not None
    assert execution.status == "passed", execution.detail


@pytest.mark.parametrize("name", ALONE)
def test_what_could_outlive_its_program_does_not(name: str, request_run: Request) -> None:
    assert request_run(main(ALONE[name])) is None


@pytest.mark.parametrize("honest", HONEST, ids=lambda honest: honest.name)
def test_an_honest_program_shares_a_machine_where_it_is_said_to(honest: Honest, request_run: Request) -> None:
    assert (request_run(honest.source) is not None) == honest.shares


def test_classes_that_do_not_fit_into_memory_are_a_verdict(jdk_here: None, sandbox_here: None) -> None:
    """Each constant is made of a long one and a number, so that a short source has classes of 24 MB."""
    cases = " ".join(f'case {i}: s = Huge.A + "{i}"; break;' for i in range(400))
    huge = f'class Huge {{ static final String A = "{"x" * 60_000}"; static int f(int i) {{ String s = "";'
    huge += f" switch (i) {{ {cases} }} return s.length(); }} }}"
    with JavaRunner(workers=1, memory_mib=16) as runner:
        executions = runner.run([main("Huge.f(1);", huge), main("")])
    assert [execution.status for execution in executions] == ["memory", "passed"]
