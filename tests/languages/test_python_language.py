"""A language with nothing but a checker is checked and scored; what it does not know is `None`."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import rlcf
from rlcf.cli.main import app
from rlcf.config.languages import LanguageOptions
from rlcf.errors import CheckerUnavailable, Unsupported
from rlcf.languages.base import Checker
from rlcf.languages.registry import LANGUAGES, language_of_file
from rlcf.records import Task
from tests.languages.python_language import Python, PythonChecker

TASK = Task("add", "def add(x, y):\n", language="python", canonical_solution="    return x + y\n", entry_point="add")


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LANGUAGES, "python", "tests.languages.python_language:Python")


def test_what_the_language_lacks_is_none_empty_or_unsupported() -> None:
    language = rlcf.load_language("python")
    assert language.program_end(TASK.context, "    return 1\n\n\nx = 2\n") is None
    assert language.stub(TASK) is None
    assert language.closing("def f(:") == ""
    assert language.judged_code(TASK, "    return 1  # one\n") == "    return 1  # one\n"
    assert not language.can_run
    with pytest.raises(Unsupported, match="programs in python can be checked but not run"):
        language.runner()


def test_a_file_belongs_to_the_language_of_its_suffix() -> None:
    assert [language_of_file(Path(name)) for name in ("a.py", "b.java", "py", "c.pyx")] == [
        "python",
        "java",
        None,
        None,
    ]


def test_a_completion_is_scored_and_its_triviality_is_not_known() -> None:
    with rlcf.Grounding.load(mode="compiler", language="python") as grounding:
        accepted, warned, rejected = grounding.score([TASK] * 3, ["    return x\n", "    return x is 1\n", "return x"])
    assert accepted.reward == warned.reward
    assert accepted.reward is not None
    assert rejected.reward is not None
    assert accepted.reward > rejected.reward
    assert [score.trivial for score in (accepted, warned, rejected)] == [None, None, False]


def test_check_reads_source_files_and_completions(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "bad.py").write_text("x = (\n", encoding="utf-8")
    tasks, samples = tmp_path / "tasks.jsonl", tmp_path / "samples.jsonl"
    tasks.write_text(json.dumps({"task_id": "add", "prompt": TASK.prompt, "language": "python"}), encoding="utf-8")
    samples.write_text(json.dumps({"task_id": "add", "completion": "    return x +\n"}), encoding="utf-8")
    result = CliRunner().invoke(app, ["check", "--json", "--tasks", str(tasks), str(tmp_path), str(samples)])
    assert result.exit_code == 1, result.output
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(Path(row["id"]).name, row["status"]) for row in rows] == [
        ("bad.py", "rejected"),
        ("good.py", "accepted"),
        ("add", "rejected"),
    ]
    assert rows[2]["diagnostics"][0]["in_completion"]["line"] == 1


def test_a_killed_compiler_costs_no_verdict() -> None:
    with PythonChecker(workers=1, timeout_s=10.0) as checker:
        assert checker.check(["x = 1"])[0].accepted
        for pid in checker.pids():
            os.kill(pid, signal.SIGKILL)
        assert [v.status for v in checker.check(["x = 1", "x = (", "y = 2"])] == ["accepted", "rejected", "accepted"]


class Broken(Python):
    """Its compiler ends before it answers."""

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        return PythonChecker(workers, timeout_s, [sys.executable, "-c", "print('no frames')"])


def test_a_compiler_that_always_dies_is_a_failing_tool_and_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LANGUAGES, "python", f"{__name__}:Broken")
    (tmp_path / "good.py").write_text("x = 1\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(tmp_path)])
    assert isinstance(result.exception, CheckerUnavailable)
    assert (result.stdout, result.exception.exit_code) == ("", 3)
    with rlcf.Grounding.load(mode="compiler", language="python") as grounding:
        assert [score.reward for score in grounding.score([TASK], ["    return x\n"])] == [None]


def test_an_option_goes_to_the_languages_that_have_it(tmp_path: Path, jdk_here: None) -> None:
    (tmp_path / "good.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "Good.java").write_text("class Good { }", encoding="utf-8")
    assert CliRunner().invoke(app, ["check", "--release", "17", str(tmp_path)]).exit_code == 0
    wrong = CliRunner().invoke(app, ["check", "--release", "17", str(tmp_path / "good.py")])
    assert str(wrong.exception) == "--release is no option of python: leave it out"


def test_doctor_asks_for_nothing_but_what_python_needs() -> None:
    result = CliRunner().invoke(app, ["doctor", "--language", "python", "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert [f["name"] for f in report["findings"]] == ["python"]
    assert Python().requirements()[0].found == report["findings"][0]["found"]
