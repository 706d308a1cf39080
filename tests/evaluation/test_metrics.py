"""Rates, pass@k and intervals against numbers worked out by hand."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from rlcf.evaluation.metrics import pass_at_k
from rlcf.evaluation.summary import summarise


@pytest.mark.parametrize(("n", "c", "k"), [(5, 2, 1), (5, 2, 3), (5, 0, 2), (5, 4, 2), (6, 3, 6)])
def test_pass_at_k_is_the_share_of_k_subsets_with_a_pass(n: int, c: int, k: int) -> None:
    subsets = list(combinations([True] * c + [False] * (n - c), k))
    assert pass_at_k(n, c, k) == pytest.approx(sum(any(s) for s in subsets) / len(subsets))


def _row(task: str, compiled: bool | None, **more: Any) -> dict[str, Any]:
    row = {"task_id": task, "compiled": compiled, "executed": None, "passed": None, "trivial": False, "tokens": 10}
    return {**row, "completion": "", "status": None, "preference": None, "diagnostics": [], **more}


def test_an_unscored_sample_is_counted_apart_and_never_as_a_failure() -> None:
    summary = summarise([_row("a", True), _row("a", None), _row("b", False)])
    assert (summary["samples"], summary["unscored"], summary["tasks"]) == (3, 1, 2)
    assert summary["compile_rate"]["value"] == 0.5


def test_the_interval_resamples_tasks_not_samples() -> None:
    """Two tasks with 50 equal samples each: by samples the interval would be narrow, by tasks it is all there is."""
    rows = [_row("a", True)] * 50 + [_row("b", False)] * 50
    assert summarise(rows)["compile_rate"] == {"value": 0.5, "low": 0.0, "high": 1.0}


def test_preference_is_a_mean_over_the_programs_it_was_asked_about() -> None:
    summary = summarise([_row("a", True, preference=-0.5), _row("b", False)])
    assert summary["preference"]["value"] == -0.5


def test_pairwise_takes_a_rejected_program_for_the_worst_and_leaves_the_unscored_out() -> None:
    summary = summarise([_row("a", True, preference=-0.5), _row("b", False), _row("c", None)])
    assert summary["pairwise"]["value"] == -0.75
    assert "pairwise" not in summarise([_row("a", True), _row("b", False)])


def test_diagnostics_count_each_samples_first_error() -> None:
    errors = [{"code": "e1", "severity": "error"}, {"code": "e2", "severity": "error"}]
    warned = [{"code": "w", "severity": "warning"}, *errors]
    summary = summarise([_row("a", False, diagnostics=warned), _row("b", False, diagnostics=errors)])
    assert summary["diagnostics"] == {"e1": 2}


def test_rates_of_tests_are_absent_when_nothing_was_run() -> None:
    assert "pass@1" not in summarise([_row("a", True)])
    assert summarise([_row("a", True, executed=True, passed=False)])["pass@1"]["value"] == 0.0


def _tested(task: str, passed: int, failed: int) -> list[dict[str, Any]]:
    return [_row(task, True, executed=True, passed=p) for p in [True] * passed + [False] * failed]


def test_pass_at_k_is_given_for_every_k_that_all_tasks_have_samples_for() -> None:
    summary = summarise([*_tested("a", 2, 8), *_tested("b", 0, 10)])
    assert {k for k in summary if k.startswith("pass@")} == {"pass@1", "pass@5", "pass@10"}
    assert summary["pass@1"]["value"] == pytest.approx(0.1)
    assert summary["pass@5"]["value"] == pytest.approx((1 - 56 / 252) / 2)  # C(8, 5) and C(10, 5)
    assert summary["pass@10"]["value"] == 0.5


def test_a_task_with_fewer_samples_counts_once_and_takes_the_greater_k_away() -> None:
    summary = summarise([*_tested("a", 10, 0), *_tested("b", 0, 4)])
    assert summary["pass@1"]["value"] == 0.5
    assert "pass@5" not in summary
    assert summary["samples_per_task"] == {"min": 4, "max": 10}


def test_an_unscored_sample_takes_no_pass_away() -> None:
    summary = summarise([*_tested("a", 1, 0), _row("a", None)])
    assert summary["pass@1"]["value"] == 1.0


def test_samples_of_tasks_without_a_test_are_counted_as_untested() -> None:
    summary = summarise([*_tested("a", 1, 0), _row("b", True)])
    assert (summary["untested"], summary["pass@1"]["value"]) == (1, 1.0)


def test_repeated_samples_are_those_that_an_earlier_one_of_the_task_was() -> None:
    texts = [("a", "x"), ("a", "x\n"), ("a", "y"), ("a", "x"), ("b", "x")]
    summary = summarise([_row(t, True, completion=c) for t, c in texts])
    assert summary["repeated_rate"]["value"] == 0.4
    assert summary["distinct"] == 3


def test_original_programs_compile_and_are_neither_trivial_nor_copied() -> None:
    rows = [
        _row("a", True, copied=False),
        _row("a", True, copied=True),
        _row("b", True, copied=False, trivial=True),
        _row("b", False, copied=False),
        _row("c", True, copied=False, trivial=None),
        _row("c", True),
    ]
    assert summarise(rows)["original_rate"]["value"] == 0.25
    assert "original_rate" not in summarise(rows[-1:])
    assert "original_rate" not in summarise(rows[-2:-1])


def test_truncated_is_a_share_of_the_samples_that_say_so() -> None:
    rows = [_row("a", True, finished=True), _row("a", False, finished=False), _row("a", True)]
    assert summarise(rows)["truncated_rate"]["value"] == 0.5
    assert "truncated_rate" not in summarise([_row("a", True)])


def test_pass_at_k_of_fewer_samples_than_k_is_refused() -> None:
    with pytest.raises(ValueError, match="needs at least 5 samples"):
        pass_at_k(4, 0, 5)


def test_an_evaluation_without_any_sample_has_a_summary() -> None:
    assert summarise([])["compile_rate"]["value"] is None
