"""A trained policy as a plain model in Hugging Face format: its adapter is merged, and needs peft no longer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from rlcf.errors import ModelError
from rlcf.models.kinds import kind_of
from rlcf.models.loading import adapter_base, let_others_read, load_adapter, load_language_model


@dataclass(frozen=True, slots=True)
class Exported:
    """What `export_model` wrote."""

    parameters: int
    size: int
    """Of the weights, in bytes."""
    dtype: str
    """Such as `bfloat16`."""
    encoder_decoder: bool
    fills_gaps: bool
    """An encoder-decoder whose tokenizer has the tokens of span infilling."""


def export_model(
    source: Path, folder: Path, trained_in: torch.dtype, stored_in: torch.dtype, base: str | None = None
) -> Exported:
    """Writes weights, configuration and tokenizer into `folder`.

    The adapter is added to the base weights in float32; the sum is rounded once, to `stored_in`.

    Args:
        source: an adapter's folder, or that of a whole model.
        trained_in: of the base weights in training. In a narrower type than the base's they are other weights.
        base: where the adapter's base model is, if not where the adapter says.

    Raises:
        ModelError: the model or its base cannot be loaded, or float16 cannot hold its weights.
    """
    model, tokenizer = _load_merged(source, trained_in, base)
    model = model.to(stored_in)
    if stored_in == torch.float16:
        _require_finite(source, model)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    let_others_read(folder)
    weights = list(model.parameters())
    size = sum(p.numel() * p.element_size() for p in weights)
    kind = kind_of(model)
    return Exported(
        parameters=sum(p.numel() for p in weights),
        size=size,
        dtype=str(stored_in).removeprefix("torch."),
        encoder_decoder=not kind.marks_parts,
        fills_gaps=kind.span_tokens(tokenizer) is not None,
    )


def _load_merged(source: Path, trained_in: torch.dtype, base: str | None) -> tuple[Any, Any]:
    if not (source / "adapter_config.json").is_file():
        return load_language_model(str(source), trained_in)
    model, tokenizer = load_language_model(base or str(adapter_base(str(source))), trained_in)
    return load_adapter(model.float(), source, None), tokenizer


def _require_finite(source: Path, model: Any) -> None:
    for name, weights in model.named_parameters():
        if not torch.isfinite(weights).all():
            raise ModelError(f"{source}: float16 cannot hold the weights {name}: use --dtype bfloat16 or float32")
