"""Programs are kept a set distance below the reference, and no further. The default.

    one distance:   what the policy wrote, the reference of another task
    two distances:  a stub, a trivial program

Too far apart is as wrong as too near, as in least-squares GANs (Mao et al., 2017, arXiv 1611.04076). So a discriminator
that is always right still says by how much.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from rlcf.grounding.calibrations.base import Anchored, Anchors, Example, Judged, ValueFunction

_ENOUGH = 0.5
"""Share of the reference's statements from which on a program counts as a whole answer."""


class LeastSquares(Anchored):
    """Two anchors, distances by least squares; progress counts the size and is squared."""

    def loss(self, f: ValueFunction, anchors: Anchors, rollouts: Sequence[Example], distance: float) -> Tensor:
        """Sum of the mean squared errors over stubs, references of other tasks, and the policy's programs."""
        f_reference = f(anchors.prompts, anchors.references)
        loss = _apart(f_reference, f(anchors.prompts, anchors.stubs), 2 * distance)
        loss = loss + _apart(f_reference, f(anchors.prompts, anchors.others), distance)
        if rollouts:
            prompts = [e.prompt for e in rollouts]
            distances = torch.tensor([2.0 if e.trivial else 1.0 for e in rollouts]) * distance
            f_reference = f(prompts, [e.reference for e in rollouts])
            loss = loss + _apart(f_reference, f(prompts, [e.generated for e in rollouts]), distances)
        return loss

    def progress(self, earnest: Sequence[Judged]) -> list[float | None]:
        return [squared_progress(j) for j in earnest]


def squared_progress(judged: Judged) -> float | None:
    """The way from the stub to the reference, times the size up to half the reference's statements; squared.

    Size: one plausible line is the next thing a policy finds when empty bodies no longer pay. The square makes the last
    steps towards the reference pay more than the first ones away from the stub; without it nearly all of the reward is
    for compiling, and the preference sinks while the compile rate rises (`docs/results.md`, *What was tried*).
    """
    if judged.size is None:
        return None
    return (judged.way * min(1.0, judged.size / _ENOUGH)) ** 2


def _apart(better: Tensor, worse: Tensor, distance: Tensor | float) -> Tensor:
    """Mean squared error of the distance from `worse` up to `better`."""
    return ((better - worse - distance) ** 2).mean()
