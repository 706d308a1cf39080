"""Verdict and discriminator values → reward: the arithmetic of the grounding function, and nothing else.

The modes, and why `hybrid` is not simply the paper's pairwise rule, are told in `docs/concepts.md`, *The reward*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rlcf.records import Verdict

Mode = Literal["compiler", "discriminator", "hybrid"]

REJECTED = -1.0
ACCEPTED = 1.0
_ENOUGH = 0.5
"""Share of the reference's statements from which on a program counts as a whole answer."""
_LEAST_SPAN = 0.5
"""Below this distance between f(reference) and f(stub) the discriminator has no scale to measure on."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How one program compares with its task's reference and stub: f of each, and its size."""

    program: float
    reference: float
    stub: float
    size: float = 1.0
    """The program's statements, as a share of the reference's."""

    @property
    def progress(self) -> float:
        """Where the program stands on the way from the stub (0) to the reference (1), clipped and squared.

        A program of less than half the reference's statements gets a part of it only: one plausible line is the next
        thing a policy finds when empty bodies no longer pay. The square makes the last steps towards the reference pay
        more than the first ones away from the stub; without it nearly all of the reward is for compiling, and the
        preference sinks while the compile rate rises (`docs/results.md`, *What was tried*).
        """
        span = max(self.reference - self.stub, _LEAST_SPAN)
        on_the_way = min(1.0, max(0.0, (self.program - self.stub) / span))
        return (on_the_way * min(1.0, self.size / _ENOUGH)) ** 2


def reward_of(
    mode: Mode,
    verdict: Verdict,
    trivial: bool,
    preference: float | None,
    judged: Judged | None,
    trivial_reward: float,
) -> float | None:
    """The reward of one program in −1 … 1, or `None` where what the mode needs is not there.

    compiler:       1 when accepted, −1 otherwise.
    discriminator:  the preference g, whatever the compiler says.
    hybrid:         −1 when not accepted; `trivial_reward` for a trivial program; from there up to 1 by `progress`.
    """
    if mode == "discriminator":
        return preference
    if not verdict.accepted:
        return REJECTED
    if mode == "compiler":
        return ACCEPTED
    if trivial:
        return trivial_reward
    if judged is None:
        return None
    return trivial_reward + (ACCEPTED - trivial_reward) * judged.progress
