"""Results read back: ours, those of other tools, and what one line says of a wrong one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from rlcf.errors import DataError
from rlcf.evaluation.evaluate import write_evaluation
from rlcf.evaluation.results import is_evaluation, load_results
from tests.evaluation.sample_rows import result


def test_an_evaluations_folder_reads_back_as_it_was_written(tmp_path: Path) -> None:
    rows = [result("a"), result("b", None), result("c", "rejected", completion="half \ud83d")]
    write_evaluation(tmp_path, rows)
    assert load_results(tmp_path) == rows
    assert is_evaluation(tmp_path)


def test_the_results_of_mxeval_are_read_gzipped_or_not(tmp_path: Path) -> None:
    """mxeval/evaluation.py writes the sample with `result`, `passed` and `time_elapsed`, and nothing on compiling."""
    row = {"task_id": "MBJP/1", "completion": "a + b", "language": "java", "result": "oops", "passed": False}
    path = tmp_path / "samples.jsonl_results.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(json.dumps({**row, "time_elapsed": None}) + "\n")
    (found,) = load_results(path)
    assert (found["passed"], found["compiled"], found["trivial"], found["status"]) == (False, None, None, None)
    assert (found["tokens"], found["detail"]) == (3, "oops")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"task_id": "a"}, r":1: the field 'completion' is missing"),
        ({"task_id": 3, "completion": ""}, r":1: 'task_id' must be a string, found int"),
        ({"task_id": "a", "completion": ""}, r":1: has neither 'compiled' nor 'passed'"),
        ({"task_id": "a", "completion": "", "passed": "yes"}, r":1: 'passed' must be true or false, found str"),
        ({"task_id": "a", "completion": "", "passed": 1}, r":1: 'passed' must be true or false, found int"),
        ({"task_id": "a", "completion": "", "passed": True, "tokens": "3"}, r":1: 'tokens' must be a number"),
        ({"task_id": "a", "completion": "", "passed": True, "tokens": True}, r":1: 'tokens' must be a number"),
        ({"task_id": "a", "completion": "", "passed": True, "diagnostics": 3}, r":1: 'diagnostics' must be a list"),
    ],
)
def test_a_wrong_result_is_named_by_file_line_and_field(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    path = tmp_path / "results.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        load_results(tmp_path)
    assert str(path) in str(caught.value)


def test_a_folder_that_holds_no_results_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no results\.jsonl: name a folder that `rlcf evaluate` wrote"):
        load_results(tmp_path)
    with pytest.raises(DataError, match=r"cannot read .*nowhere"):
        load_results(tmp_path / "nowhere")
    (tmp_path / "results.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="holds no result"):
        load_results(tmp_path)
