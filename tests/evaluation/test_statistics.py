"""Means, intervals and paired differences against what can be worked out by hand."""

from __future__ import annotations

import random

import pytest

from rlcf.evaluation.metrics import Sums
from rlcf.evaluation.statistics import estimate, paired_difference


def test_the_interval_draws_tasks_not_samples() -> None:
    """Two tasks of 50 equal samples: by samples the interval would be narrow, by tasks it is all there is."""
    found = estimate([(50.0, 50), (0.0, 50)])
    assert found is not None
    assert (found.low, found.value, found.high) == (0.0, 0.5, 1.0)


def test_a_task_counts_by_its_samples() -> None:
    found = estimate([(1.0, 1), (0.0, 3)])
    assert found is not None
    assert found.value == 0.25


def test_without_any_value_there_is_no_estimate() -> None:
    assert estimate([]) is None
    assert estimate([(0.0, 0)]) is None
    assert paired_difference([(1.0, 1)], [(0.0, 0)]) is None


def test_sums_beyond_all_numbers_are_no_value_and_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    assert estimate([(1.7e308, 1), (1.7e308, 1)]) is None
    assert paired_difference([(1.7e308, 1), (1.7e308, 1)], [(0.0, 1), (0.0, 1)]) is None
    assert not recwarn.list


def test_the_same_on_both_sides_differs_by_nothing_whatever_is_drawn() -> None:
    sums: list[Sums] = [(1.0, 2), (0.0, 2), (2.0, 2)]
    found = paired_difference(sums, sums)
    assert found is not None
    assert (found.low, found.value, found.high) == (0.0, 0.0, 0.0)


def test_a_gain_on_every_task_is_certain_however_much_tasks_differ() -> None:
    """Unpaired, tasks from 0 to 1 leave an interval that is far wider than the gain of 0.1."""
    a: list[Sums] = [(n / 20, 1) for n in range(20)]
    b: list[Sums] = [(s + 0.1, n) for s, n in a]
    alone, paired = estimate(a), paired_difference(a, b)
    assert alone is not None
    assert alone.low is not None
    assert alone.high is not None
    assert alone.high - alone.low > 0.2
    assert paired is not None
    assert paired.low == pytest.approx(0.1)
    assert paired.high == pytest.approx(0.1)


def test_the_bootstrap_has_the_width_that_the_normal_law_gives_for_many_tasks() -> None:
    """The standard error of a paired difference: the deviation of the tasks' differences by √n."""
    generator = random.Random(3)
    a: list[Sums] = [(float(generator.random() < 0.5), 1) for _ in range(400)]
    b: list[Sums] = [(s if generator.random() < 0.7 else 1.0 - s, 1) for s, _ in a]
    differences = [y - x for (x, _), (y, _) in zip(a, b, strict=True)]
    mean = sum(differences) / 400
    error = (sum((d - mean) ** 2 for d in differences) / 400) ** 0.5 / 400**0.5
    found = paired_difference(a, b)
    assert found is not None
    assert found.low == pytest.approx(mean - 1.96 * error, abs=0.15 * error)
    assert found.high == pytest.approx(mean + 1.96 * error, abs=0.15 * error)


def test_other_tasks_on_the_other_side_are_refused() -> None:
    with pytest.raises(ValueError, match="same tasks are needed"):
        paired_difference([(1.0, 1)], [])
