"""The judges: models that compare a program with the reference, frozen or trained along with the policy."""

from pathlib import Path
from typing import get_args

from rlcf.config import CalibrationName
from rlcf.grounding.judge.aligned import AlignedJudge
from rlcf.grounding.judge.base import Candidate, Example, Judge, Which
from rlcf.grounding.judge.discriminator import Discriminator
from rlcf.grounding.judge.encoder import Encoder
from rlcf.models.failures import loading
from rlcf.storage.jsonl import read_json

__all__ = ["AlignedJudge", "Candidate", "Discriminator", "Encoder", "Example", "Judge", "Which", "load_judge"]


def load_judge(folder: Path) -> Judge:
    """Reads what `Judge.save` wrote.

    Raises:
        ModelError: the folder holds no judge, or a damaged one, or its model cannot be loaded.
    """
    with loading(f"the judge in {folder}", "a folder that rlcf saved"):
        described = read_json(folder / "judge.json")
        name = described.pop("name")
        if name == "discriminator":
            if described["calibration"] not in get_args(CalibrationName):
                raise ValueError(f"unknown calibration {described['calibration']!r}")
            return Discriminator.load(folder, **described)
        if name == "aligned":
            return AlignedJudge.load(**described)
        raise ValueError(f"unknown judge {name!r}")
