"""References that fail their own test: found, named, and left out of what a test decides."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rlcf.errors import CheckerUnavailable, SandboxUnavailable, Unsupported
from rlcf.evaluation.evaluate import evaluate, write_evaluation
from rlcf.evaluation.references import CheckedReferences, FailedReference, check_references
from rlcf.evaluation.warnings import warnings
from rlcf.languages import registry
from rlcf.languages.base import Language
from rlcf.languages.java import Java
from rlcf.languages.java.jdk import find_jdk
from rlcf.records import Completion, Task
from rlcf.storage.jsonl import read_json
from rlcf.tasks.loading import load_tasks, write_tasks
from rlcf.workers.sandbox import find_sandbox

TEST = """
class Main {
    public static void main(String[] args) throws Exception {
        if (Add.add(1, 2) != 3) throw new Exception("no");
    }
}
"""
RIGHT = Task(
    "t/right", "class Add {\n    static int add(int a, int b) {\n", canonical_solution="return a + b; } }", test=TEST
)
WRONG = replace(RIGHT, task_id="t/wrong", canonical_solution="return a - b; } }")
REJECTED = replace(RIGHT, task_id="t/rejected", canonical_solution="return c; } }")
NO_REFERENCE = replace(RIGHT, task_id="t/none", canonical_solution=None)
NO_TEST = replace(WRONG, task_id="t/untested", test=None)
TASKS = [RIGHT, WRONG, REJECTED, NO_REFERENCE, NO_TEST]
CHECKED = CheckedReferences(
    3, (FailedReference("t/wrong", "failed", "no"), FailedReference("t/rejected", "rejected", ""))
)


@pytest.fixture
def tools() -> None:
    try:
        find_jdk()
        find_sandbox()
    except (CheckerUnavailable, SandboxUnavailable) as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("tools")
def test_a_wrong_reference_and_one_that_does_not_compile_fail_and_what_cannot_be_run_is_not_checked() -> None:
    found = check_references(TASKS)
    assert (found.checked, [(one.task_id, one.status) for one in found.failed]) == (
        3,
        [("t/wrong", "failed"), ("t/rejected", "rejected")],
    )
    assert "cannot find symbol" in found.failed[1].detail
    assert check_references([RIGHT]) == CheckedReferences(1, ())


@pytest.mark.usefixtures("tools")
def test_tasks_whose_reference_fails_are_compiled_and_count_in_no_pass_at_k_and_no_execute_rate(
    tmp_path: Path,
) -> None:
    samples = [Completion(t.task_id, text) for t in TASKS[:3] for text in ("return a + b; } }", "return 0; } }")]
    before = write_evaluation(tmp_path, evaluate(TASKS[:3], samples), TASKS[:3])
    assert (before["pass@1"]["value"], before["execute_rate"]["value"], before["untested"]) == (0.5, 1.0, 0)
    assert "references" not in before
    rows = evaluate(CHECKED.without_tests(TASKS[:3]), samples)
    after = write_evaluation(tmp_path, rows, TASKS[:3], CHECKED)
    assert [row["passed"] for row in rows] == [True, False, None, None, None, None]
    assert (after["compile_rate"]["value"], after["untested"]) == (1.0, 4)
    only_right = write_evaluation(tmp_path / "right", evaluate([RIGHT], samples[:2]), [RIGHT])
    assert after["pass@1"] == only_right["pass@1"]
    assert after["execute_rate"] == only_right["execute_rate"]
    assert after["references"] == CHECKED.to_json() == read_json(tmp_path / "summary.json")["references"]


def test_one_line_names_the_tasks_whose_reference_fails_and_they_are_not_said_to_lack_a_test() -> None:
    rows = [{"task_id": t.task_id, "compiled": True, "passed": None, "trivial": False} for t in (WRONG, REJECTED)]
    (line,) = warnings([WRONG, REJECTED], rows, CHECKED)
    assert line == (
        "2 of 3 references fail their own test (t/wrong failed, t/rejected rejected): the samples of these tasks are "
        "not run, and are in no execute rate and no pass@k."
    )
    assert warnings([WRONG, REJECTED], rows, CheckedReferences(3, ()))[0].startswith("no test was run")


def test_references_that_all_pass_need_no_line_and_none_at_all_is_said() -> None:
    rows = [{"task_id": "t/right", "compiled": True, "passed": True, "trivial": False}]
    assert warnings([RIGHT], rows, CheckedReferences(1, ())) == []
    assert warnings([RIGHT], rows, CheckedReferences(0, ()))[0].startswith("no reference was run")


def test_of_many_tasks_whose_reference_fails_the_line_names_the_first() -> None:
    many = CheckedReferences(30, tuple(FailedReference(f"t/{n}", "failed", "") for n in range(21)))
    line = warnings([], [], many)[0]
    assert "21 of 30" in line
    assert "t/19 failed, … (all are in summary.json)" in line
    assert "t/20" not in line


class Unrunnable(Java):
    """Java without a runner."""

    name = "unrunnable"
    runner = Language.runner


def test_references_in_a_language_without_a_runner_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.LANGUAGES, "unrunnable", f"{__name__}:Unrunnable")
    with pytest.raises(Unsupported, match="references in unrunnable cannot be run: leave out --check-references"):
        check_references([replace(RIGHT, language="unrunnable")])


@pytest.mark.usefixtures("tools")
def test_the_command_says_which_references_fail_and_the_page_too(tmp_path: Path) -> None:
    write_tasks(tmp_path / "tasks.jsonl", TASKS[:2])
    samples = [{"task_id": t.task_id, "completion": "return a + b; } }"} for t in TASKS[:2]]
    (tmp_path / "samples.jsonl").write_text("\n".join(map(json.dumps, samples)), encoding="utf-8")
    command = [
        "evaluate",
        "--tasks",
        "tasks.jsonl",
        "--completions",
        "samples.jsonl",
        "--out",
        "out",
        "--check-references",
    ]
    run = subprocess.run(
        [sys.executable, "-m", "rlcf.cli.main", *command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    line = "1 of 2 references fail their own test (t/wrong failed): the samples of these tasks are not run"
    assert line in run.stderr
    assert line in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    summary = read_json(tmp_path / "out" / "summary.json")
    assert (summary["pass@1"]["value"], summary["references"]["checked"]) == (1.0, 2)
    assert [one["task_id"] for one in summary["references"]["failed"]] == ["t/wrong"]
    assert load_tasks(tmp_path / "out" / "tasks.jsonl") == TASKS[:2]
