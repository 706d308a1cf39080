"""Two evaluations on the tasks that both have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rlcf.errors import DataError
from rlcf.evaluation.compare import compare, compare_rows
from rlcf.storage.atomic import write_jsonl
from tests.evaluation.sample_rows import result


def compared(a: list[dict[str, Any]], b: list[dict[str, Any]]) -> dict[str, Any]:
    """As in `comparison.json`."""
    return compare_rows(a, b, "A", "B").to_json()


def test_only_the_tasks_of_both_count_and_the_others_are_numbered() -> None:
    a = [result("x", "rejected"), result("only a"), result("only a too")]
    b = [result("x", "failed"), result("only b", "rejected")]
    found = compared(a, b)
    assert (found["tasks"], found["only_a"], found["only_b"]) == (1, 2, 1)
    assert found["samples"] == {"a": 1, "b": 1}
    measured = found["measures"]["compile_rate"]
    assert (measured["a"]["value"], measured["b"]["value"], measured["difference"]["value"]) == (0.0, 1.0, 1.0)


def test_the_difference_is_b_minus_a_and_pairs_the_tasks() -> None:
    """Of ten tasks, B passes one more than A: every draw that takes that task shows it, none shows a loss."""
    a = [result(str(n), "passed" if n < 5 else "failed") for n in range(10)]
    b = [result(str(n), "passed" if n < 6 else "failed") for n in range(10)]
    measured = compared(a, b)["measures"]["pass@1"]
    assert measured["difference"]["value"] == pytest.approx(0.1)
    assert measured["difference"]["low"] == 0.0
    assert measured["a"]["high"] - measured["a"]["low"] > measured["difference"]["high"]


def test_a_task_that_has_a_measure_on_one_side_only_is_left_out_of_that_measure() -> None:
    a = [result("tested", "failed"), result("untested", "accepted")]
    b = [result("tested", "passed"), result("untested", "passed")]
    measures = compared(a, b)["measures"]
    assert (measures["pass@1"]["tasks"], measures["compile_rate"]["tasks"]) == (1, 2)
    assert measures["pass@1"]["b"]["value"] == 1.0


def test_pass_at_k_is_compared_up_to_the_fewest_samples_of_either_side() -> None:
    a = [result("x") for _ in range(10)]
    b = [result("x") for _ in range(5)]
    measures = compared(a, b)["measures"]
    assert measures["pass@5"]["difference"]["value"] == 0.0
    assert measures["pass@10"]["b"] is None
    assert measures["pass@10"]["difference"] is None


def test_unscored_samples_are_counted_apart_on_each_side() -> None:
    found = compared([result("x"), result("x", None)], [result("x")])
    assert found["unscored"] == {"a": 1, "b": 0}
    assert found["measures"]["compile_rate"]["difference"]["value"] == 0.0


def test_lengths_in_different_units_are_counted_in_words_on_both_sides() -> None:
    in_words, in_tokens = result("x", completion="return 1;", tokens=3), result("x", completion="return 1;", tokens=8)
    found = compared([in_words], [in_tokens])
    assert found["length_in"] == "words"
    assert found["measures"]["mean_tokens"]["difference"]["value"] == 0.0
    assert compared([in_tokens], [in_tokens])["length_in"] == "tokens"


def test_no_task_in_common_is_one_line_that_names_both(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_jsonl(tmp_path / name / "results.jsonl", [result(name)])
    with pytest.raises(DataError, match=r"one and .*two have no task in common: 1 tasks such as 'one'"):
        compare(tmp_path / "one", tmp_path / "two")
