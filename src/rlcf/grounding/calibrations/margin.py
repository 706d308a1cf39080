"""reference > generated > stub, each by a margin at least; trivial programs are pulled to the stub.

A hinge and not a log-likelihood: a pair that has its margin pulls no more. Unlike least squares it does not hold back
what stands further apart, so f is free to tell programs of the policy from each other.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from rlcf.grounding.calibrations.base import OTHER_TASK, Anchored, Comparison, ValueFunction
from rlcf.grounding.judge.base import Example


class Margin(Anchored):
    """Two anchors, ranked with a hinge; the fraction earned is progress as it is."""

    def loss(self, f: ValueFunction, anchors: Sequence[Example], rollouts: Sequence[Example], margin: float) -> Tensor:
        """Sum of the means over stubs, references of other tasks, and the policy's programs.

        Two margins lie between reference and stub, since the policy's programs have to find room between them.
        """
        reference = f(anchors, "reference")
        loss = _hinge(reference - f(anchors, "stub"), 2 * margin).mean()
        loss = loss + _hinge(reference - f(anchors, "program"), OTHER_TASK * margin).mean()
        if rollouts:
            program, stub = f(rollouts, "program"), f(rollouts, "stub")
            ranked = _hinge(f(rollouts, "reference") - program, margin) + _hinge(program - stub, margin)
            trivial = torch.tensor([e.trivial for e in rollouts])
            loss = loss + torch.where(trivial, (program - stub) ** 2, ranked).mean()
        return loss

    def fractions(self, comparisons: Sequence[Comparison]) -> list[float | None]:
        return [c.progress for c in comparisons]


def _hinge(difference: Tensor, margin: float) -> Tensor:
    """`(N,)`: by how much each difference falls short of the margin."""
    return (margin - difference).clamp(min=0.0)
