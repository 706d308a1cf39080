"""The component `tests`: the share of a test's checks that hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import rlcf
from rlcf.config import GroundingConfig
from rlcf.errors import SandboxUnavailable, Unsupported
from rlcf.languages.base import Runner
from rlcf.languages.java import Java
from rlcf.records import Task
from rlcf.workers.sandbox import find_sandbox

TEST = """
class Main {
    static void check(boolean holds) {
        if (!holds) { throw new AssertionError("no"); }
    }
    public static void main(String[] args) {
        int five = 5; // check(false);
        check(A.f(five) == 10);
        check(A.f(0) == 0);
        if (A.f(-1) != -2) {
            throw new AssertionError("A.f(-1); }");
        }
        check(A.f(2) == 4);
    }
}
"""
TASK = Task("double", "class A {\n    static int f(int a) {\n", test=TEST, entry_point="f")


@pytest.fixture(scope="module")
def grounding(jdk: None) -> Iterator[rlcf.Grounding]:
    try:
        find_sandbox()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    with rlcf.Grounding(GroundingConfig(components={"tests": 1.0}, trivial_reward=-0.5), None) as grounding:
        yield grounding


def test_each_check_is_a_test_of_its_own() -> None:
    checks = Java().single_checks(TEST)
    assert [test.count("A.f(") for test in checks] == [1, 1, 2, 1]
    assert all("int five" in test for test in checks)
    assert Java().single_checks("class Main { public static void main(String[] a) { } }") == [
        "class Main { public static void main(String[] a) { } }"
    ]


@pytest.mark.parametrize(
    ("body", "reward"),
    [
        ("return a + a;", 1.0),
        ("return a < 0 ? a : 2 * a;", 0.625),
        ('if (a == 0) { return 0; } throw new AssertionError("no");', -0.125),
        ("return a + 7;", -0.5),
        ("return 0;", -0.5),
        ("return x;", -1.0),
    ],
)
def test_a_program_earns_the_share_of_the_checks_that_hold(grounding: rlcf.Grounding, body: str, reward: float) -> None:
    [score] = grounding.score([TASK], [f"        {body}\n    }}\n}}"])
    assert score.reward == pytest.approx(reward)


def test_a_task_without_a_test_has_no_score(grounding: rlcf.Grounding) -> None:
    bare = Task("bare", TASK.prompt, entry_point="f")
    [score] = grounding.score([bare], ["        return a + a;\n    }\n}"])
    assert (score.reward, score.components) == (None, {"compiler": 1.0, "tests": None})


def test_where_programs_cannot_be_run_it_is_off_and_says_so(monkeypatch: pytest.MonkeyPatch, jdk: None) -> None:
    def none(*_: object, **__: object) -> Runner:
        raise Unsupported("no runner here")

    monkeypatch.setattr(Java, "runner", none)
    config = GroundingConfig(components={"compiler": 1.0, "tests": 1.0})
    with rlcf.Grounding(config, None) as grounding:
        assert grounding.warnings() == ["tests is off, and the other components decide: no runner here"]
        [score] = grounding.score([TASK], ["        return a + a;\n    }\n}"])
    assert (score.reward, score.components["tests"]) == (1.0, None)
