"""Packed weights compute the same, for as long as they are asked for."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from rlcf.models import packing
from rlcf.models.packing import packed_weights

packs = pytest.mark.skipif(not packing._can_pack(), reason="this processor has no products in bfloat16")


def layers(dtype: torch.dtype = torch.bfloat16) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 96, bias=False), nn.SiLU(), nn.Linear(96, 32)).to(dtype)


def is_packed(model: nn.Sequential) -> bool:
    return "forward" in vars(model[0]) and "forward" in vars(model[2])


@packs
@pytest.mark.parametrize("rows", [(1, 1), (3, 1), (48, 1), (4, 30), (5, 60), (999,)])
@torch.inference_mode()
def test_results_are_the_same_to_within_rounding(rows: tuple[int, ...]) -> None:
    model, x = layers(), torch.randn(*rows, 64).bfloat16()
    plain = model(x)
    with packed_weights(model):
        assert is_packed(model)
        torch.testing.assert_close(model(x), plain)


@packs
def test_afterwards_a_layer_computes_with_its_weights_as_they_are_then() -> None:
    model, x = layers(), torch.ones(2, 64).bfloat16()
    with pytest.raises(KeyError), packed_weights(model):
        raise KeyError
    assert not is_packed(model)
    with torch.no_grad():
        model[0].weight.zero_()
        model[2].bias.fill_(2)
    assert torch.equal(model(x), torch.full((2, 32), 2.0).bfloat16())


@packs
def test_weights_are_packed_anew_each_time() -> None:
    model, x = layers(), torch.ones(2, 64).bfloat16()
    with packed_weights(model), torch.no_grad():
        before = model(x)
    with torch.no_grad():
        model[0].weight.mul_(2)
        plain = model(x)
    with packed_weights(model), torch.no_grad():
        torch.testing.assert_close(model(x), plain)
    assert not torch.allclose(plain, before)


@packs
def test_without_room_for_a_second_copy_weights_are_used_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Tensor) -> Tensor:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 56623104 bytes.")

    model, x = layers(), torch.ones(2, 64).bfloat16()
    plain = model(x)
    monkeypatch.setattr(packing, "_packed", full)
    with packed_weights(model):
        assert not is_packed(model)
        assert torch.equal(model(x), plain)


def test_models_that_are_large_or_of_another_type_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    full = layers(torch.float32)
    with packed_weights(full):
        assert not is_packed(full)
    large = layers()
    monkeypatch.setattr(packing, "_LARGEST", large[0].weight.nbytes)
    with packed_weights(large):
        assert not is_packed(large)


@packs
def test_a_layer_that_a_library_has_wrapped_keeps_its_wrapper() -> None:
    model, x = layers(), torch.ones(1, 64).bfloat16()

    def wrapper(x: Tensor) -> Tensor:
        return torch.full((*x.shape[:-1], 96), 3.0).bfloat16()

    model[0].forward = wrapper  # type: ignore[method-assign]
    plain = model(x)
    with packed_weights(model):
        assert torch.equal(model(x), plain)
    assert vars(model[0])["forward"] is wrapper
