"""The discriminator: which of two programs for one prompt is the human's?

`g_w(x, y0, y1) = tanh( f_w(x ∘ y0) − f_w(x ∘ y1) )` (arXiv 2305.18341), where `f_w` is an MLP over an encoder's summary
of prompt and program. Here the summary is the encoder's vector of the prompt, that of the program text, and their
product, so that the MLP can see whether the two belong together.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from rlcf.config import CalibrationName
from rlcf.grounding.calibrations import CALIBRATIONS, Comparison
from rlcf.grounding.judge.base import Candidate, Example, Judge, Which
from rlcf.grounding.judge.encoder import Encoder
from rlcf.storage.atomic import whole_file, write_json


class Discriminator(nn.Module, Judge):
    """`f_w`: an encoder, frozen, and an MLP, trained.

    `calibration` names what it is fitted for, and so what its values are worth; a `DiscriminatorTrainer` sets it.
    """

    def __init__(self, encoder: Encoder, hidden: int = 128, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.hidden = hidden
        self.calibration: CalibrationName = "least_squares"
        width = 3 * encoder.width
        self.mlp = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, 1)
        )

    def features(self, examples: Sequence[Example], which: Which) -> Tensor:
        """`(N, 3E)` features of one program of each example, without gradient."""
        x = self.encoder.encode([e.prompt for e in examples])
        y = self.encoder.encode([getattr(e, which) for e in examples])
        return torch.cat([x, y, x * y * self.encoder.width**0.5], dim=-1)

    def forward(self, features: Tensor) -> Tensor:
        """`(..., 3E)` features → `(...)` values of f."""
        values: Tensor = self.mlp(features).squeeze(-1)
        return values

    def rewards(self, candidates: Sequence[Candidate], trivial_reward: float) -> list[float | None]:
        examples = [c.example for c in candidates]
        program, reference, stub = (self.value(examples, which).tolist() for which in get_args(Which))
        comparisons = [
            Comparison(p, r, s, c.size, c.example.trivial, c.task_id)
            for p, r, s, c in zip(program, reference, stub, candidates, strict=True)
        ]
        return CALIBRATIONS[self.calibration].rewards(comparisons, trivial_reward)

    def preference(self, examples: Sequence[Example], which: Which = "program") -> Tensor:
        """`g = tanh( f(program) − f(reference) )`: above 0 where the program is taken for the human's."""
        return torch.tanh(self.value(examples, which) - self.value(examples, "reference"))

    @torch.no_grad()
    def value(self, examples: Sequence[Example], which: Which) -> Tensor:
        """`(N,)` values of f, dropout off."""
        self.eval()
        values: Tensor = self(self.features(examples, which))
        return values

    def save(self, folder: Path) -> None:
        """Writes the MLP's weights, the encoder's name and the calibration's."""
        with whole_file(folder / "mlp.safetensors") as file:
            save_file(dict(self.mlp.state_dict()), file)
        described = {"encoder": self.encoder.source, "hidden": self.hidden, "calibration": self.calibration}
        write_json(folder / "judge.json", {"name": "discriminator", **described})

    @classmethod
    def load(cls, folder: Path, encoder: str, hidden: int, calibration: CalibrationName) -> Discriminator:
        """Reads what `save` wrote.

        Raises:
            ModelError: the folder holds a damaged discriminator, or its encoder cannot be loaded.
        """
        discriminator = cls(Encoder.load(encoder), hidden)
        discriminator.mlp.load_state_dict(load_file(folder / "mlp.safetensors"))
        discriminator.calibration = calibration
        return discriminator
