"""reference > generated > stub, each by a margin at least; trivial programs are pulled to the stub.

A hinge and not a log-likelihood: a pair that has its margin pulls no more. Unlike least squares it does not hold back
what stands further apart, so f is free to tell programs of the policy from each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from rlcf.grounding.calibrations.base import Anchored, Anchors, Comparison, ValueFunction
from rlcf.grounding.discriminator import Example


class Margin(Anchored):
    """Two anchors, ranked with a hinge; the fraction earned is progress as it is."""

    def loss(self, f: ValueFunction, anchors: Anchors, rollouts: Sequence[Example], margin: float) -> Tensor:
        """Sum of the means over stubs, references of other tasks, and the policy's programs.

        Two margins lie between reference and stub, since the policy's programs have to find room between them.
        """
        f_reference = f(anchors.prompts, anchors.references)
        loss = _hinge(f_reference, f(anchors.prompts, anchors.stubs), 2 * margin).mean()
        loss = loss + _hinge(f_reference, f(anchors.prompts, anchors.others), margin).mean()
        if rollouts:
            prompts = [e.prompt for e in rollouts]
            f_reference = f(prompts, [e.reference for e in rollouts])
            f_program = f(prompts, [e.program for e in rollouts])
            f_stub = f(prompts, [e.stub for e in rollouts])
            ranked = _hinge(f_reference, f_program, margin) + _hinge(f_program, f_stub, margin)
            trivial = torch.tensor([e.trivial for e in rollouts])
            loss = loss + torch.where(trivial, (f_program - f_stub) ** 2, ranked).mean()
        return loss

    def fractions(self, comparisons: Sequence[Comparison]) -> list[float | None]:
        return [c.progress for c in comparisons]


def _hinge(better: Tensor, worse: Tensor, margin: float) -> Tensor:
    """`(N,)`: by how much the difference between `better` and `worse` falls short of the margin."""
    return (margin - (better - worse)).clamp(min=0.0)
