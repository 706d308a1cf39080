"""The component `behaviour`: programs earn what they do, compared with the reference on generated inputs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

import rlcf
from rlcf.config import GroundingConfig
from rlcf.config.reading import make_recipe
from rlcf.errors import SandboxUnavailable, ToolError
from rlcf.grounding.behaviour import Plan, make_plans
from rlcf.grounding.behaviour.constants import constants_of
from rlcf.grounding.behaviour.outcomes import agreement, same
from rlcf.grounding.components.behaviour import BehaviourComponent
from rlcf.languages.base import Driver
from rlcf.languages.java import Java
from rlcf.languages.java.driver import JavaDriver
from rlcf.records import Call, Driven, DrivenRun, Score, Task
from rlcf.tasks.builtin import load_builtin
from rlcf.workers.sandbox import find_sandbox

TRIVIAL = -0.9
NO_TIME = "the reference had no time on this machine"


@pytest.fixture(scope="module", autouse=True)
def tools(jdk: None) -> None:
    try:
        find_sandbox()
    except SandboxUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def driver(tools: None) -> Iterator[Driver]:
    with JavaDriver() as driver:
        yield driver


@pytest.fixture(scope="module")
def grounding(tools: None) -> Iterator[rlcf.Grounding]:
    with rlcf.Grounding(GroundingConfig(components={"behaviour": 1.0}), None) as grounding:
        yield grounding


def task(signature: str, reference: str, before: str = "", comment: str = "") -> Task:
    context = f"import java.util.*;\n\nclass Made {{\n{before}    /** {comment} */\n    {signature} {{\n"
    return Task(signature, context, canonical_solution=body(reference), entry_point="made")


def body(statements: str) -> str:
    return f"        {statements}\n    }}\n}}\n"


PALINDROME = task("static boolean made(String s)", "return new StringBuilder(s).reverse().toString().equals(s);")
MAXIMUM = task(
    "static int made(List<Integer> a)", "int m = a.get(0); for (int n : a) { if (n > m) { m = n; } } return m;"
)
MEAN = task("static double made(int[] a)", "double s = 0; for (int n : a) { s += n; } return s / a.length;")


def rewards(grounding: rlcf.Grounding, of: Task, *statements: str) -> list[float | None]:
    return [s.reward for s in scores(grounding, of, *statements)]


def scores(grounding: rlcf.Grounding, of: Task, *statements: str) -> list[Score]:
    return grounding.score([of] * len(statements), [body(each) for each in statements])


def plan(driver: Driver, of: Task) -> Plan:
    found = make_plans(driver, Java(), [of])[0]
    if found.passing:
        pytest.skip("the machine is too busy: the reference had no time")
    return found


def test_the_reference_earns_all_and_a_stub_what_is_trivial(grounding: rlcf.Grounding) -> None:
    tasks = load_builtin("builtin:java")[::12]
    found = grounding.score(tasks, [t.canonical_solution or "" for t in tasks])
    stubs = grounding.score(tasks, [grounding.language.stub(t) or "" for t in tasks])
    assert sum(s.reward is not None for s in found) > 0.85 * len(tasks)
    assert {s.reward for s in found} <= {1.0, None}
    assert {s.reward for s in stubs} <= {TRIVIAL, None}
    assert [s.reward is None for s in found] == [s.reward is None for s in stubs]


def test_a_constant_in_a_boolean_method_earns_nothing_however_it_is_written(grounding: rlcf.Grounding) -> None:
    constants = [
        "return true;",
        "return false;",
        "return s.length() >= 0;",
        "return s == null;",
        "boolean all = s.equals(s); for (int i = 0; i < s.length(); i++) { all |= s.charAt(i) == 'x'; } return all;",
        "throw new IllegalStateException(s);",
    ]
    assert rewards(grounding, PALINDROME, *constants) == [TRIVIAL] * len(constants)


def test_an_argument_that_is_handed_back_earns_nothing(grounding: rlcf.Grounding) -> None:
    clamp = task("static int made(int n, int low)", "if (n < low) { return low; } return n;")
    handed, changed = rewards(grounding, clamp, "return n;", "if (n < 0) { return low; } return n;")
    assert handed == TRIVIAL
    assert changed is not None
    assert changed > TRIVIAL


def test_half_of_the_inputs_of_a_boolean_method_are_of_either_outcome(driver: Driver) -> None:
    found = plan(driver, PALINDROME)
    assert [len(found.calls), found.base] == [32, 0.5]


def test_what_does_the_same_earns_all_and_a_changed_operator_less(grounding: rlcf.Grounding) -> None:
    equal, other, off, wrong = rewards(
        grounding,
        MAXIMUM,
        "return Collections.max(a);",
        "int best = Integer.MIN_VALUE; for (Integer each : a) { best = Math.max(best, each); } return best;",
        "int m = a.get(0); for (int n : a.subList(0, a.size() - 1)) { if (n > m) { m = n; } } return m;",
        "int m = a.get(0); for (int n : a) { if (n < m) { m = n; } } return m;",
    )
    assert equal == other == 1.0
    assert off is not None
    assert wrong is not None
    assert TRIVIAL <= wrong < off < 1.0


def test_floating_point_numbers_have_a_tolerance(grounding: rlcf.Grounding) -> None:
    near, less_near, whole = rewards(
        grounding,
        MEAN,
        "double m = 0; for (int n : a) { m += (double) n / a.length; } return a.length == 0 ? Double.NaN : m;",
        "double s = 0; for (int n : a) { s += n; } return s / a.length + 1e-3;",
        "int s = 0; for (int n : a) { s += n; } return s / a.length;",
    )
    assert near == 1.0
    assert less_near is not None
    assert whole is not None
    assert less_near < whole < 1.0


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("1.0", "1.0000005", True),
        ("1.0", "1.000002", False),
        ("[1e300, -2.5]", "[1.0000000001e300, -2.5]", True),
        ("0.0", "-0.0", True),
        ("0.0", "1e-12", True),
        ("1", "1.0", False),
        ("1", "true", False),
        ("[1, 2]", "[1]", False),
        ('{"value": 1}', '{"threw": 1}', False),
        ('{"object": "A", "fields": {"x": 1.0}}', '{"object": "A", "fields": {"x": 1.0000001}}', True),
        ('{"object": "A", "fields": {"x": 1}}', '{"object": "A", "fields": {"x": 2, "cache": 5}}', False),
        ('{"fields": {"x": 6, "y": 2}}', '{"fields": {"z": 1}}', False),
        ('{"fields": {"set": [1.5, 0.5]}}', '{"fields": {"set": [0.5, 1.5]}}', False),
        ('{"set": [10.0, 5.0]}', '{"set": [5.0, 9.999999999999998]}', True),
        ('{"set": [10.0, 5.0]}', '{"set": [5.0, 9.9]}', False),
        ('{"bag": [[0.3, "b"], [0.30000000000000004, "a"]]}', '{"bag": [[0.3, "a"], [0.3, "b"]]}', True),
        ('{"map": [[10.0, 1], [5.0, 2]]}', '{"map": [[5.0, 2], [9.999999999999998, 1]]}', True),
        ('{"map": [[10.0, 1], [5.0, 2]]}', '{"map": [[5.0, 1], [9.999999999999998, 2]]}', False),
        ('{"dict": [[10.0, {"set": [2.0, 10.0]}]]}', '{"dict": [[10.0, {"set": [9.999999999999998, 2.0]}]]}', True),
        ('{"view": [1, 2]}', '{"view": [2, 1]}', True),
        ('{"object": "A", "fields": {}}', '{"object": "B", "fields": {}}', False),
        ("", "1", False),
    ],
)
def test_outcomes_are_compared_by_their_structure(one: str, other: str, equal: bool) -> None:
    assert same(one, other) == same(other, one) == equal


def test_what_the_reference_has_must_be_there_and_more_may_be() -> None:
    one, more = '{"fields": {"x": 1}}', '{"fields": {"x": 1, "cache": 5}}'
    assert same(one, more)
    assert not same(more, one)
    assert not same(one, '{"fields": {}}')


def test_only_where_the_reference_has_no_order_none_is_asked_for() -> None:
    assert same('{"view": [2.0, 10.0]}', "[10.0, 2.0]")
    assert not same('{"view": [2, 10]}', "[10, 3]")
    assert not same('{"view": [2, 10]}', "null")
    assert not same("[2, 10]", '{"view": [10, 2]}')
    assert same("[2, 10]", '{"view": [2, 10]}')


@pytest.mark.parametrize(
    ("reference", "program", "expected"),
    [
        ('{"value": 1}', '{"value": 1, "after": {"0": 1}, "handed": ["0"]}', 0.5),
        ('{"value": 1, "after": {"0": 1}, "handed": ["0"]}', '{"value": 1}', 1.0),
        ('{"value": 1, "after": {"0": 1}, "handed": ["0"]}', '{"value": 1, "after": {"0": 2}}', 1.0),
        ('{"value": 1, "after": {"0": 1}}', '{"value": 1, "after": {"0": 1}, "handed": ["0"]}', 1.0),
        ('{"value": 1, "after": {"0": 1, "1": 3}, "handed": ["0"]}', '{"value": 1}', 0.5),
        ('{"value": 1}', '{"value": 1, "after": {"0": 2}}', 0.5),
        ('{"after": {"0": 1}}', '{"after": {"0": 1, "1": 3}}', 0.0),
        ('{"after": {"0": 1}}', "{}", 0.0),
    ],
)
def test_what_the_reference_changes_and_hands_back_is_its_value(reference: str, program: str, expected: float) -> None:
    assert agreement(reference, program) == expected


def test_changing_an_argument_is_no_way_to_a_new_value(grounding: rlcf.Grounding) -> None:
    new = task("static int[] made(int[] a)", "int[] b = a.clone(); Arrays.sort(b); return b;")
    old = task("static int[] made(int[] a)", "Arrays.sort(a); return a;")
    programs = ("Arrays.sort(a); return a;", "int[] b = a.clone(); Arrays.sort(b); return b;")
    changed, right = rewards(grounding, new, *programs)
    assert rewards(grounding, old, *programs) == [1.0, 1.0]
    assert right == 1.0
    assert changed is not None
    assert 0 < changed < 0.1  # half


@pytest.mark.parametrize(
    ("signature", "reference", "rest"),
    [
        ("static Pair made(int[] a)", "return new Pair(a.length, a.length + 1);", "record Pair(int low, int high) {}"),
        ("static Object made(int[] a)", "record P(int n) {} return new P(a.length);", ""),
        ("static Object made(int[] a)", "enum E {A, B} return E.values()[a.length % 2];", ""),
        ("static Object made(int[] a)", "return new Object() { int n = a.length; };", ""),
    ],
)
def test_objects_of_classes_that_the_context_does_not_declare_are_left_to_the_judge(
    driver: Driver, signature: str, reference: str, rest: str
) -> None:
    of = task(signature, reference)
    found = plan(driver, replace(of, canonical_solution=body(reference) + rest))
    assert found.reason is not None
    assert "160 unknown" in found.reason


def test_a_field_that_cannot_be_compared_hides_no_other(grounding: rlcf.Grounding) -> None:
    fields = (
        "    private int total;\n    private final Random random = new Random();\n    int[] memo = new int[20000];\n"
    )
    of = task("boolean made(int n)", "total += n; return n % 2 == 0;", fields)
    left_out, other, right = rewards(
        grounding, of, "return n % 2 == 0;", "total -= n; return n % 2 == 0;", "total = total + n; return (n & 1) == 0;"
    )
    assert right == 1.0
    assert left_out is not None
    assert other is not None
    assert left_out < 0
    assert other < 0


@pytest.mark.parametrize(
    ("type_", "one", "other"),
    [
        ("Deque<Integer>", "ArrayDeque", "LinkedList"),
        ("Queue<Integer>", "LinkedList", "ArrayDeque"),
        ("Iterable<Integer>", "ArrayList", "ArrayDeque"),
    ],
)
def test_the_class_of_an_ordered_collection_does_not_count(
    grounding: rlcf.Grounding, type_: str, one: str, other: str
) -> None:
    statements = "{}<Integer> d = new {}<>(); for (int n : a) d.add(n * 2); return d;"
    kind = "Collection" if type_.startswith("Iterable") else type_.partition("<")[0]
    of = task(f"static {type_} made(List<Integer> a)", statements.format(kind, one))
    right, wrong = rewards(grounding, of, statements.format(kind, other), "return new ArrayDeque<>(a);")
    assert right == 1.0
    assert wrong is not None
    assert wrong < 0


def test_the_values_of_a_map_have_no_order(grounding: rlcf.Grounding) -> None:
    of = task("static Collection<Integer> made(Map<String, Integer> m)", "return m.values();")
    backwards = "List<Integer> d = new ArrayList<>(new TreeMap<>(m).descendingMap().values()); return d;"
    assert rewards(grounding, of, backwards) == [1.0]


def test_what_happens_to_arguments_is_compared(grounding: rlcf.Grounding) -> None:
    sort = task("static void made(int[] a)", "Arrays.sort(a);")
    same_, partly, other, printed = rewards(
        grounding,
        sort,
        "for (int i = 0; i < a.length; i++) for (int j = i + 1; j < a.length; j++)"
        " if (a[j] < a[i]) { int t = a[i]; a[i] = a[j]; a[j] = t; }",
        "if (a.length > 1 && a[0] > a[1]) { int t = a[0]; a[0] = a[1]; a[1] = t; }",
        "int[] b = a.clone(); Arrays.sort(b); a = b;",
        "for (int n : a) { System.out.println(n); }",
    )
    assert same_ == 1.0
    assert partly is not None
    assert other == printed == TRIVIAL
    assert TRIVIAL < partly < 1.0


def test_the_value_alone_earns_nothing_where_it_is_always_the_same(grounding: rlcf.Grounding) -> None:
    sort = task("static boolean made(int[] a)", "Arrays.sort(a); return a.length > 0;")
    nothing, whole = rewards(
        grounding, sort, "int n = a.length; return n > 0;", "Arrays.sort(a); return a.length != 0;"
    )
    assert nothing == TRIVIAL
    assert whole == 1.0


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (task("static int made(int n)", "return new Random().nextInt();"), "random"),
        (task("static boolean made(int n)", "return new Random().nextInt(6) == 0 || n > 1000000;"), "random"),
        (task("static int made(int n)", "return n + calls++;", "static int calls;\n"), "random"),
        (task("static int made(int n)", "return 5;"), "the same with all inputs"),
        (task("static void made(String s)", "System.out.println(s + s.length());"), "the same with all inputs"),
        (task("static int made(java.util.function.IntPredicate p)", "return p.test(1) ? 1 : 2;"), "no value of type"),
        (task("static int made(List<Integer> a)", "return a.get(-1);"), "too few inputs: .* failed"),
        (task("static int made(int n)", "while (n == n) { } return n;"), "too few inputs: .* timeout"),
        (task("static int made(int n)", "throw new IllegalStateException();"), "too few inputs|the same with all"),
        (task("static Runnable made(int n)", "return () -> { };"), "too few inputs: .* unknown"),
        (task("static int made(int n)", "return m;"), "does not compile"),
        (task("static int made()", "return 0;"), "a stub or an argument is as good"),
    ],
)
def test_a_task_that_cannot_be_compared_is_left_to_the_other_components(
    driver: Driver, grounding: rlcf.Grounding, of: Task, reason: str
) -> None:
    found = plan(driver, of)
    assert found.reason is not None
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(found.reason)
    if "m;" not in (of.canonical_solution or ""):
        assert {s.components["behaviour"] for s in grounding.score([of], [of.canonical_solution or ""])} == {None}
    with rlcf.Grounding(GroundingConfig(components={"behaviour": 1.0, "compiler": 1.0}), None) as both:
        (score,) = both.score([of], [both.language.stub(of) or ""])
    assert (score.reward, score.components) == (1.0, {"behaviour": None, "compiler": 1.0})


def test_few_inputs_are_such_on_which_the_reference_throws(driver: Driver) -> None:
    of = task("static int made(int n)", "if (n % 3 != 0) { throw new IllegalArgumentException(); } return n * n;")
    found = plan(driver, of)
    thrown = sum(c.status == "threw" for c in found.calls)
    assert 0 < thrown <= len(found.calls) / 8
    accident = plan(driver, task("static int made(List<Integer> a, int i)", "return a.get(i);"))
    assert {c.status for c in accident.calls} == {"returned"}


def test_a_method_without_parameters_is_compared_by_its_value(grounding: rlcf.Grounding) -> None:
    of = task("static double made()", "double a = 12.5; double b = 4; return a * b / 100;")
    right, wrong, literal = rewards(
        grounding, of, "return 12.5 / 100 * 4;", "double a = 12.5; return a * 4;", "return 0.5;"
    )
    assert (right, wrong, literal) == (1.0, TRIVIAL, TRIVIAL)


def test_programs_that_are_not_accepted_are_not_driven(grounding: rlcf.Grounding) -> None:
    rejected, accepted = scores(grounding, MAXIMUM, "return missing;", "return Collections.max(a);")
    assert (rejected.reward, rejected.components) == (-1.0, {"compiler": -1.0, "behaviour": None})
    assert (accepted.reward, accepted.components) == (1.0, {"compiler": 1.0, "behaviour": 1.0})


def test_equal_programs_of_a_batch_are_driven_a_single_time(
    grounding: rlcf.Grounding, monkeypatch: pytest.MonkeyPatch
) -> None:
    grounding.score([MAXIMUM], [MAXIMUM.canonical_solution or ""])  # the plan is there
    driven: list[str] = []
    drive = JavaDriver.drive
    monkeypatch.setattr(
        JavaDriver, "drive", lambda self, runs: driven.extend(r.completion for r in runs) or drive(self, runs)
    )
    found = rewards(grounding, MAXIMUM, *["return Collections.max(a);", "return Collections.min(a);"] * 3, "return 1;")
    assert driven == [body("return Collections.max(a);"), body("return Collections.min(a);")]
    assert found[0] == found[2] == found[4] == 1.0
    assert found[1] == found[3] == found[5] != 1.0
    assert found[6] == TRIVIAL


def test_the_same_inputs_are_chosen_again(driver: Driver) -> None:
    one, other = make_plans(driver, Java(), [MEAN, MEAN])
    assert (one.run, [c.given for c in one.calls]) == (other.run, [c.given for c in other.calls])
    assert one.run != make_plans(driver, Java(), [MEAN], seed=1)[0].run


def test_a_program_that_adds_to_a_class_is_compared_by_what_the_class_has(grounding: rlcf.Grounding) -> None:
    of = task("int made(int n)", "sum += n; return sum;", "    private int sum;\n    void clear() { sum = 0; }\n")
    helped, wrong = rewards(
        grounding,
        of,
        "sum = plus(n); return sum; } private int plus(int n) { last = n; return sum + n; } int last; void more() {",
        "sum += n; return n;",
    )
    assert helped == 1.0
    assert wrong is not None
    assert wrong < 0.5


def test_constants_are_those_of_context_and_reference() -> None:
    of = Task(
        "c", "int f() { // f(\"a-b\\n\", 'x') == 365, -2.5; don't: v12 1.2.3", canonical_solution='return "é" + 7;'
    )
    assert constants_of(of).numbers == (365, -2.5, 7)
    assert constants_of(of).texts == ("a-b\n", "x", "é")
    assert constants_of(Task("t", "", test='"secret"; 99')) == constants_of(Task("t", ""))
    assert constants_of(Task("t", "trim" * 100_000)).texts == ()  # in no time


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (r"\uu0041", "A"),
        (r"\x41-\u{42}", "A-B"),
        (r"a\u{1F600}b", "ab"),  # it is no single unit of a text
        (r"a\u{110000}b", "ab"),
        (r"C:\users", "C:sers"),
        (r"\u12 \x4 \N{DASH}", "12 4 {DASH}"),
        (r"a\uD83D\uDE00", "a"),
        ("a\\\x00\\\r\\\u2028", "a"),
        (r"\\u", r"\u"),
    ],
)
def test_no_escape_is_too_odd_for_constants(text: str, meant: str) -> None:
    assert constants_of(Task("t", f'"{text}"')).texts == (meant,)
    assert constants_of(Task("t", f"'{text}'")).texts == (meant,)


def test_a_text_that_ends_in_a_backslash_has_no_constant() -> None:
    assert constants_of(Task("t", '"a\\')).texts == ()


def test_a_plan_is_that_of_one_prompt(grounding: rlcf.Grounding) -> None:
    """Constants are those of the prompt, which may differ where the program begins with the same text."""
    first, second = (replace(MAXIMUM, prefix=MAXIMUM.context, prompt=f"Return the maximum ({n}).") for n in (77, 88))
    grounding.score([first, second], [body("return Collections.max(a);")] * 2)
    (component,) = (c for c in grounding._components if isinstance(c, BehaviourComponent))
    numbers = {plan.run.task.prompt: plan.run.constants.numbers for plan in component._plans.values()}
    assert 77 in numbers[first.prompt]
    assert 88 in numbers[second.prompt]


SHAPES = "import java.util.*;\n\ninterface Shape { double area(); }\n\nclass Made {\n"
SQUARE = "record Square(double side) implements Shape { public double area() { return side * side; } }\n"
SUM = "return shapes.stream().mapToDouble(Shape::area).sum();"


def test_inputs_that_only_the_reference_declares_are_asked_of_nobody(driver: Driver) -> None:
    context = SHAPES + "    static double made(List<Shape> shapes) {\n"
    of = Task("foreign", context, canonical_solution=body(SUM) + SQUARE, entry_point="made")
    assert (plan(driver, of).reason or "").startswith("the reference has outcomes for too few inputs")
    known = replace(of, prompt=context.replace("class Made", SQUARE + "class Made"), canonical_solution=body(SUM))
    assert plan(driver, known).reason is None


def test_a_constructor_of_the_references_own_makes_no_inputs_either(driver: Driver) -> None:
    before = "    private int[] data = {1, 2, 3};\n"
    of = task("int made(int i)", "return data[Math.floorMod(i, data.length)] + i;", before)
    assert plan(driver, of).reason is None
    own = (of.canonical_solution or "").rstrip()[:-1] + "    Made(int[] given) { data = given.clone(); }\n}\n"
    found = plan(driver, replace(of, canonical_solution=own))
    assert found.reason == "its inputs are made of what only the reference declares"


def test_a_constructor_may_call_the_method_that_is_written(driver: Driver) -> None:
    before = "    private final List<Integer> all = new ArrayList<>();\n    Made(int n) { made(n); made(n + 1); }\n"
    assert plan(driver, task("void made(int n)", "all.add(n * 2);", before)).reason is None


Act = Callable[[DrivenRun], Driven]


class Scripted(Driver):
    """What the reference does each time that it is driven, and its stub."""

    def __init__(self, passes: Sequence[Act], stub: Act) -> None:
        self.passes, self.stub = list(passes), stub

    def drive(self, runs: Sequence[DrivenRun]) -> list[Driven]:
        return [self.passes.pop(0)(r) if r.completion == MAXIMUM.canonical_solution else self.stub(r) for r in runs]

    def close(self) -> None:
        """Nothing was started."""


def valued(run: DrivenRun, of: Callable[[int], int]) -> Driven:
    return Driven(tuple(Call("returned", f"[[{n}]]", json.dumps({"value": of(n)})) for n in run.inputs))


def squares(run: DrivenRun) -> Driven:
    return valued(run, lambda n: n * n + 1)


def cut_short(run: DrivenRun) -> Driven:
    return Driven((*squares(run).calls[:1], *[Call("unreached")] * (len(run.inputs) - 1)))


def starved(run: DrivenRun) -> Driven:
    return Driven((Call("unreached"),) * len(run.inputs), starved=True)


def zero(run: DrivenRun) -> Driven:
    return valued(run, lambda n: n * 0)


def other_for(count: int) -> Act:
    return lambda run: valued(run, lambda n: 0 if n < count else n * n + 1)


@pytest.mark.parametrize(
    ("passes", "stub", "reason"),
    [
        ([squares, squares, squares], zero, None),
        ([squares, other_for(16), squares], zero, None),
        ([squares, other_for(17)], zero, "the outcomes of the reference are random"),
        ([squares, squares, other_for(160)], zero, "the outcomes of the reference are random"),
        ([squares, *[cut_short] * 4], zero, NO_TIME),
        ([squares, *[starved] * 4], zero, NO_TIME),
        ([starved] * 5, zero, NO_TIME),
        ([squares, squares, cut_short], zero, NO_TIME),
        ([squares, squares, starved], zero, NO_TIME),
        ([squares, squares, squares], starved, NO_TIME),
    ],
)
def test_what_differs_is_random_and_what_is_not_reached_had_no_time(
    passes: list[Act], stub: Act, reason: str | None
) -> None:
    (found,) = make_plans(Scripted(passes, stub), Java(), [MAXIMUM])
    assert (found.reason, found.passing) == (reason, reason == NO_TIME)


@pytest.mark.parametrize("fails", ["drives", "starts"])
def test_a_tool_that_has_worked_and_fails_now_leaves_programs_unscored(
    monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    """Other components alone would put them on another scale than those of the call before."""

    def broken(self: object, runs: object = None) -> None:
        raise ToolError("killed from outside")

    right = body("return Collections.max(a);")
    config = GroundingConfig(components={"compiler": 1.0, "behaviour": 1.0})
    with rlcf.Grounding(config, None) as grounding:
        assert grounding.score([MAXIMUM], [right])[0].reward == 1.0
        with monkeypatch.context() as patched:
            patched.setattr(JavaDriver, "drive", broken)
            if fails == "starts":
                grounding.score([MAXIMUM], [right])
                patched.setattr(BehaviourComponent, "start", broken)
            rejected, accepted = grounding.score([MAXIMUM] * 2, ["nonsense", right])
            assert (rejected.reward, accepted.reward) == (-1.0, None)
            assert accepted.components == {"compiler": 1.0, "behaviour": None}
        assert grounding.score([MAXIMUM], [right])[0].reward == 1.0


def test_what_the_machine_had_no_time_for_is_unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    drive, busy = JavaDriver.drive, [True]
    right, other, alone = (body(f"return Collections.max(a){more};") for more in ("", " + 0", " - 0"))

    def driven(self: JavaDriver, runs: Sequence[DrivenRun]) -> list[Driven]:
        found = drive(self, runs)
        return [
            starved(run) if busy[0] and run.completion == other else each for run, each in zip(runs, found, strict=True)
        ]

    monkeypatch.setattr(JavaDriver, "drive", driven)
    with rlcf.Grounding(GroundingConfig(components={"compiler": 1.0, "behaviour": 1.0}), None) as grounding:
        assert [s.reward for s in grounding.score([MAXIMUM] * 3, [right, other, alone])] == [1.0, None, 1.0]
        busy[0] = False
        assert [s.reward for s in grounding.score([MAXIMUM] * 2, [right, other])] == [1.0, 1.0]


def test_a_plan_that_had_no_time_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with rlcf.Grounding(GroundingConfig(components={"compiler": 1.0, "behaviour": 1.0}), None) as grounding:
        right = body("return Collections.max(a);")
        with monkeypatch.context() as busy:
            busy.setattr(JavaDriver, "drive", lambda _, runs: [starved(run) for run in runs])
            (score,) = grounding.score([MAXIMUM], [right])
            assert (score.reward, score.components) == (None, {"compiler": 1.0, "behaviour": None})
        assert grounding.score([MAXIMUM], [right])[0].reward == 1.0


@pytest.mark.parametrize(
    ("reference", "wrong"),
    [
        ("return s.toUpperCase().trim();", "return s.toUpperCase();"),
        ("return s.strip() + s.length();", "return s.stripLeading() + s.length();"),
        ("return String.valueOf(s.isBlank());", "return String.valueOf(s.isEmpty());"),
    ],
)
def test_a_reference_that_leaves_blanks_out_is_told_from_one_that_does_not(
    grounding: rlcf.Grounding, reference: str, wrong: str
) -> None:
    right, other = rewards(grounding, task("static String made(String s)", reference), reference, wrong)
    assert right == 1
    assert other is not None
    assert other < 0.9


def test_where_there_is_no_sandbox_behaviour_is_off_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise SandboxUnavailable("bubblewrap (bwrap) is not installed")

    monkeypatch.setattr("rlcf.languages.java.machines.find_sandbox", none)
    config = make_recipe({}, ["grounding.components={compiler = 1, behaviour = 1}"]).grounding
    with rlcf.Grounding(config, None) as off:
        (line,) = off.warnings()
        assert line.startswith("behaviour is off, and the other components decide: bubblewrap")
        (score,) = off.score([MAXIMUM], [MAXIMUM.canonical_solution or ""])
    assert (score.reward, score.components) == (1.0, {"compiler": 1.0, "behaviour": None})


def test_a_language_without_a_driver_is_left_to_the_other_components(monkeypatch: pytest.MonkeyPatch) -> None:
    from rlcf.languages.registry import LANGUAGES

    monkeypatch.setitem(LANGUAGES, "python", "tests.languages.python_language:Python")
    with rlcf.Grounding(GroundingConfig(components={"compiler": 1, "behaviour": 1}), None, "python") as off:
        assert off.warnings() == [
            "behaviour is off, and the other components decide: "
            "methods in python cannot be called on generated inputs: the language has no driver"
        ]


def test_a_tool_that_fails_counts_against_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: JavaDriver, runs: object) -> None:
        raise ToolError("killed from outside")

    config = GroundingConfig(components={"compiler": 1.0, "behaviour": 1.0})
    with rlcf.Grounding(config, None) as grounding:
        with monkeypatch.context() as patched:
            patched.setattr(JavaDriver, "drive", broken)
            (score,) = grounding.score([MAXIMUM], [body("return 1;")])
            assert (score.reward, score.components) == (None, {"compiler": 1.0, "behaviour": None})
        (component,) = (c for c in grounding._components if isinstance(c, BehaviourComponent))
        assert component.warning() is None
        (score,) = grounding.score([MAXIMUM], [body("return 1;")])
        assert score.components == {"compiler": 1.0, "behaviour": TRIVIAL}


def test_behaviour_needs_no_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; import rlcf; from rlcf.config import GroundingConfig; "
        "rlcf.Grounding(GroundingConfig(components={'behaviour': 1.0}), None).close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
