"""Which kind a model is, and which kinds there are: the one place that decides."""

from __future__ import annotations

from typing import Any

from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

from rlcf.errors import ModelError
from rlcf.models.causal import CAUSAL
from rlcf.models.encoder_decoder import EncoderDecoder
from rlcf.models.kind import ModelKind

_T5_FAMILY = ("t5", "mt5", "umt5")


def kind_of(model: Any) -> ModelKind:
    """The kind of a model of transformers, with or without an adapter."""
    config = model.config
    if not config.is_encoder_decoder:
        return CAUSAL
    start = getattr(config, "decoder_start_token_id", None)
    return EncoderDecoder(config.pad_token_id if start is None else start)


def auto_class(name: str, config: Any) -> Any:
    """The class of transformers that loads models with this configuration.

    Raises:
        ModelError: rlcf cannot train such a model.
    """
    if config.is_encoder_decoder:
        if config.model_type not in _T5_FAMILY:
            raise ModelError(
                f"the model {name!r} is an encoder-decoder of type {config.model_type!r}: of those rlcf knows "
                f"{', '.join(_T5_FAMILY)}, such as Salesforce/codet5-base"
            )
        return AutoModelForSeq2SeqLM
    if config.model_type in MODEL_FOR_MASKED_LM_MAPPING_NAMES and not getattr(config, "is_decoder", False):
        raise ModelError(
            f"the model {name!r} is an encoder of type {config.model_type!r} and writes no text: expected a "
            "decoder-only model, or an encoder-decoder of the T5 family"
        )
    return AutoModelForCausalLM
