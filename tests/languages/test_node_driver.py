"""Functions of JavaScript and TypeScript on generated inputs: what their outcomes are, and what programs cannot do."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from rlcf.errors import CheckerUnavailable, SandboxUnavailable
from rlcf.grounding.behaviour.outcomes import same
from rlcf.languages.base import Driver
from rlcf.languages.javascript.driver import JavaScriptDriver
from rlcf.languages.javascript.node import find_node
from rlcf.languages.typescript.compiler import find_compiler
from rlcf.languages.typescript.driver import TypeScriptDriver
from rlcf.records import Call, Driven, DrivenRun, Task
from rlcf.workers.sandbox import find_sandbox

pytest.importorskip("tree_sitter_javascript")
pytest.importorskip("tree_sitter_typescript")
FEW = (0, 1, 2)


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    try:
        find_node()
        find_sandbox()
    except (CheckerUnavailable, SandboxUnavailable) as error:
        pytest.skip(str(error))
    with JavaScriptDriver(workers=2, timeout_s=1.0, memory_mib=64, sandbox=True) as made:
        yield made


def drive(driver: Driver, *bodies: str, head: str = "function f(n) {") -> list[Driven]:
    task = Task("t", head, "javascript", entry_point="f")
    return driver.drive([DrivenRun(task, f"{body} }}", FEW) for body in bodies])


def outcomes(driver: Driver, *bodies: str, head: str = "function f(n) {") -> list[tuple[str, str]]:
    """Status and outcome of the first call of each body."""
    return [(d.calls[0].status, d.calls[0].outcome) for d in drive(driver, *bodies, head=head)]


def test_values_have_one_form_each(driver: Driver) -> None:
    bodies = {
        "return 7;": 7.0,
        "return 0.5;": 0.5,
        "return 7n;": 7,
        "return '7';": "7",
        "return null;": None,
        "return undefined;": {"undefined": []},
        "return [NaN, -Infinity];": [{"float": "nan"}, {"float": "-inf"}],
        "return { b: 1, a: [] };": {"dict": [["a", []], ["b", 1.0]]},
        "return new Map([[2, 'b'], [1, 'a']]);": {"map": [[1.0, "a"], [2.0, "b"]]},
        "return new Set([[1]]);": {"set": [[1.0]]},
        "return new Date(5);": {"date": ["5"]},
        "return Promise.resolve(7);": {"resolved": [7.0]},
        "return new P();": {"object": "P", "fields": {"x": 1.0}},
    }
    head = "class P { constructor() { this.x = 1; } } function f(n) {"
    found = [json.loads(outcome)["value"] for _, outcome in outcomes(driver, *bodies, head=head)]
    assert found == list(bodies.values())


def test_what_cannot_be_compared_is_unknown(driver: Driver) -> None:
    bodies = [
        "class P { x = 1; } return new P();",
        "return () => 1;",
        "return Symbol();",
        "const a = {}; a.a = a; return a;",
        "return [x => x];",
    ]
    assert {status for status, _ in outcomes(driver, *bodies)} <= {"unknown", "failed"}


def test_only_what_the_program_throws_by_itself_is_an_outcome(driver: Driver) -> None:
    bodies = {
        "throw new RangeError('no');": ("threw", "RangeError"),
        "throw new TypeError(n);": ("threw", "TypeError"),
        "class Mine extends Error {} throw new Mine();": ("threw", "Mine"),
        "throw 'text';": ("threw", "Thrown"),
        "return Promise.reject(new RangeError());": ("threw", "RangeError"),
        "return undefined.x;": ("failed", "TypeError"),
        "return 'a'.repeat(-1);": ("failed", "RangeError"),
        "return nothing;": ("failed", "ReferenceError"),
        "return f(n + 1);": ("failed", "RangeError"),
        "return new Array(-1);": ("failed", "RangeError"),
    }
    found = [(status, json.loads(outcome)["threw"]) for status, outcome in outcomes(driver, *bodies)]
    assert found == list(bodies.values())


def test_what_a_call_changes_is_told(driver: Driver) -> None:
    head = "function f(arr) {"
    (changed, kept) = drive(driver, "arr.push(7);", "return arr.length;", head=head)
    given = json.loads(changed.calls[2].given)[0][0]
    assert json.loads(changed.calls[2].outcome) == {"value": {"undefined": []}, "after": {"0": [*given, 7.0]}}
    assert json.loads(kept.calls[2].outcome) == {"value": float(len(given))}


def test_an_argument_that_is_changed_and_handed_back_is_told(driver: Driver) -> None:
    found = drive(driver, "arr.push(7); return arr;", "return [...arr, 7];", head="function f(arr) {")
    changed, new = (json.loads(each.calls[2].outcome) for each in found)
    assert changed == {"value": new["value"], "after": {"0": new["value"]}, "handed": ["0"]}
    assert new.keys() == {"value"}


def test_a_field_that_cannot_be_compared_hides_no_other(driver: Driver) -> None:
    head = "class A { constructor() { this.n = 1; this.order = () => 2; } f(n) {"
    (found,) = drive(driver, "this.n += 1; this.helper = 6; } ", head=head)
    (told,) = json.loads(found.calls[0].outcome)["after"].values()
    before = len(json.loads(found.calls[0].given)) - 2
    assert told == {"object": "A", "fields": {"n": 2.0 + before, "order": {"opaque": "Function"}}}


def test_numbers_that_are_nearly_the_same_are(driver: Driver) -> None:
    one, other = outcomes(driver, "return 3;", "return 1 / 3 * 9.0000000001;")
    assert same(one[1], other[1])


def test_a_program_that_ends_or_hangs_has_no_outcome_from_there_on(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlcf.languages.driving.plain.used_s", lambda _: 1.0)  # on a busy machine, too
    found = drive(driver, "process.exit(0);", "for (;;) {}", "return new Array(2e7).fill(n);", "return n;")
    assert [[call.status for call in each.calls] for each in found[:1]] == [["unreached"] * 3]
    assert [call.status for call in found[1].calls] == ["timeout", "unreached", "unreached"]
    assert not any(call.known for call in found[2].calls)
    assert all(call.known for call in found[3].calls)


def test_a_program_that_the_machine_has_no_time_for_is_starved_and_one_that_sleeps_is_not(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlcf.languages.driving.plain.used_s", lambda _: 0.0)
    sleeps = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"
    endless, asleep, fine = drive(driver, "for (;;) {}", sleeps, "return n;")
    assert (endless.starved, endless.calls) == (True, (Call("unreached"),) * 3)
    assert (asleep.starved, asleep.calls[0].status) == (False, "timeout")
    assert not fine.starved


@pytest.mark.parametrize(
    "lie",
    [
        "require('fs').writeSync(1, '{\"request\": {\"call\": 1}}\\n');",
        "require('fs').writeSync(1, 'nonsense\\n');",
        "require('fs').writeSync(1, '{\"result\": {\"list\": []}}\\n');",
        "require('fs').writeSync(1, '[]\\n');",
    ],
)
def test_a_program_that_writes_to_the_channel_has_no_outcome(driver: Driver, lie: str) -> None:
    (found,) = drive(driver, f"{lie} return n;")
    assert not any(call.known for call in found.calls)


def test_changing_what_the_language_brings_changes_no_input(driver: Driver) -> None:
    evil = "Math.random = () => 1; Array.isArray = () => false; JSON.stringify = () => '{\"result\": 1}'; return n;"
    (right, wrong) = drive(driver, "return n;", evil)
    assert wrong.calls[0].given in (right.calls[0].given, "")


def test_types_are_those_that_are_declared() -> None:
    try:
        find_compiler()
        find_sandbox()
    except (CheckerUnavailable, SandboxUnavailable) as error:
        pytest.skip(str(error))
    head = "enum Way { In, Out = 'out' }\nfunction f(m: Map<string, [number, Way]>, s: Set<number> | null): string {"
    pairs = "[...m.values()].every((v) => v.length === 2)"
    body = f" return [m instanceof Map, {pairs}, s === null || s instanceof Set].join(); }}"
    task = Task("t", head, "typescript", entry_point="f")
    with TypeScriptDriver(workers=1, timeout_s=5.0, memory_mib=64, sandbox=True) as made:
        (found, broken) = made.drive([DrivenRun(task, body, tuple(range(9))), DrivenRun(task, " return ((; }", FEW)])
    assert {call.outcome for call in found.calls} == {'{"value": "true,true,true"}'}
    assert broken.reason == "the program ends with an exception before its function is called"
    assert broken.calls == (Call("unreached"),) * 3
