"""The page of one evaluation and of two: the numbers, what stands beside them, and that it is safe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlcf.errors import DataError
from rlcf.evaluation.compare import compare_rows
from rlcf.evaluation.evaluate import write_evaluation
from rlcf.evaluation.results import load_results
from rlcf.records import Task
from rlcf.report import render_evaluation
from rlcf.storage.atomic import write_json, write_jsonl
from tests.evaluation.sample_rows import result
from tests.report.test_page import Page, completions

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
ERROR = {
    "code": "compiler.err.expected",
    "severity": "error",
    "message": "';' expected",
    "line": 1,
    "column": 1,
    "offset": 0,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return evaluated(tmp_path / "one", [("passed", 4), ("failed", 3), ("rejected", 3)])


def evaluated(folder: Path, outcomes: list[tuple[str, int]]) -> Path:
    """Ten samples of five tasks, as many of each outcome as wished; two of the accepted are trivial."""
    statuses = [status for status, count in outcomes for _ in range(count)]
    rows = [
        result(
            f"t{n // 2}",
            status,
            completion=EVIL if n == 0 else f"program {n}",
            trivial=status != "rejected" and n < 2,
            diagnostics=[ERROR] if status == "rejected" else [],
            finished=n != 9,
        )
        for n, status in enumerate(statuses)
    ]
    tasks = [Task(f"t{n}", "class A {\n", test="x") for n in range(6)]
    write_evaluation(folder, rows, tasks)
    write_jsonl(folder / "tasks.jsonl", [{"task_id": t.task_id, "prompt": t.prompt} for t in tasks])
    write_json(folder / "evaluation.json", {"tasks": "mbjp.jsonl", "date": "2026-03-01T10:00:00+00:00"})
    return folder


def test_every_measure_of_the_summary_stands_on_the_page_with_its_interval(folder: Path) -> None:
    text = Page(render_evaluation([folder])).text
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    for key in ("compile_rate", "trivial_rate", "execute_rate", "pass@1", "repeated_rate", "truncated_rate"):
        found = summary[key]
        assert f"{100 * found['value']:.1f} % {100 * found['low']:.1f} to {100 * found['high']:.1f}" in text, key
    assert "compile rate 70.0 %; trivial 20.0 %; mean length 7.0 tokens; pass@1 40.0 %" in text


def test_what_is_missing_stands_among_the_cautions(folder: Path) -> None:
    assert "no sample for 1 of 6 tasks (t5): in no rate." in Page(render_evaluation([folder])).text


def test_outcomes_and_diagnostics_are_shares_of_the_scored_samples(folder: Path) -> None:
    text = Page(render_evaluation([folder])).text
    assert "Wrong answer its test said no 30.0 %" in text
    assert "';' expected compiler.err.expected 30.0 %" in text


def test_what_was_evaluated_and_when_stands_on_the_page(folder: Path) -> None:
    assert "Tasks mbjp.jsonl Evaluated 2026-03-01 10:00 UTC" in Page(render_evaluation([folder])).text


def test_what_a_model_wrote_is_shown_and_never_becomes_markup(folder: Path) -> None:
    html = render_evaluation([folder])
    page = Page(html)
    assert "<script>alert(1)" not in html
    assert "<img" not in html
    assert EVIL in completions(page)
    assert "default-src 'none'" in html


def test_the_browser_finds_the_tasks_by_what_became_of_them(folder: Path) -> None:
    (data,) = Page(render_evaluation([folder])).samples
    tags = {task["id"]: task["tags"] for task in data["views"][0]["tasks"]}
    assert tags == {
        "t0": ["solved", "trivial"],
        "t1": ["solved"],
        "t2": ["wrong"],
        "t3": ["wrong"],
        "t4": ["rejected", "truncated"],
    }
    notes = [task["note"] for task in data["views"][0]["tasks"]]
    assert notes[3] == "1/2 compile, 0/2 pass"


def test_two_evaluations_stand_beside_each_other_with_their_paired_difference(folder: Path, tmp_path: Path) -> None:
    other = evaluated(tmp_path / "two", [("passed", 5), ("failed", 4), ("rejected", 1)])
    text = Page(render_evaluation([folder, other])).text
    assert "A → B: compile rate 70.0 % → 90.0 % (+20.0 points); trivial 20.0 % → 20.0 % (0.0 points)" in text
    assert "The difference in pass@1 may be chance" in text
    compared = compare_rows(load_results(folder), load_results(other), "", "").to_json()
    found = compared["measures"]["compile_rate"]["difference"]
    assert f"+20.0 points {100 * found['low']:+.1f} to {100 * found['high']:+.1f}".replace("+0.0", "0.0") in text


def test_a_side_that_does_not_say_whether_programs_compile_has_no_compile_rate(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl_results.jsonl"
    write_jsonl(path, [{"task_id": f"t{n}", "completion": "x", "passed": n == 0, "result": "boom"} for n in range(5)])
    page = Page(render_evaluation([folder, path]))
    assert "Compile rate accepted by the compiler 70.0 %" in page.text
    assert "Rejected by the compiler, alone or with its test 30.0 % –" in page.text
    assert "';' expected compiler.err.expected 30.0 % – –" in page.text
    notes = [task["note"] for task in page.samples[0]["views"][0]["tasks"]]
    assert notes[0] == "2/2 compile, 2/2 pass\xa0→\xa01/1 pass"


def test_a_damaged_summary_is_one_line(folder: Path) -> None:
    (folder / "summary.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"summary\.json: not JSON"):
        render_evaluation([folder])


def test_an_evaluation_in_which_no_sample_was_scored_has_a_page(tmp_path: Path) -> None:
    write_evaluation(tmp_path, [result("a", None)])
    assert "On 1 task, no sample is scored." in Page(render_evaluation([tmp_path])).text
