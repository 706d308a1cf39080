"""Completions → rows, by a real compiler and a real sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rlcf.errors import CheckerUnavailable, SandboxUnavailable, UserError
from rlcf.evaluation.evaluate import evaluate, with_references, write_evaluation
from rlcf.evaluation.results import load_results
from rlcf.evaluation.summary import summarise
from rlcf.languages import registry
from rlcf.languages.base import CHECKING, RUNNING, Checker, Language
from rlcf.languages.java import Java
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.registry import load_language
from rlcf.records import Completion, Score, Task, Verdict
from rlcf.workers.sandbox import find_sandbox
from tests.languages.installed import require

PROMPT = "class Add {\n    static int add(int a, int b) {\n"
TEST = """
class Main {
    public static void main(String[] args) throws Exception {
        if (Add.add(1, 2) != 3) throw new Exception("no");
    }
}
"""
TASK = Task("t/1", PROMPT, test=TEST, entry_point="add")
UNTESTED = Task("t/2", PROMPT, entry_point="add")
UNTESTED_1 = replace(UNTESTED, task_id="t/1")


@pytest.fixture(autouse=True)
def tools() -> None:
    try:
        find_jdk()
        find_sandbox()
    except (CheckerUnavailable, SandboxUnavailable) as error:
        pytest.skip(str(error))


def test_the_compile_rate_is_that_of_the_program_without_its_test() -> None:
    completions = ["return a + b; } }", "return a - b; } }", "return c; } }", "return 3; } }"]
    rows = evaluate([TASK], [Completion("t/1", c) for c in completions])
    assert [row["status"] for row in rows] == ["passed", "failed", "rejected", "passed"]
    assert [row["trivial"] for row in rows] == [False, False, False, True]
    assert [row["passed"] for row in rows] == [True, False, False, True]
    (error,) = rows[2]["diagnostics"]
    assert (error["code"], error["line"]) == ("compiler.err.cant.resolve.location", 3)
    assert rows[2]["detail"].startswith("line 3: cannot find symbol")
    collision = replace(TASK, test="class Add { }" + TEST)
    (row,) = evaluate([collision], [Completion("t/1", "return a + b; } }")])
    assert (row["compiled"], row["executed"], row["passed"]) == (True, False, False)
    assert (row["status"], row["diagnostics"]) == ("rejected", [])


def test_text_after_the_programs_end_is_cut_and_cannot_pass_for_the_program() -> None:
    """The first carries a class that the test would meet in place of the library's; the second only white space."""
    shadow = "class Exception extends java.lang.Exception { Exception(String s) { System.exit(0); } }"
    completions = ["return 0; } }\n" + shadow, "return a + b; } }\n\n", "return a + b; } } class Main { }"]
    rows = evaluate([TASK], [Completion("t/1", c) for c in completions])
    assert [row["status"] for row in rows] == ["failed", "passed", "passed"]
    assert [row["completion"] for row in rows] == ["return 0; } }", "return a + b; } }", "return a + b; } }"]
    assert [row["cut"] for row in rows] == [len(shadow), 0, len("class Main { }")]
    assert [row["finished"] for row in rows] == [None] * 3


def test_a_task_without_a_test_is_only_compiled() -> None:
    rows = evaluate([TASK, UNTESTED], [Completion("t/2", "return c; } }"), Completion("t/1", "return a + b; } }")])
    assert [row["status"] for row in rows] == ["rejected", "passed"]
    assert [row["passed"] for row in rows] == [None, True]
    rows = evaluate([UNTESTED], [Completion("t/2", "return a; } }")])
    assert [(row["compiled"], row["executed"], row["trivial"]) for row in rows] == [(True, None, False)]


def test_a_program_sampled_twice_has_two_rows() -> None:
    same = [Completion("t/1", "return b + a; } }")] * 2
    assert [row["status"] for row in evaluate([TASK], same)] == ["passed", "passed"]


class Checked(Java):
    """Java without a runner, and without the facts that tell what is trivial."""

    name = "checked"

    runner = Language.runner

    def checker(self, *args: Any, **kwargs: Any) -> Checker:
        return Unanalysed(super().checker(*args, **kwargs))


class Unanalysed(Checker):
    def __init__(self, checker: Checker) -> None:
        self.checker = checker

    def check(self, sources: Sequence[str]) -> list[Verdict]:
        return [replace(verdict, methods=None) for verdict in self.checker.check(sources)]

    def close(self) -> None:
        self.checker.close()


def test_a_language_without_runner_and_analysis_has_a_compile_rate_and_no_triviality(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(registry.LANGUAGES, "checked", f"{__name__}:Checked")
    task = replace(TASK, language="checked")
    completions = [Completion("t/1", c) for c in ("return a + b; } }", "return c; } }", "return 3; } }")]
    summary = write_evaluation(tmp_path, evaluate([task], completions), [task])
    assert summary["compile_rate"]["value"] == pytest.approx(2 / 3)
    assert summary["trivial_rate"]["value"] is None
    assert (summary["triviality_unknown"], summary["untested"]) == (2, 3)
    assert "pass@1" not in summary
    assert "nontrivial_rate" not in summary
    assert [row["status"] for row in load_results(tmp_path)] == ["accepted", "rejected", "accepted"]
    assert any("no test was run" in line for line in summary["warnings"])


class Interrupting:
    """Interrupts, as Ctrl-C does, once so many samples are evaluated."""

    def __init__(self, after: int) -> None:
        self.after = after

    def __call__(self, done: int) -> None:
        if done >= self.after:
            raise KeyboardInterrupt


def test_an_interrupted_evaluation_goes_on_after_the_results_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlcf.evaluation.evaluate._BATCH", 128)
    texts = [f"return a + b + {n} - {n}; }} }}" for n in range(300)]
    completions = [Completion("t/1", text) for text in texts]
    seen: list[int] = []
    with pytest.raises(KeyboardInterrupt, match=r"128 of 300 results are kept in .*; the same command goes on"):
        evaluate([UNTESTED_1], completions, folder=tmp_path, on_progress=Interrupting(128))
    with (tmp_path / "results.jsonl").open("a") as file:
        file.write('{"task_id": "t/1", "comp')  # as a kill leaves it
    rows = evaluate([UNTESTED_1], completions, folder=tmp_path, on_progress=seen.append)
    assert seen == [128, 256, 300]
    assert [row["completion"] for row in load_results(tmp_path)] == texts
    assert load_results(tmp_path) == rows
    evaluate([UNTESTED_1], completions[:3], folder=tmp_path, on_progress=seen.append)
    assert (seen[3:], len(load_results(tmp_path))) == ([0, 3], 3)
    with pytest.raises(KeyboardInterrupt):
        evaluate([UNTESTED_1], completions, folder=tmp_path, on_progress=Interrupting(128))
    evaluate([UNTESTED_1], completions[::-1], folder=tmp_path, on_progress=seen.append)
    assert seen[5:] == [0, 128, 256, 300]


def test_a_scorer_adds_reward_components_and_preference(tmp_path: Path) -> None:
    def score(tasks: Sequence[Task], texts: Sequence[str], verdicts: Sequence[Verdict]) -> list[Score]:
        given = [{"compiler": 1.0, "length": float(len(text))} for text in texts]
        return [Score(0.5, v, 0.25, False, g) for v, g in zip(verdicts, given, strict=True)]

    tasks = [replace(UNTESTED, canonical_solution="return a; } }"), UNTESTED_1]
    completions = [Completion("t/2", "return a; } }"), Completion("t/2", "return c; } }"), Completion("t/1", "}}")]
    rows = evaluate(tasks, completions, score=with_references(score))
    assert [row["reward"] for row in rows] == [0.5, 0.5, None]
    assert [row["preference"] for row in rows] == [0.25, None, None]
    assert rows[0]["components"] == {"compiler": 1.0, "length": 13.0}
    assert summarise(rows)["components"] == {"compiler": 1.0, "length": 13.0}
    assert summarise(rows)["reward"]["value"] == 0.5


def test_tasks_of_several_languages_are_each_checked_and_run_by_their_own() -> None:
    require(load_language("python"), CHECKING, RUNNING)
    python = Task("p/1", "def add(a, b):\n", language="python", test="assert add(1, 2) == 3\n", entry_point="add")
    texts = [("p/1", "    return a + b\n"), ("t/1", "return a + b; } }"), ("p/1", "    return c\n"), ("t/1", "x")]
    rows = evaluate([TASK, python], [Completion(*pair) for pair in texts])
    assert [row["task_id"] for row in rows] == ["p/1", "t/1", "p/1", "t/1"]
    assert [row["status"] for row in rows] == ["passed", "passed", "rejected", "rejected"]


def test_an_evaluation_that_cannot_start_leaves_the_one_that_is_there(tmp_path: Path) -> None:
    evaluate([UNTESTED_1], [Completion("t/1", "return a + b; } }")], folder=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(UserError, match="unknown language 'cobol'"):
        evaluate([replace(UNTESTED_1, language="cobol")], [Completion("t/1", "")], folder=tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
