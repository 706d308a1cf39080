"""The coefficient of the KL penalty against the reference model."""

from rlcf.config.algorithms import PenaltyTable

_MAX_ERROR = 0.2


class KLCoefficient:
    """β of the penalty: as it was set, or steered towards a target KL.

    The steering is the proportional controller of Ziegler et al., 2019 (arXiv 1909.08593, section 2.2):

        e = clip((KL − target) / target, −0.2, 0.2)        β ← β · (1 + gain · e)
    """

    def __init__(self, config: PenaltyTable) -> None:
        self.value = config.kl_coefficient
        self.target = config.kl_target
        self.gain = config.kl_gain

    def adapt(self, kl: float) -> None:
        """Steers by the KL of an update, in nats a token; the next update has the new coefficient."""
        if self.target is not None:
            error = min(_MAX_ERROR, max(-_MAX_ERROR, (kl - self.target) / self.target))
            self.value *= 1 + self.gain * error
