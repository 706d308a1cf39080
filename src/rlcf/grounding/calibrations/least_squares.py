"""Programs are kept a set margin below the reference, and no further. The default.

    1 margin:     what the policy wrote
    1.5 margins:  the reference of another task
    2 margins:    a stub, a trivial program

Too far apart is as wrong as too near, as in least-squares GANs (Mao et al., 2017, arXiv 1611.04076). So a discriminator
that is always right still says by how much.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from rlcf.grounding.calibrations.base import OTHER_TASK, Anchored, Comparison, ValueFunction
from rlcf.grounding.judge.base import Example

_FULL_SIZE = 0.5
"""Share of the reference's statements from which on a program counts as a whole answer."""
_POWER = 1.5
"""Of the progress: above 1, the last steps towards the reference pay more than the first ones away from the stub."""


class LeastSquares(Anchored):
    """Two anchors, margins by least squares; the fraction earned is a power of progress and size."""

    def loss(self, f: ValueFunction, anchors: Sequence[Example], rollouts: Sequence[Example], margin: float) -> Tensor:
        """Sum of the mean squared errors over stubs, references of other tasks, and the policy's programs."""
        reference = f(anchors, "reference")
        loss = _squared_error(reference - f(anchors, "stub"), 2 * margin)
        loss = loss + _squared_error(reference - f(anchors, "program"), OTHER_TASK * margin)
        if rollouts:
            margins = torch.tensor([2.0 if e.trivial else 1.0 for e in rollouts]) * margin
            loss = loss + _squared_error(f(rollouts, "reference") - f(rollouts, "program"), margins)
        return loss

    def fractions(self, comparisons: Sequence[Comparison]) -> list[float | None]:
        return [curved_progress(c) for c in comparisons]


def curved_progress(comparison: Comparison) -> float | None:
    """Progress times the size up to half the reference's statements, to the power of 1.5.

    Size: one plausible line is the next thing a policy finds when empty bodies no longer pay. With a power of 1 nearly
    all of the reward is for compiling, and the preference sinks while the compile rate rises; with 2 a genuine attempt
    hardly earns more than a stub (`docs/results-earlier.md`, *What was tried*).
    """
    if comparison.size is None:
        return None
    fraction: float = (comparison.progress * min(1.0, comparison.size / _FULL_SIZE)) ** _POWER
    return fraction


def _squared_error(difference: Tensor, margin: Tensor | float) -> Tensor:
    return ((difference - margin) ** 2).mean()
