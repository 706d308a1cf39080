"""Weights in bfloat16 where a processor multiplies them, the same values in float32 where it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from rlcf.errors import ModelError
from rlcf.models import loading, precision
from rlcf.models.precision import widen_where_faster
from tests.tiny import tiny_policy


def _tied(dtype: torch.dtype = torch.bfloat16) -> Any:
    model = tiny_policy().model
    model.lm_head.weight = model.model.embed_tokens.weight
    return model.to(dtype)


def _processor(monkeypatch: pytest.MonkeyPatch, has_products: bool) -> None:
    monkeypatch.setattr(precision, "has_bfloat16_products", lambda: has_products)


def test_values_stay_and_tied_weights_stay_tied_where_they_are_widened(monkeypatch: pytest.MonkeyPatch) -> None:
    _processor(monkeypatch, False)
    model = _tied()
    before = [weight.clone() for weight in model.parameters()]
    widened = widen_where_faster(model)
    for now, then in zip(widened.parameters(), before, strict=True):
        assert now.dtype == torch.float32
        assert torch.equal(now, then.float())
    assert widened.lm_head.weight is widened.model.embed_tokens.weight


@pytest.mark.parametrize("reason", ["products", "another type", "no room", "quantised"])
def test_weights_are_left_where_widening_them_gains_nothing(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    _processor(monkeypatch, reason == "products")
    if reason == "no room":
        monkeypatch.setattr(precision, "_LARGEST", 100)
    model = _tied(torch.float16 if reason == "another type" else torch.bfloat16)
    model.is_quantized = reason == "quantised"
    assert widen_where_faster(model).dtype == (torch.float16 if reason == "another type" else torch.bfloat16)


def test_no_room_for_wider_weights_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = tiny_policy()
    policy.model.save_pretrained(tmp_path)
    policy.tokenizer.save_pretrained(tmp_path)

    def full(_: Any) -> None:
        raise MemoryError("can't allocate memory")

    monkeypatch.setattr(loading, "widen_where_faster", full)
    with pytest.raises(ModelError, match="memory") as caught:
        loading.load_language_model(str(tmp_path), torch.bfloat16, widen=True)
    assert "\n" not in str(caught.value)
