"""Weights in bfloat16 where a processor multiplies them, the same values in float32 where it does not."""

from __future__ import annotations

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from rlcf.models import precision
from rlcf.models.precision import widen_where_faster


def tiny(dtype: torch.dtype = torch.bfloat16) -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        tie_word_embeddings=True,
    )
    return LlamaForCausalLM(config).to(dtype)


def processor(monkeypatch: pytest.MonkeyPatch, has_products: bool) -> None:
    monkeypatch.setattr(precision, "has_bfloat16_products", lambda: has_products)


def test_values_stay_and_tied_weights_stay_tied_where_they_are_widened(monkeypatch: pytest.MonkeyPatch) -> None:
    processor(monkeypatch, False)
    model = tiny()
    before = [weight.clone() for weight in model.parameters()]
    widened = widen_where_faster(model)
    for now, then in zip(widened.parameters(), before, strict=True):
        assert now.dtype == torch.float32
        assert torch.equal(now, then.float())
    assert widened.lm_head.weight is widened.model.embed_tokens.weight


@pytest.mark.parametrize("reason", ["the processor has products", "it is another type", "there is no room"])
def test_weights_are_left_where_widening_them_gains_nothing(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    processor(monkeypatch, reason == "the processor has products")
    if reason == "there is no room":
        monkeypatch.setattr(precision, "_LARGEST", 100)
    dtype = torch.float16 if reason == "it is another type" else torch.bfloat16
    assert widen_where_faster(tiny(dtype)).dtype == dtype
