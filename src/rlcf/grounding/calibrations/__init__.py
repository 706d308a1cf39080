"""The calibrations of judges, by the names that `judge.calibration` may have.

`docs/concepts.md`, *Calibrations*, has them side by side. A new one is a class in a file of its own, a line here, and
its name in `rlcf.config.CalibrationName`.
"""

from rlcf.config import CalibrationName
from rlcf.grounding.calibrations.base import Calibration, Comparison
from rlcf.grounding.calibrations.group_rank import GroupRank
from rlcf.grounding.calibrations.least_squares import LeastSquares
from rlcf.grounding.calibrations.margin import Margin
from rlcf.grounding.calibrations.pairwise import Pairwise

CALIBRATIONS: dict[CalibrationName, Calibration] = {
    "least_squares": LeastSquares(),
    "margin": Margin(),
    "group_rank": GroupRank(),
    "pairwise": Pairwise(),
}

__all__ = ["CALIBRATIONS", "Calibration", "Comparison"]
