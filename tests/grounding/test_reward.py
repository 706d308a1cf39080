"""The arithmetic of the reward: what each mode pays for each kind of program."""

from __future__ import annotations

import pytest

from rlcf.grounding.reward import Mode, reward_of
from rlcf.records import Verdict

ACCEPTED, REJECTED, TIMEOUT = Verdict("accepted"), Verdict("rejected"), Verdict("timeout")


@pytest.mark.parametrize(
    ("mode", "verdict", "preference", "calibrated", "expected"),
    [
        ("compiler", ACCEPTED, None, None, 1.0),
        ("compiler", REJECTED, None, None, -1.0),
        ("compiler", TIMEOUT, None, None, -1.0),
        ("discriminator", REJECTED, 0.3, None, 0.3),
        ("discriminator", ACCEPTED, -0.9, None, -0.9),
        ("discriminator", ACCEPTED, None, None, None),
        ("hybrid", REJECTED, None, None, -1.0),
        ("hybrid", TIMEOUT, None, None, -1.0),
        ("hybrid", ACCEPTED, -0.4, 0.2, 0.2),
        ("hybrid", ACCEPTED, -0.4, None, None),
    ],
)
def test_each_mode_pays_what_it_says(
    mode: Mode, verdict: Verdict, preference: float | None, calibrated: float | None, expected: float | None
) -> None:
    assert reward_of(mode, verdict, preference, calibrated) == expected
