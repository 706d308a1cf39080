"""Methods of Java programs are called on generated inputs, and what they do is told as JSON."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from rlcf.languages.driving import driven_alone
from rlcf.languages.java.driver import JavaDriver
from rlcf.languages.java.machines import Compiled, Ran
from rlcf.records import Constants, Driven, DrivenRun, Task
from rlcf.workers.processor import family
from tests.languages.driving import ALL, FEW, arguments, drive, run, untimed, values


def test_the_input_of_a_number_is_the_same_whatever_else_is_asked_for(java_driver: JavaDriver) -> None:
    signature = "Object made(List<Integer> a, int n, String s, Map<String, double[]> m)"
    all_calls, few, other, again = drive(
        java_driver,
        run(signature, "return n;", inputs=ALL),
        run(signature, "return n;", inputs=(151, 3, 77)),
        run(signature, "a.clear(); m.clear(); return null;", inputs=(77, 151)),
        run(signature, "Thread.yield(); return n;", inputs=ALL),  # a machine of its own
    )
    assert untimed(few) == [untimed(all_calls)[n] for n in (151, 3, 77)]
    assert [c.given for c in other] == [all_calls[n].given for n in (77, 151)]
    assert [c.given for c in again] == [c.given for c in all_calls]
    assert len({c.given for c in all_calls}) > 150


def test_another_seed_and_other_constants_give_other_inputs(java_driver: JavaDriver) -> None:
    first = run("int made(int a, String s)", "return a;", inputs=ALL)
    seeded, bare = replace(first, seed=1), replace(first, constants=Constants())
    one, two, three = drive(java_driver, first, seeded, bare)
    assert sum(a.given == b.given for a, b in zip(one, two, strict=True)) < 20
    assert any("12:30" in c.given for c in one)
    assert any("365" in c.given for c in one)
    assert not any("12:30" in c.given or "365" in c.given for c in three)


@pytest.mark.parametrize(
    ("type_", "holds"),
    [
        ("boolean", lambda v: isinstance(v, bool)),
        ("byte", lambda v: -128 <= v < 128),
        ("short", lambda v: -(1 << 15) <= v < 1 << 15),
        ("int", lambda v: isinstance(v, int)),
        ("Integer", lambda v: isinstance(v, int)),
        ("long", lambda v: isinstance(v, int)),
        ("double", lambda v: isinstance(v, float)),
        ("Float", lambda v: isinstance(v, float)),
        ("Number", lambda v: isinstance(v, (int, float))),
        ("char", lambda v: len(v["char"]) == 1),
        ("String", lambda v: isinstance(v, str)),
        ("CharSequence", lambda v: isinstance(v, str)),
        ("StringBuilder", lambda v: isinstance(v["builder"], str)),
        ("int[]", lambda v: all(isinstance(e, int) for e in v["array"])),
        ("String[][]", lambda v: all(isinstance(e, str) for row in v["array"] for e in row["array"])),
        ("char[]", lambda v: all(len(e["char"]) == 1 for e in v["array"])),
        ("int...", lambda v: all(isinstance(e, int) for e in v["array"])),
        ("List<Integer>", lambda v: all(isinstance(e, int) for e in v)),
        ("ArrayList<String>", lambda v: all(isinstance(e, str) for e in v)),
        ("Collection<? extends Number>", lambda v: isinstance(v, list)),
        ("Iterable<Character>", lambda v: all(len(e["char"]) == 1 for e in v)),
        ("List<List<Double>>", lambda v: all(isinstance(e, float) for row in v for e in row)),
        ("List<? super Integer>", lambda v: all(isinstance(e, int) for e in v)),
        ("List", lambda v: isinstance(v, list)),
        ("List<int[]>", lambda v: all("array" in e for e in v)),
        ("List<Integer>[]", lambda v: all(isinstance(e, list) for e in v["array"])),
        ("Queue<Integer>", lambda v: isinstance(v, list)),
        ("Deque<Integer>", lambda v: isinstance(v, list)),
        ("PriorityQueue<Integer>", lambda v: isinstance(v["bag"], list)),
        ("Stack<Integer>", lambda v: isinstance(v, list)),
        ("Set<String>", lambda v: v["set"] == sorted(v["set"], key=json.dumps)),
        ("TreeSet<Integer>", lambda v: isinstance(v["set"], list)),
        ("Map<String, List<Integer>>", lambda v: all(isinstance(e, list) for _, e in v["map"])),
        ("TreeMap<Integer, String>", lambda v: all(isinstance(k, int) for k, _ in v["map"])),
        ("Map.Entry<String, Integer>", lambda v: len(v["entry"]) == 2),
        ("Optional<Integer>", lambda v: len(v["optional"]) < 2),
        ("Object", lambda v: v is not None),
        ("java.math.BigInteger", lambda v: int(v["BigInteger"]) is not None),
        ("java.math.BigDecimal", lambda v: float(v["BigDecimal"]) is not None),
        ("Color", lambda v: v["enum"].startswith("Made$Color.")),
        ("Point", lambda v: v["fields"].keys() == {"x", "name"}),
        ("List<Point>", lambda v: all(e["fields"].keys() == {"x", "name"} for e in v)),
        ("Tree", lambda v: v["fields"].keys() == {"value", "left", "right"}),
        ("Shape", lambda v: v["object"] in ("Made$Square", "Made$Circle")),
        ("Box<Integer>", lambda v: isinstance(v["fields"]["content"], int)),
        ("T", lambda v: isinstance(v, (int, str))),
        ("C", lambda v: isinstance(v, (int, str))),
        ("List<C>", lambda v: all(isinstance(e, type(v[0])) for e in v)),
        ("C[]", lambda v: all(isinstance(e, type(v["array"][0])) for e in v["array"])),
    ],
)
def test_inputs_are_made_for_a_type(java_driver: JavaDriver, type_: str, holds: Callable[[Any], bool]) -> None:
    types = """
    enum Color { RED, GREEN }
    record Point(int x, String name) { }
    static class Tree { int value; Tree left, right; Tree(int v, Tree l, Tree r) { value = v; left = l; right = r; } }
    interface Shape { }
    static class Square implements Shape { double side; Square(double side) { this.side = side; } }
    static class Circle implements Shape { int radius; Circle(int radius) { this.radius = radius; } }
    static class Box<E> { E content; Box(E content) { this.content = content; } }
"""
    made = run(f"<T, C extends Comparable<C>> int made({type_} a)", "return 1;", types, inputs=range(0, 160, 4))
    (calls,) = drive(java_driver, made)
    assert values(calls) == [1] * 40
    given = [first for first, *_ in arguments(calls)]
    assert all(holds(value) for value in given), given
    assert len({c.given for c in calls}) > (1 if type_ in ("boolean", "Color") else 5)


@pytest.mark.parametrize(
    "type_",
    ["java.util.function.Function<Integer, Integer>", "java.util.stream.Stream<Integer>", "Runnable", "Thread",
     "Random", "Scanner", "Iterator<Integer>", "Class<?>", "Empty"],
)  # fmt: skip
def test_a_signature_that_cannot_be_driven_has_a_reason(java_driver: JavaDriver, type_: str) -> None:
    (driven,) = java_driver.drive([run(f"int made(int n, {type_} a)", "return 1;", "interface Empty { void f(); }\n")])
    assert driven.reason is not None
    assert driven.reason.startswith("no value of type ")
    assert {c.status for c in driven.calls} == {"unreached"}


def test_a_program_without_the_method_and_one_that_does_not_compile_have_a_reason(java_driver: JavaDriver) -> None:
    task = Task("none", "class Made {\n", entry_point="made")
    missing, rejected = java_driver.drive([DrivenRun(task, "int other() { return 1; } }", FEW), run("int made()", "")])
    assert missing.reason == "the program has no such method"
    assert rejected.reason == "the program does not compile"


def test_the_method_is_the_one_whose_body_the_context_opens(java_driver: JavaDriver) -> None:
    overloads = run("int made(int n)", "return 1;", "static int made(String s) { return 2; }\n")
    written = DrivenRun(
        Task("é😀", "/** é😀 */ class Made {\n", entry_point="made"), "static int made(int n) { return 3; } }", FEW
    )
    constructed = run("(this)Made(int n)", "x = n * 2;", "int x;\n")
    one, two, three = drive(java_driver, overloads, written, constructed)
    assert values(one) == [1] * len(FEW)
    assert values(two) == [3] * len(FEW)
    doubled = [
        {"object": "Made", "fields": {"x": (2 * n + (1 << 31)) % (1 << 32) - (1 << 31)}} for (n,) in arguments(three)
    ]
    assert values(three) == doubled


def test_whole_numbers_are_often_the_length_or_an_index_of_a_collection(java_driver: JavaDriver) -> None:
    (calls,) = drive(java_driver, run("int made(int n, List<Integer> a)", "return a.size();", inputs=ALL))
    lengths = [n == size for (n, _), size in zip(arguments(calls), values(calls), strict=True)]
    inside = [0 <= n < size for (n, _), size in zip(arguments(calls), values(calls), strict=True)]
    assert 30 < sum(lengths) < 110
    assert 20 < sum(inside) < 110


@pytest.mark.parametrize(
    ("type_", "body", "after"),
    [
        ("List<Integer>", "a.add(7);", lambda a: [*a, 7]),
        ("int[]", "for (int i = 0; i < a.length; i++) a[i] = 77777;", lambda a: {"array": [77777] * len(a["array"])}),
        ("Map<Character, Integer>", "a.clear();", lambda a: {"map": [*a][:0]}),
        ("Set<Integer>", "a.clear();", lambda a: {"set": [*a][:0]}),
        ("StringBuilder", 'a.append("!");', lambda a: {"builder": a["builder"] + "!"}),
        ("List<List<Integer>>", "a.forEach(List::clear);", lambda a: [[]] * len(a)),
        ("Point", "a.x = 77777;", lambda a: {**a, "fields": {"x": 77777}}),
    ],
)
def test_what_is_done_to_an_argument_is_a_part_of_the_outcome(
    java_driver: JavaDriver, type_: str, body: str, after: Callable[[Any], Any]
) -> None:
    before = "static class Point { int x; Point(int x) { this.x = x; } }\n"
    untouched, changed = drive(
        java_driver, run(f"void made({type_} a)", "", before), run(f"int made({type_} a)", body + " return 1;", before)
    )
    assert {c.outcome for c in untouched} == {"{}"}
    assert values(changed) == [1] * len(FEW)
    given = [first for (first,) in arguments(changed)]
    expected = [None if after(a) == a else {"0": after(a)} for a in given]
    assert [json.loads(c.outcome).get("after") for c in changed] == expected
    assert sum(each is not None for each in expected) > len(FEW) / 2


def test_a_receiver_has_had_calls_before_and_its_state_is_a_part_of_the_outcome(java_driver: JavaDriver) -> None:
    before = """    private int value; private final List<Integer> all = new ArrayList<>();
    Made(int value) { this.value = value; }
    void add(int n) { all.add(n); }
    private void hidden() { throw new Error(); }
"""
    signature = "(this)int made(int step)"
    good, helped, wrong = drive(
        java_driver,
        run(signature, "value += step; return value + all.size();", before, inputs=ALL),
        run(
            signature,
            "value += step; return sum(); } int cache; int sum() { return value + all.size();",
            before,
            inputs=ALL,
        ),
        run(signature, "value += step + 1; return value + all.size();", before, inputs=ALL),
    )
    texts = [c.given for c in good]
    assert any('"add"' in t for t in texts)
    assert any('"made"' in t for t in texts)
    assert not any("hidden" in t for t in texts)
    for one, other in zip(good, helped, strict=True):
        mine, theirs = (json.loads(c.outcome) for c in (one, other))
        assert mine["value"] == theirs["value"]
        assert mine.get("after") == theirs.get("after")
    assert all(a.outcome != b.outcome for a, b in zip(good, wrong, strict=True))


def test_an_exception_is_known_by_its_class_and_told_from_an_accident(java_driver: JavaDriver) -> None:
    body = """
        if (n % 3 == 0) throw new IllegalArgumentException("n" + n);
        if (n % 3 == 1) throw new Own();
        return new int[0][n + 2000000000].length;
"""
    rest = "class Own extends RuntimeException { public String getMessage() { return System.lineSeparator(); } }"
    (calls,) = drive(java_driver, run("int made(byte n)", body, rest=rest, inputs=ALL))
    seen = {c.status: {json.loads(d.outcome).get("threw") for d in calls if d.status == c.status} for c in calls}
    assert seen["threw"] == {"java.lang.IllegalArgumentException", "Own"}
    assert all("threw" in json.loads(c.outcome) for c in calls if c.status == "threw")
    accidents = [
        "int[] a = {}; return a[n];",
        "Object o = n; return ((String) o).length();",
        "return 1 / (n - n);",
        'return Integer.parseInt("x");',
        "return new ArrayList<Integer>().get(0);",
        "return made(n);",
    ]
    for found in drive(java_driver, *(run("int made(int n)", body, inputs=(0, 1)) for body in accidents)):
        assert [c.status for c in found] == ["failed", "failed"]
        assert not any(c.known for c in found)


def test_numbers_are_exact_and_odd_ones_have_a_text(java_driver: JavaDriver) -> None:
    double, odd, chars = drive(
        java_driver,
        run("double made(int n)", "return 0.1 + 0.2;", inputs=(0,)),
        run("List<Double> made()", "return Arrays.asList(0.0 / 0, 1 / 0.0, -0.0);", inputs=(0,)),
        run("Object made()", 'return List.of(\'"\', "\\ud800\\n\\u00e9", 1L, 2f);', inputs=(0,)),
    )
    assert values(double) == [0.30000000000000004]
    (listed,) = values(odd)
    assert listed == [{"number": "NaN"}, {"number": "Infinity"}, -0.0]
    assert math.copysign(1, listed[2]) == -1
    assert values(chars) == [[{"char": '"'}, "\ud800\n\u00e9", 1, 2.0]]


def test_long_texts_that_differ_at_their_end_differ(java_driver: JavaDriver) -> None:
    long = '"ab".repeat(12345) + {}'
    one, same_, other, built = drive(
        java_driver,
        run("String made()", f"return {long.format('1')};", inputs=(0,)),
        run("String made()", f"return {long.format('(3 - 2)')};", inputs=(0,)),
        run("String made()", f"return {long.format('2')};", inputs=(0,)),
        run("Object made()", f"return new StringBuilder({long.format('1')});", inputs=(0,)),
    )
    assert one[0].outcome == same_[0].outcome
    assert one[0].outcome != other[0].outcome
    assert values(built) == [{"builder": values(one)[0]}]


def test_what_the_context_declares_after_the_completion_is_no_part_of_it(java_driver: JavaDriver) -> None:
    task = Task(
        "t", "", prefix="class Made { static P made(int n) {", suffix="} } record P(int x) {}", entry_point="made"
    )
    fields = {"x": 3}
    (calls,) = drive(java_driver, DrivenRun(task, "return new P(3);", FEW))
    assert values(calls) == [{"object": "P", "fields": fields}] * len(FEW)


def test_sets_and_maps_are_sorted_and_cycles_end(java_driver: JavaDriver) -> None:
    linked, hashed, cyclic, endless = drive(
        java_driver,
        run("Object made()", "return new LinkedHashMap<>(Map.of(10, Set.of(3, 20), 9, Set.of()));", inputs=(0,)),
        run(
            "Object made()",
            "return new TreeMap<>(Map.of(9, new TreeSet<>(), 10, new TreeSet<>(Set.of(20, 3))));",
            inputs=(0,),
        ),
        run("Object made()", "List<Object> a = new ArrayList<>(); a.add(a); return a;", inputs=(0,)),
        run(
            "Object made()",
            "Object[] a = {1}; for (int i = 0; i < 9999; i++) a = new Object[] {a}; return a;",
            inputs=(0,),
        ),
    )
    assert values(linked) == values(hashed) == [{"map": [[10, {"set": [20, 3]}], [9, {"set": []}]]}]
    assert values(cyclic) == [[{"around": 1}]]
    assert [c.status for c in endless] == ["unknown"]


@pytest.mark.parametrize(
    "value",
    [
        "(Runnable) () -> { }",
        "Arrays.stream(new int[1])",
        "new Thread()",
        "new Thread() { }",
        "new Random()",
        "Made.class",
        "List.of((Comparator<Integer>) (a, b) -> 0)",
        "new Mine()",
        "Collections.unmodifiableList(new Mine())",
        "new int[99999]",
    ],
)
def test_what_is_opaque_has_no_outcome(java_driver: JavaDriver, value: str) -> None:
    mine = """class Mine extends AbstractList<Integer> {
        public Integer get(int i) { return 1; }
        public int size() { return 1; }
    }"""
    (calls,) = drive(java_driver, run("Object made(int n)", f"return {value};", rest=mine, inputs=(0, 1)))
    assert [(c.status, c.outcome) for c in calls] == [("unknown", "")] * 2


ENDLESS = "while (n == n) { } return n;"
SLEEPS = "java.util.concurrent.TimeUnit.SECONDS.sleep(600); return n;"


@contextlib.contextmanager
def slowed(pids: list[int]) -> Iterator[None]:
    """Processes, with those below them, get a small part of their time."""
    over = threading.Event()

    def pause() -> None:
        while not over.is_set():
            processes = [each for pid in pids for each in family(pid)]
            for number, seconds in ((signal.SIGSTOP, 0.3), (signal.SIGCONT, 0.01)):
                for pid in processes:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, number)
                over.wait(seconds)

    thread = threading.Thread(target=pause)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.usefixtures("jdk_here", "sandbox_here")
def test_a_program_that_gets_no_time_is_driven_again_and_one_that_sleeps_has_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[Ran] = []
    with JavaDriver(workers=1, timeout_s=0.5, memory_mib=64) as driver:
        drive(driver, run("int made(int n)", "return n;"))  # the machine is warm
        machines, pool = driver._machines, driver._machines._warm._pool  # type: ignore[union-attr]
        run_all = machines.run

        def first_slowed(programs: Sequence[Compiled]) -> list[Ran]:
            with contextlib.nullcontext() if ran else slowed(pool.pids()):
                ran.extend(run_all(programs))
            return ran[-len(programs) :]

        monkeypatch.setattr(machines, "run", first_slowed)
        driver.drive([run("int made(int n)", ENDLESS)])
        assert [each.execution.status for each in ran] == ["timeout"] * 2
        assert ran[0].starved
        (asleep,) = driver.drive([run("int made(int n) throws Exception", SLEEPS)])
        assert not asleep.starved
        assert asleep.calls[0].status == "timeout"


@pytest.mark.usefixtures("jdk_here", "sandbox_here")
def test_in_a_machine_of_its_own_a_program_may_be_starved_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rlcf.workers.command.used_s", lambda _: 0.0)
    with JavaDriver(workers=1, timeout_s=0.3, memory_mib=64, share=False) as driver:
        endless, asleep = driver.drive([run("int made(int n) throws Exception", each) for each in (ENDLESS, SLEEPS)])
    assert (endless.starved, {c.status for c in endless.calls}) == (True, {"unreached"})
    assert (asleep.starved, asleep.calls[0].status) == (False, "timeout")


def test_what_is_starved_alone_too_is_not_tried_for_long() -> None:
    fine, hungry = Driven(()), Driven((), starved=True)
    tried: list[int] = []

    def again(i: int) -> Driven:
        tried.append(i)
        return fine if i < 4 else hungry

    assert driven_alone([hungry, fine, hungry, *[hungry] * 5], again) == [fine] * 4 + [hungry] * 4
    assert tried == [0, 2, 3, 4, 5, 6]
