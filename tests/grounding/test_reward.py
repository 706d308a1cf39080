"""The arithmetic of the reward: what each mode pays for each kind of program."""

from __future__ import annotations

import pytest

from rlcf.grounding.reward import Judged, Mode, reward_of
from rlcf.records import Verdict

ACCEPTED, REJECTED, TIMEOUT = Verdict("accepted"), Verdict("rejected"), Verdict("timeout")


def hybrid(verdict: Verdict, judged: Judged | None, trivial: bool = False) -> float | None:
    preference = None if judged is None else judged.program - judged.reference
    return reward_of("hybrid", verdict, trivial, preference, judged, trivial_reward=-0.8)


def test_hybrid_orders_rejected_below_trivial_below_earnest_below_reference() -> None:
    rejected = hybrid(REJECTED, None)
    trivial = hybrid(ACCEPTED, Judged(program=0.0, reference=2.0, stub=0.0), trivial=True)
    earnest = hybrid(ACCEPTED, Judged(program=1.0, reference=2.0, stub=0.0))
    reference = hybrid(ACCEPTED, Judged(program=2.0, reference=2.0, stub=0.0))
    assert (rejected, trivial, reference) == (-1.0, -0.8, 1.0)
    assert earnest == pytest.approx(-0.8 + 1.8 * 0.5**2)


def test_compiling_always_pays_in_hybrid_mode() -> None:
    worse_than_its_stub = hybrid(ACCEPTED, Judged(program=-9.0, reference=2.0, stub=0.0))
    assert worse_than_its_stub == -0.8
    assert worse_than_its_stub > -1.0


def test_a_trivial_body_that_fools_the_discriminator_earns_no_more_than_a_stub() -> None:
    assert hybrid(ACCEPTED, Judged(program=9.0, reference=2.0, stub=0.0), trivial=True) == -0.8


def test_a_better_score_than_the_references_earns_no_more_than_the_reference() -> None:
    assert hybrid(ACCEPTED, Judged(program=9.0, reference=2.0, stub=0.0)) == 1.0


def test_a_discriminator_that_sees_no_difference_makes_no_noise() -> None:
    """Where f(reference) ≈ f(stub), a small difference must not be blown up to the whole scale."""
    reward = hybrid(ACCEPTED, Judged(program=0.01, reference=0.001, stub=0.0))
    assert reward == pytest.approx(-0.8 + 1.8 * 0.02**2)


@pytest.mark.parametrize(
    ("mode", "verdict", "trivial", "preference", "expected"),
    [
        ("compiler", ACCEPTED, False, None, 1.0),
        ("compiler", ACCEPTED, True, None, 1.0),
        ("compiler", REJECTED, False, None, -1.0),
        ("compiler", TIMEOUT, False, None, -1.0),
        ("discriminator", REJECTED, False, 0.3, 0.3),
        ("discriminator", ACCEPTED, True, -0.9, -0.9),
        ("discriminator", ACCEPTED, False, None, None),
        ("hybrid", TIMEOUT, False, None, -1.0),
        ("hybrid", ACCEPTED, False, None, None),
    ],
)
def test_each_mode_pays_what_it_says(
    mode: Mode, verdict: Verdict, trivial: bool, preference: float | None, expected: float | None
) -> None:
    assert reward_of(mode, verdict, trivial, preference, None, trivial_reward=-0.8) == expected


def test_a_program_of_a_quarter_of_the_references_size_gets_a_part_of_its_progress() -> None:
    short = Judged(program=2.0, reference=2.0, stub=0.0, size=0.25)
    half = Judged(program=2.0, reference=2.0, stub=0.0, size=0.5)
    assert hybrid(ACCEPTED, short) == pytest.approx(-0.8 + 1.8 * 0.5**2)
    assert hybrid(ACCEPTED, half) == 1.0
