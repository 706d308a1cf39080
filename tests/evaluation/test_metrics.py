"""Rates, pass@k and intervals against numbers worked out by hand."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from rlcf.evaluation.metrics import clustered, pass_at_k, summarise


@pytest.mark.parametrize(("n", "c", "k"), [(5, 2, 1), (5, 2, 3), (5, 0, 2), (5, 4, 2), (6, 3, 6)])
def test_pass_at_k_is_the_share_of_k_subsets_with_a_pass(n: int, c: int, k: int) -> None:
    subsets = list(combinations([True] * c + [False] * (n - c), k))
    assert pass_at_k(n, c, k) == pytest.approx(sum(any(s) for s in subsets) / len(subsets))


def _row(task: str, compiled: bool | None, **more: Any) -> dict[str, Any]:
    row = {"task_id": task, "compiled": compiled, "executed": None, "passed": None, "trivial": False, "tokens": 10}
    return {**row, "preference": None, "diagnostics": [], **more}


def test_an_unscored_sample_is_counted_apart_and_never_as_a_failure() -> None:
    summary = summarise([_row("a", True), _row("a", None), _row("b", False)])
    assert (summary["samples"], summary["unscored"], summary["tasks"]) == (3, 1, 2)
    assert summary["compile_rate"]["value"] == 0.5


def test_the_interval_resamples_tasks_not_samples() -> None:
    """Two tasks with 50 equal samples each: by samples the interval would be narrow, by tasks it is all there is."""
    groups = [[{"x": 1.0}] * 50, [{"x": 0.0}] * 50]
    measured = clustered(groups, lambda r: r["x"])
    assert measured == {"value": 0.5, "low": 0.0, "high": 1.0}


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
