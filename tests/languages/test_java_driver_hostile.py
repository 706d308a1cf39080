"""What a program cannot do to the account that the harness gives of it, nor to the programs beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rlcf.errors import SandboxUnavailable
from rlcf.languages.java.driver import JavaDriver
from tests.languages.driving import ALL, FEW, arguments, drive, run, untimed, values

HONEST = run("int made(int n, String s)", "return n + s.length();")
OWN = '{"value":-12345}'
RETURN_OWN = "return -12345;"


@pytest.fixture(scope="module")
def alone(jdk_here: None, sandbox_here: None) -> Iterator[JavaDriver]:
    """Every program has a machine of its own."""
    with JavaDriver(workers=2, timeout_s=2.0, memory_mib=64, share=False) as driver:
        yield driver


FORGED = r"""
        var out = new java.io.FileOutputStream(java.io.FileDescriptor.out);
        String text = "returned\t1\t[" + n + ",\"" + s + "\"]\t{\"value\":" + (n + s.length()) + "}\n";
        for (String start : new String[] {"", "told ", "0123456789abcdef0123456789abcdef told "})
            out.write(("\n" + start + text).getBytes());
"""
REFLECTS = """
        StackWalker walker = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
        for (var frame : walker.walk(frames -> frames.toList())) {
            for (var field : frame.getDeclaringClass().getDeclaredFields()) if ((field.getModifiers() & 8) != 0) {
                try { field.setAccessible(true); field.set(null, null); } catch (Exception | Error e) { }
            }
        }
"""
SLY = """class Sly extends RuntimeException {
    public String toString() { System.exit(0); return ""; }
    public String getMessage() { System.exit(0); return ""; }
    public StackTraceElement[] getStackTrace() { System.exit(0); return null; }
    public Throwable getCause() { System.exit(0); return null; }
}"""
LOADERS = """
        for (ClassLoader l : new ClassLoader[] {Made.class.getClassLoader(), ClassLoader.getSystemClassLoader()})
            for (String name : new String[] {"Drive", "Canonical", "Canonical$1", "Program", "RunOnce"})
                try { for (var f : Class.forName(name, true, l).getDeclaredFields()) {
                    f.setAccessible(true); f.set(null, java.util.Set.of()); }
                } catch (Exception | Error e) { }
"""


@pytest.mark.parametrize(
    ("body", "rest", "lives"),
    [
        pytest.param("System.out.println(n + s.length());", "", True, id="prints"),
        pytest.param(FORGED, "", True, id="forges_lines"),
        pytest.param(FORGED + "System.exit(0);", "", False, id="forges_lines_and_exits"),
        pytest.param("System.exit(0);", "", False, id="exits"),
        pytest.param("Runtime.getRuntime().halt(0);", "", False, id="halts"),
        pytest.param(REFLECTS, "", True, id="reflects_on_its_callers"),
        pytest.param(LOADERS, "", None, id="reflects_on_the_harness"),
        pytest.param("new Thread(() -> { while (true) { } }).start();", "", True, id="starts_threads"),
        pytest.param("System.setOut(null); System.setErr(null); System.setIn(null);", "", True, id="takes_streams"),
        pytest.param(
            "new java.io.FileOutputStream(java.io.FileDescriptor.out).close();", "", False, id="closes_the_output"
        ),
        pytest.param("if (n > -99) throw new Sly();", SLY, True, id="throws_something_sly"),
        pytest.param("made(n, s);", "", False, id="calls_itself"),
        pytest.param("Locale.setDefault(Locale.FRANCE); System.setProperty(s, s);", "", None, id="changes_the_machine"),
    ],
)
def test_a_hostile_program_gets_no_outcome_but_its_own(
    java_driver: JavaDriver, body: str, rest: str, lives: bool | None
) -> None:
    """The honest program beside it is as it was."""
    hostile = run("int made(int n, String s) throws Exception", f"{body} {RETURN_OWN}", rest=rest)
    before, tried, after = java_driver.drive([HONEST, hostile, HONEST])
    assert untimed(before.calls) == untimed(after.calls)
    assert {c.status for c in before.calls} == {"returned"}
    known = [c for c in tried.calls if c.known]
    assert {c.outcome for c in known} <= {OWN, '{"threw":"Sly"}'}
    assert {c.given for c in known} <= {c.given for c in before.calls}
    assert lives is None or bool(known) == lives


def test_the_account_of_a_value_asks_no_code_of_the_program(java_driver: JavaDriver) -> None:
    """Whatever it says of itself, an object is what its fields are."""
    liar = """class Liar implements Comparable<Liar> {
        int x; static int asked;
        Liar(int x) { this.x = x; }
        public boolean equals(Object o) { asked++; return true; }
        public int hashCode() { asked++; return 0; }
        public String toString() { asked++; return "right"; }
        public int compareTo(Liar o) { asked++; return 0; }
    }"""
    body = "if (Liar.asked > 0) return null; return new Object[] {new Liar(n), List.of(new Liar(n), new Liar(1))};"
    (calls,) = drive(java_driver, run("Object made(short n)", body, f"    static {liar}\n"))
    assert values(calls) == [{"array": [told(n), [told(n), told(1)]]} for (n,) in arguments(calls)]


def told(x: int) -> object:
    return {"object": "Made$Liar", "fields": {"x": x}}


def test_nothing_static_goes_from_one_program_to_another(java_driver: JavaDriver) -> None:
    counter = run("int made(int n)", "return ++Count.n;", rest="class Count { static int n; }")
    for calls in drive(java_driver, counter, counter, counter):
        assert values(calls) == list(range(1, len(FEW) + 1))


def test_machines_of_both_kinds_give_the_same(java_driver: JavaDriver, alone: JavaDriver) -> None:
    runs = [
        HONEST,
        run("List<String> made(Map<String, List<Integer>> m)", "return new ArrayList<>(m.keySet());"),
        run("int made(int n)", "if (n > 3) throw new IllegalStateException(); return 1 / n;"),
        run("(this)int made()", "return x++;", "int x; Made(int x) { this.x = x; }\n"),
        run("Object made(int n)", "return new Random();"),
        run("int made(Runnable r)", "return 1;"),
    ]
    for one, other in zip(java_driver.drive(runs), alone.drive(runs), strict=True):
        assert (untimed(one.calls), one.reason) == (untimed(other.calls), other.reason)


@pytest.mark.parametrize("which", ["java_driver", "alone"])
def test_time_is_for_all_inputs_and_what_comes_after_is_not_reached(which: str, request: pytest.FixtureRequest) -> None:
    """What was there before stands, and the next program has a fresh machine."""
    driver: JavaDriver = request.getfixturevalue(which)
    endless = run("int made(int n, int k)", "while (n == k) { } return n;", inputs=ALL)
    slow = run("int made(int n)", "for (long i = 0; i < 3e8; i++) n += i % 3; return n;", inputs=ALL)
    fine = run("int made(int n, int k)", "return n;", inputs=ALL)
    first, second, third = drive(driver, endless, slow, fine)
    end = [c.status for c in first].index("timeout")
    assert 0 < end < 159
    assert untimed(first[:end]) == untimed(third[:end])
    assert [c.status for c in first[end:]] == ["timeout"] + ["unreached"] * (159 - end)
    assert [c.status for c in second[:1]] == ["returned"]
    assert second[-1].status == "unreached"
    assert {c.status for c in third} == {"returned"}


@pytest.mark.parametrize("which", ["java_driver", "alone"])
def test_memory_that_runs_out_ends_a_program(which: str, request: pytest.FixtureRequest) -> None:
    driver: JavaDriver = request.getfixturevalue(which)
    body = "if (n != 7) return n; long[][] a = new long[9999][]; for (int i = 0; ; i++) a[i] = new long[99999];"
    greedy, fine = drive(driver, run("int made(int n)", body, inputs=ALL), run("int made(int n)", "return n;"))
    statuses = [c.status for c in greedy]
    end = statuses.index("memory")
    assert statuses == ["returned"] * end + ["memory"] + ["unreached"] * (159 - end)
    assert {c.status for c in fine} == {"returned"}


def test_without_the_sandbox_nothing_is_driven_unless_it_is_wanted(
    jdk_here: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> None:
        raise SandboxUnavailable("no sandbox")

    monkeypatch.setattr("rlcf.languages.java.machines.find_sandbox", none)
    with pytest.raises(SandboxUnavailable):
        JavaDriver()
    with JavaDriver(workers=1, sandbox=False) as driver:
        assert {c.status for c in drive(driver, HONEST)[0]} == {"returned"}
