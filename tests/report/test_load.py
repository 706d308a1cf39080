"""What is read from a run directory, and what is said when it is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlcf.errors import UserError
from rlcf.report import render_report
from rlcf.report.load import load_runs
from rlcf.storage.atomic import write_json, write_jsonl
from rlcf.storage.jsonl import append_jsonl
from rlcf.storage.rundir import RunDir


def test_a_folder_that_is_no_run_directory_is_a_users_error_of_one_line(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(UserError, match="is no run directory") as caught:
        load_runs([tmp_path])
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_path_that_does_not_exist_is_a_users_error_that_names_it(tmp_path):
    with pytest.raises(UserError, match="nowhere is no folder"):
        load_runs([tmp_path / "nowhere"])


def test_no_run_at_all_is_a_users_error():
    with pytest.raises(UserError, match="no run directory given"):
        load_runs([])


def test_a_damaged_file_is_a_users_error_that_names_it(run):
    RunDir(run).config.write_text("{ not json")
    with pytest.raises(UserError, match=r"config\.json"):
        load_runs([run])


def test_a_last_metrics_line_that_was_cut_is_left_out(run):
    with RunDir(run).metrics.open("a") as file:
        file.write('{"update": 14, "rewa')
    assert len(load_runs([run])[0].metrics) == 13


def test_of_an_update_written_twice_by_a_resumed_run_the_later_line_counts(run):
    append_jsonl(RunDir(run).metrics, {"update": 13, "reward": 0.5})
    (data,) = load_runs([run])
    assert [row["update"] for row in data.metrics] == list(range(1, 14))
    assert data.metrics[-1]["reward"] == 0.5


def test_runs_whose_folders_have_the_same_name_are_told_apart(make_run):
    paths = [make_run("monday/run"), make_run("tuesday/run", seed=2)]
    assert [data.name for data in load_runs(paths)] == ["monday/run", "tuesday/run"]


def test_the_first_and_the_last_updates_samples_are_read(make_run):
    (data,) = load_runs([make_run(updates=30)])
    assert min(data.samples) == 1
    assert max(data.samples) == 30
    assert len(data.samples) == 5


def test_rewards_that_are_no_numbers_are_left_out(run: Path):
    RunDir(run).rewards.write_text('{"accepted": [0.5, null, true, "x"], "note": "text"}')
    (data,) = load_runs([run])
    assert data.rewards == {"accepted": [0.5]}


def test_a_run_directory_of_version_0_1_is_read_under_the_names_of_today(run: Path):
    files = RunDir(run)
    write_jsonl(files.metrics, [{"update": 1, "remembered": 7, "blame": 0.4, "reward": 0.5}])
    before = files.evaluation("before") / "summary.json"
    write_json(before, {"notices": ["no sample for 1 of 2 tasks"], "samples_per_task": {"least": 1, "most": 2}})
    (data,) = load_runs([run])
    assert data.metrics == [{"update": 1, "cache_hits": 7, "credit_weight": 0.4, "reward": 0.5}]
    assert data.before is not None
    assert data.before.warnings == ["no sample for 1 of 2 tasks"]
    page = render_report([run])
    assert "Cache hits" in page
    assert "Credit weight" in page


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("run.json", "[]"),
        ("config.json", "[" * 100_000),
        ("metrics.jsonl", '{"update": 1}\nnull\n'),
        ("evaluation/before/summary.json", "3"),
        ("evaluation/before/results.jsonl", '{"task_id": 1, "completion": ""}\n'),
        ("evaluation/rewards.json", '{"accepted": 1e999}'),
        ("evaluation/tasks.jsonl", "\x00\n"),
    ],
)
def test_whatever_file_is_damaged_it_is_one_line_that_names_it(run: Path, file: str, text: str):
    (run / file).write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        render_report([run])
    assert str(run / file) in str(caught.value)
    assert "\n" not in str(caught.value)
