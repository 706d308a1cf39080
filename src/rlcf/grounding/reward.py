"""Verdict and discriminator → reward: what the modes are, and nothing else.

The modes, and why `hybrid` is not simply the paper's pairwise rule, are told in `docs/concepts.md`, *The reward*.
"""

from __future__ import annotations

from typing import Literal

from rlcf.records import Verdict

Mode = Literal["compiler", "discriminator", "hybrid"]

REJECTED = -1.0
ACCEPTED = 1.0


def reward_of(mode: Mode, verdict: Verdict, preference: float | None, calibrated: float | None) -> float | None:
    """The reward of one program in −1 … 1, or `None` where what the mode needs is not there.

    compiler:       1 when accepted, −1 otherwise.
    discriminator:  the preference g, whatever the compiler says.
    hybrid:         −1 when not accepted, else `calibrated`: what the calibration makes of the values of f.
    """
    if mode == "discriminator":
        return preference
    if not verdict.accepted:
        return REJECTED
    return ACCEPTED if mode == "compiler" else calibrated
