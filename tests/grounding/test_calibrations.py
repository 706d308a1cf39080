"""The calibrations on values of f made by hand: their losses, and what they pay."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import get_args

import pytest
from torch import Tensor, tensor

from rlcf.config import CalibrationName
from rlcf.grounding.calibrations import CALIBRATIONS, Comparison
from rlcf.grounding.judge.base import Example, Which

TRIVIAL_REWARD = -0.8
ANCHORED: list[CalibrationName] = ["least_squares", "margin", "group_rank"]

F = {"reference": 1.0, "other": 0.75, "stub": -0.25, "wrong": 0.5, "weak": -0.125, "constant": 0.25}
"""Values of f for texts; `other` is the other task's reference, so its own is 0.75 and the first's is `other` to it."""
ANCHORS = [Example("x1", "other", "reference", "stub"), Example("x2", "reference", "other", "stub")]


def f(examples: Sequence[Example], which: Which) -> Tensor:
    return tensor([F[getattr(e, which)] for e in examples])


def example(generated: str, trivial: bool = False) -> Example:
    return Example("x1", generated, "reference", "stub", trivial, accepted=True)


def loss(name: CalibrationName, rollouts: Sequence[Example]) -> float:
    value = CALIBRATIONS[name].loss(f, ANCHORS, rollouts, margin=0.5)
    assert value is not None
    return float(value)


def rewards(name: CalibrationName, comparisons: Sequence[Comparison]) -> list[float | None]:
    return CALIBRATIONS[name].rewards(comparisons, TRIVIAL_REWARD)


def reward(name: CalibrationName, comparison: Comparison) -> float | None:
    return rewards(name, [comparison])[0]


def numbers(name: CalibrationName, comparisons: Sequence[Comparison]) -> list[float]:
    found = rewards(name, comparisons)
    assert None not in found
    return [r for r in found if r is not None]


def test_every_name_that_a_recipe_may_have_is_a_calibration() -> None:
    assert set(CALIBRATIONS) == set(get_args(CalibrationName))


@pytest.mark.parametrize("name", ["least_squares", "group_rank"])
def test_least_squares_is_the_squared_error_of_distances(name: CalibrationName) -> None:
    stubs = (0.25**2 + 0.0**2) / 2  # distances 1.25 and 1, wanted 1
    others = (0.5**2 + 1.0**2) / 2  # distances 0.25 and −0.25, wanted 0.75
    generated = (0.0**2 + 0.25**2) / 2  # wrong: 0.5, wanted 0.5; the trivial one: 0.75, wanted 1
    assert loss(name, []) == pytest.approx(stubs + others)
    assert loss(name, [example("wrong"), example("constant", trivial=True)]) == pytest.approx(
        stubs + others + generated
    )


def test_margin_is_what_is_short_of_the_margins_and_pulls_the_trivial_to_the_stub() -> None:
    stubs = (0.0 + 0.0) / 2  # 1.25 and 1 apart: both have their two margins
    others = (0.5 + 1.0) / 2  # 0.25 and −0.25 apart, of 0.75
    wrong = 0.0 + 0.0  # 0.5 below the reference, 0.75 above the stub
    weak = 0.0 + 0.375  # 1.125 below the reference, but only 0.125 above the stub
    constant = 0.5**2  # so far above the stub
    rollouts = [example("wrong"), example("weak"), example("constant", trivial=True)]
    assert loss("margin", []) == pytest.approx(stubs + others)
    assert loss("margin", rollouts) == pytest.approx(stubs + others + (wrong + weak + constant) / 3)


def test_pairwise_is_the_log_likelihood_of_the_reference_and_knows_nothing_of_triviality() -> None:
    expected = (math.log(1 + math.exp(-0.5)) + math.log(1 + math.exp(-0.75))) / 2
    assert loss("pairwise", [example("wrong"), example("constant", trivial=True)]) == pytest.approx(expected)


def test_pairwise_has_nothing_to_fit_on_before_the_first_rollouts() -> None:
    assert CALIBRATIONS["pairwise"].loss(f, ANCHORS, [], margin=0.5) is None


@pytest.mark.parametrize("name", ANCHORED)
def test_anchored_calibrations_order_rejected_trivial_wrong_and_reference(name: CalibrationName) -> None:
    trivial = Comparison(program=0.5, reference=2.0, stub=0.0, trivial=True)
    wrong = Comparison(program=1.0, reference=2.0, stub=0.0)
    reference = Comparison(program=2.0, reference=2.0, stub=0.0)
    order = [-1.0, *numbers(name, [trivial, wrong, reference])]
    assert all(b - a > 0.15 for a, b in itertools.pairwise(order))


@pytest.mark.parametrize(
    ("name", "progress"), [("least_squares", 0.5**1.5), ("margin", 0.5), ("group_rank", 0.5**1.5)], ids=ANCHORED
)
def test_a_program_half_way_alone_earns_its_progress(name: CalibrationName, progress: float) -> None:
    """`group_rank` has nothing to compare it with, and does as `least_squares` does."""
    earned = reward(name, Comparison(program=1.0, reference=2.0, stub=0.0))
    assert earned == pytest.approx(TRIVIAL_REWARD + 1.8 * progress)


@pytest.mark.parametrize("name", ["least_squares", "margin"])
def test_progress_is_clipped_at_the_stub_and_at_the_reference(name: CalibrationName) -> None:
    below, above = Comparison(program=-9.0, reference=2.0, stub=0.0), Comparison(program=9.0, reference=2.0, stub=0.0)
    assert rewards(name, [below, above]) == [TRIVIAL_REWARD, pytest.approx(1.0)]


@pytest.mark.parametrize("name", ANCHORED)
def test_a_trivial_body_that_fools_the_discriminator_earns_no_more_than_a_stub(name: CalibrationName) -> None:
    fools = Comparison(program=9.0, reference=2.0, stub=0.0, trivial=True)
    assert rewards(name, [fools, fools]) == [TRIVIAL_REWARD] * 2


@pytest.mark.parametrize(("name", "progress"), [("least_squares", 0.02**1.5), ("margin", 0.02)])
def test_a_discriminator_that_sees_no_difference_makes_no_noise(name: CalibrationName, progress: float) -> None:
    """Where f(reference) ≈ f(stub), a small difference must not be blown up to the whole scale."""
    earned = reward(name, Comparison(program=0.01, reference=0.001, stub=0.0))
    assert earned == pytest.approx(TRIVIAL_REWARD + 1.8 * progress)


def test_least_squares_pays_a_program_of_a_quarter_of_the_references_size_a_part_of_its_progress() -> None:
    short, half = (Comparison(program=2.0, reference=2.0, stub=0.0, size=size) for size in (0.25, 0.5))
    assert numbers("least_squares", [short, half]) == pytest.approx([TRIVIAL_REWARD + 1.8 * 0.5**1.5, 1.0])


def test_what_needs_a_size_that_no_tool_could_tell_is_unscored_and_nothing_else() -> None:
    unknown = Comparison(program=1.0, reference=2.0, stub=0.0, size=None)
    trivial = Comparison(program=1.0, reference=2.0, stub=0.0, size=None, trivial=True)
    assert rewards("least_squares", [unknown, trivial]) == [None, TRIVIAL_REWARD]
    assert rewards("group_rank", [unknown, trivial]) == [None, TRIVIAL_REWARD]
    assert None not in rewards("margin", [unknown]) + rewards("pairwise", [unknown])


def test_group_rank_compares_a_program_with_those_of_its_task_only() -> None:
    def compared(program: float, task_id: str, trivial: bool = False) -> Comparison:
        return Comparison(program, reference=9.0, stub=0.0, trivial=trivial, task_id=task_id)

    batch = [compared(3.0, "a"), compared(8.0, "b"), compared(1.0, "a"), compared(7.0, "b")]
    batch.append(compared(5.0, "a", trivial=True))
    worse, better = (TRIVIAL_REWARD + 1.8 * p for p in (0.25, 0.75))
    assert numbers("group_rank", batch) == pytest.approx([better, better, worse, worse, TRIVIAL_REWARD])


def test_group_rank_gives_equal_programs_their_mean_rank() -> None:
    batch = [Comparison(program=p, reference=9.0, stub=0.0) for p in (1.0, 2.0, 2.0 + 1e-6, 3.0)]  # rounding
    expected = [TRIVIAL_REWARD + 1.8 * p for p in (0.125, 0.5, 0.5, 0.875)]
    assert numbers("group_rank", batch) == pytest.approx(expected)


def test_group_rank_is_least_squares_where_all_of_a_group_are_equal() -> None:
    same = [Comparison(program=p, reference=2.0, stub=0.0) for p in (1.0, 1.0 + 1e-6, 1.0)]
    assert rewards("group_rank", same) == rewards("least_squares", same)


def test_pairwise_pays_g_whatever_the_program_is() -> None:
    wrong = Comparison(program=1.0, reference=1.5, stub=0.0, size=0.1)
    trivial = Comparison(program=1.0, reference=1.5, stub=0.0, trivial=True)
    assert rewards("pairwise", [wrong, trivial]) == [pytest.approx(math.tanh(-0.5))] * 2


def test_a_discriminator_that_tells_all_from_the_reference_leaves_the_rank_and_nothing_else() -> None:
    saturated = [Comparison(program=p, reference=20.0, stub=0.0, trivial=p == 0.5) for p in (0.5, 1.0, 2.0, 3.0)]
    assert numbers("pairwise", saturated) == pytest.approx([-1.0] * 4)
    in_the_way = numbers("least_squares", saturated)
    assert max(in_the_way) - min(in_the_way) < 0.15
    trivial, *ranked = numbers("group_rank", saturated)
    assert ranked[0] - trivial == pytest.approx(1.8 / 6)
    assert [b - a for a, b in itertools.pairwise(ranked)] == pytest.approx([1.8 / 3] * 2)
