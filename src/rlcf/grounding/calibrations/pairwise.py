"""The paper's plain rule (arXiv 2305.18341): which of the two is the human's?

It has one anchor, the reference. A discriminator that is always right puts every generated program near −1, whatever it
is, and the policy collapses (`docs/concepts.md`, *The discriminator*). It is kept for comparison.
"""

import math
from collections.abc import Sequence

from torch import Tensor
from torch.nn.functional import softplus

from rlcf.grounding.calibrations.base import Calibration, Comparison, ValueFunction
from rlcf.grounding.judge.base import Example


class Pairwise(Calibration):
    """A log-likelihood over (reference, generated); what compiles earns g. No stub, no triviality, no size."""

    def loss(
        self,
        f: ValueFunction,
        anchors: Sequence[Example],  # noqa: ARG002, not used by this rule
        rollouts: Sequence[Example],
        margin: float,  # noqa: ARG002
    ) -> Tensor | None:
        """Mean of −log σ( f(x∘y*) − f(x∘y) ); `None` without a generated program."""
        return softplus(f(rollouts, "program") - f(rollouts, "reference")).mean() if rollouts else None

    def rewards(self, comparisons: Sequence[Comparison], trivial_reward: float) -> list[float | None]:  # noqa: ARG002
        return [math.tanh(c.program - c.reference) for c in comparisons]
