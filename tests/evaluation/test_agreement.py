"""Whether scores agree with unit tests: areas and shares worked by hand, and where they are written."""

import json
from pathlib import Path
from typing import Any

import pytest

from rlcf.evaluation.agreement import agreements, pooled
from rlcf.evaluation.evaluate import write_evaluation


def row(task: str, passed: bool | None, reward: float | None, **more: Any) -> dict[str, Any]:
    return {"task_id": task, "completion": f"{task} {reward}", "compiled": True, "passed": passed, "reward": reward,
            "tokens": 3, "preference": None, "trivial": False, **more}  # fmt: skip


def test_the_area_is_the_share_of_pairs_in_the_right_order_and_a_tie_counts_half() -> None:
    area = pooled([[(3.0, True), (1.0, False)], [(2.0, False), (2.0, True), (0.0, False)]])
    assert area is not None
    assert area.value == pytest.approx((3 + 2 + 0.5) / 6)  # 3 beats 1, 2, 0; 2 beats 1 and 0 and ties with 2


def test_within_tasks_only_programs_of_one_task_are_compared() -> None:
    rows = [row("a", True, 0.1), row("a", False, 0.0), row("b", False, 0.9), row("b", True, 0.8), row("b", False, 0.8)]
    found = agreements(rows)["reward"]
    assert (found.samples, found.passed) == (5, 2)
    assert found.within is not None
    assert found.within.value == pytest.approx((1 + 0 + 0.5) / 3)


def test_what_does_not_compile_was_not_tested_or_has_no_score_is_not_counted() -> None:
    rows = [row("a", True, 1.0), row("a", False, 0.0), row("a", None, 5.0), row("a", True, None)]
    rows.append({**row("a", False, 9.0), "compiled": False})
    found = agreements(rows)["reward"]
    assert (found.samples, found.passed) == (2, 1)
    assert found.pooled is not None
    assert found.pooled.value == 1.0


def test_where_all_programs_pass_or_none_there_is_no_area() -> None:
    for passed in (True, False):
        found = agreements([row("a", passed, 1.0), row("b", passed, 0.0)])["reward"]
        assert (found.pooled, found.within) == (None, None)


def test_each_component_has_an_agreement_of_its_own_with_an_interval_that_holds_the_value() -> None:
    rows = [
        row(f"{task}", passed, None, components={"judge": task * 0.01 + passed, "behaviour": None if task else 1.0})
        for task in range(20)
        for passed in (True, False)
    ]
    found = agreements(rows)
    assert found.keys() == {"judge", "behaviour"}
    assert found["behaviour"].samples == 2
    area = found["judge"].pooled
    assert area is not None
    assert area.low is not None
    assert area.high is not None
    assert area.low <= area.value <= area.high


def test_a_summary_holds_the_agreement_where_a_grounding_function_scored(tmp_path: Path) -> None:
    write_evaluation(tmp_path, [row("a", True, 1.0), row("a", False, 0.0)])
    written = json.loads((tmp_path / "summary.json").read_text())["agreement"]
    assert written["reward"]["pooled"]["value"] == 1.0
    write_evaluation(tmp_path, [row("a", True, None), row("a", False, None)])
    assert "agreement" not in json.loads((tmp_path / "summary.json").read_text())
