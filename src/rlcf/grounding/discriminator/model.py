"""The discriminator: which of two programs for one prompt is the human's?

`g_w(x, y0, y1) = tanh( f_w(x ∘ y0) − f_w(x ∘ y1) )` (arXiv 2305.18341), where `f_w` is an MLP over an encoder's summary
of prompt and program. Here the summary is the encoder's vector of the prompt, that of the program text, and their
product, so that the MLP can see whether the two belong together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from rlcf.config import CalibrationName
from rlcf.grounding.discriminator.encoder import Encoder
from rlcf.languages.base import Language
from rlcf.models.failures import loading
from rlcf.records import Task
from rlcf.storage.atomic import whole_file, write_json
from rlcf.storage.jsonl import read_json

Which = Literal["program", "reference", "stub"]


@dataclass(frozen=True, slots=True)
class Example:
    """A program and what it is compared with, as the discriminator sees them: the one place where its texts are made.

    Of a program that is the written method without comments and with empty strings (`Language.judged_code`). The prompt
    is shown whole: its comments are the task's, and no completion can change them.
    """

    prompt: str
    program: str
    reference: str
    stub: str
    """Empty where the language can make no stub: the anchor is then that nothing was written."""
    trivial: bool = False
    accepted: bool = True

    @classmethod
    def of(
        cls, language: Language, task: Task, completion: str, trivial: bool | None = False, accepted: bool = True
    ) -> Example:
        """The example of a completion of `task`; `trivial` is `None` where it is not known."""
        texts = (completion, task.canonical_solution or "", language.stub(task))
        program, reference, stub = ("" if text is None else language.judged_code(task, text) for text in texts)
        return cls(task.prompt, program, reference, stub, bool(trivial), accepted)


class Discriminator(nn.Module):
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

    @torch.no_grad()
    def value(self, examples: Sequence[Example], which: Which) -> Tensor:
        """`(N,)` values of f, dropout off."""
        self.eval()
        values: Tensor = self(self.features(examples, which))
        return values

    def preference(self, examples: Sequence[Example], which: Which = "program") -> Tensor:
        """`(N,)` values of g in −1 … 1, against the reference: above 0 where the program is taken for the human's."""
        return torch.tanh(self.value(examples, which) - self.value(examples, "reference"))

    def save(self, folder: Path) -> None:
        """Writes the MLP's weights, the encoder's name and the calibration's."""
        with whole_file(folder / "mlp.safetensors") as file:
            save_file(dict(self.mlp.state_dict()), file)
        described = {"encoder": self.encoder.source, "hidden": self.hidden, "calibration": self.calibration}
        write_json(folder / "discriminator.json", described)

    @classmethod
    def load(cls, folder: Path) -> Discriminator:
        """Reads what `save` wrote.

        Raises:
            ModelError: the folder holds no discriminator, or a damaged one, or its encoder cannot be loaded.
        """
        with loading(f"the discriminator in {folder}", "a folder that rlcf saved"):
            described = read_json(folder / "discriminator.json")
            discriminator = cls(Encoder.load(described["encoder"]), described["hidden"])
            discriminator.mlp.load_state_dict(load_file(folder / "mlp.safetensors"))
            discriminator.calibration = described["calibration"]
            if discriminator.calibration not in get_args(CalibrationName):
                raise ValueError(f"unknown calibration {discriminator.calibration!r}")
        return discriminator
