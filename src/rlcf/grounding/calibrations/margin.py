"""reference > generated > stub, each by a margin at least; trivial programs are pulled to the stub.

A hinge and not a log-likelihood: a pair that has its margin pulls no more. Unlike least squares it does not hold back
what stands further apart, so f is free to tell programs of the policy from each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from rlcf.grounding.calibrations.base import Anchored, Anchors, Example, Judged, ValueFunction


class Margin(Anchored):
    """Two anchors, ranked with a hinge; progress is the way from the stub to the reference, as it is."""

    def loss(self, f: ValueFunction, anchors: Anchors, rollouts: Sequence[Example], distance: float) -> Tensor:
        """Sum of the means over stubs, references of other tasks, and the policy's programs.

        Two margins lie between reference and stub, since the policy's programs have to find room between them.
        """
        f_reference = f(anchors.prompts, anchors.references)
        loss = _short(f_reference, f(anchors.prompts, anchors.stubs), 2 * distance).mean()
        loss = loss + _short(f_reference, f(anchors.prompts, anchors.others), distance).mean()
        if rollouts:
            prompts = [e.prompt for e in rollouts]
            f_reference = f(prompts, [e.reference for e in rollouts])
            f_generated = f(prompts, [e.generated for e in rollouts])
            f_stub = f(prompts, [e.stub for e in rollouts])
            ranked = _short(f_reference, f_generated, distance) + _short(f_generated, f_stub, distance)
            trivial = torch.tensor([e.trivial for e in rollouts])
            loss = loss + torch.where(trivial, (f_generated - f_stub) ** 2, ranked).mean()
        return loss

    def progress(self, earnest: Sequence[Judged]) -> list[float | None]:
        return [j.way for j in earnest]


def _short(better: Tensor, worse: Tensor, margin: float) -> Tensor:
    """`(N,)`: by how much `better` falls short of standing the margin above `worse`."""
    return (margin - (better - worse)).clamp(min=0.0)
