"""Training goes on from an adapter that an earlier run saved."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from rlcf.config import PolicyConfig
from rlcf.errors import ModelError
from rlcf.models.batches import encode_prompts, pad_completions
from rlcf.models.loading import adapter_base
from rlcf.models.policy import Policy
from tests.tiny import PROMPT, tiny_policy
from tests.training.batches import shake


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    tiny_policy().save(folder)
    return folder


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a policy that has learnt something, so that it is not the base model any more."""
    folder = tmp_path_factory.mktemp("adapter")
    policy = _load(base, lora_rank=4, lora_layers=1)
    shake(policy)
    policy.save(folder)
    return folder


def _load(folder: Path, lora_rank: int | None = 16, lora_layers: int | None = None) -> Policy:
    return Policy.load(
        PolicyConfig(
            model=str(folder),
            training="lora" if lora_rank else "full",
            lora_rank=lora_rank or 1,
            lora_layers=lora_layers,
            dtype="float32",
        ),
        device="cpu",
    )


def _log_probs(policy: Policy, model: object | None = None) -> torch.Tensor:
    prompts = encode_prompts(policy.tokenizer, [PROMPT])
    with torch.no_grad():
        return policy.log_probs(prompts, pad_completions([[5, 6, 7]], [0], 0), model=model).log_probs


def _reference(policy: Policy) -> torch.Tensor:
    with policy.reference() as model:
        return _log_probs(policy, model)


@pytest.mark.parametrize("lora_rank", [16, None])
def test_policy_and_reference_model_start_as_what_the_adapter_made(
    base: Path, adapter: Path, lora_rank: int | None
) -> None:
    taught = _log_probs(Policy.load_for_sampling(str(adapter)), None)
    policy = _load(adapter, lora_rank)
    torch.testing.assert_close(_log_probs(policy), taught, atol=0.05, rtol=0.05)  # sampled from in bfloat16
    torch.testing.assert_close(_reference(policy), _log_probs(policy))
    assert (_log_probs(policy) - _log_probs(_load(base))).abs().max() > 0.1


@pytest.mark.parametrize("lora_rank", [16, None])
def test_the_reference_model_stays_while_the_policy_learns(adapter: Path, lora_rank: int | None) -> None:
    policy = _load(adapter, lora_rank)
    at_first = _log_probs(policy)
    shake(policy)
    torch.testing.assert_close(_reference(policy), at_first)
    assert (_log_probs(policy) - at_first).abs().max() > 1e-2
    torch.testing.assert_close(_log_probs(policy, policy.sampler()), _log_probs(policy), atol=1e-4, rtol=1e-4)


def test_the_same_weights_are_trained_before_and_after_the_reference_model_was_used(adapter: Path) -> None:
    policy = _load(adapter)
    names = list(policy.trainable_state())
    assert names
    assert all(".default." in name for name in names)
    _reference(policy)
    assert list(policy.trainable_state()) == names


def test_what_is_saved_after_a_warm_start_is_one_adapter_on_the_first_model(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    policy = _load(adapter)
    shake(policy)
    policy.save(tmp_path)
    assert not [p for p in tmp_path.iterdir() if p.is_dir()]
    assert json.loads((tmp_path / "adapter_config.json").read_text(encoding="utf-8"))["base_model_name_or_path"] == str(
        base
    )
    torch.testing.assert_close(_log_probs(_load(tmp_path)), _log_probs(policy))


def test_an_adapter_whose_model_is_gone_is_one_line_that_names_both(adapter: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(adapter, tmp_path / "copy")
    described = copy / "adapter_config.json"
    config = json.loads(described.read_text(encoding="utf-8"))
    described.write_text(json.dumps({**config, "base_model_name_or_path": "/gone/model"}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"the adapter .*copy belongs to /gone/model, which is not here") as error:
        _load(copy)
    assert "\n" not in str(error.value)
    described.write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"adapter_config\.json: not JSON"):
        _load(copy)


def test_the_built_in_model_of_an_adapter_is_found_on_another_machine(tmp_path: Path) -> None:
    described = tmp_path / "adapter_config.json"
    elsewhere = "/elsewhere/rlcf/models/SmolLM2-135M-Instruct.Q4_1-0123456789ab"
    described.write_text(json.dumps({"base_model_name_or_path": elsewhere}), encoding="utf-8")
    assert adapter_base(str(tmp_path)) == "builtin:smollm2-135m"


def test_an_adapter_without_weights_is_one_line(adapter: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(adapter, tmp_path / "copy")
    (copy / "adapter_model.safetensors").unlink()
    with pytest.raises(ModelError, match="copy") as error:
        _load(copy)
    assert "\n" not in str(error.value)
