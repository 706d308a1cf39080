"""The built-in model as a policy: loading, its adapter, its reference model, its sampler."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import GPT2Config, GPT2LMHeadModel

from rlcf.config import PolicyConfig
from rlcf.errors import ModelError
from rlcf.models.batches import encode_prompts, pad_completions
from rlcf.models.loading import load_language_model
from rlcf.models.policy import Policy
from tests.tiny import PROMPT, tiny_policy


@pytest.fixture(scope="module")
def policy(builtin_model: str) -> Policy:
    return Policy.load(PolicyConfig(model=builtin_model, lora_rank=4, lora_layers=2, dtype="float32"), device="cpu")


def _log_probs(policy: Policy, model: object | None = None) -> torch.Tensor:
    prompts = encode_prompts(policy.tokenizer, ["class A {\n    int f(int a) {\n"])
    rows = policy.tokenizer(["\n        return a;\n    }\n}"])["input_ids"]
    with torch.no_grad():
        return policy.log_probs(prompts, pad_completions(rows, [0], 0), model=model).log_probs


def _shake(policy: Policy) -> None:
    with torch.no_grad():
        for parameter in policy.trainable_parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)


def test_the_adapter_switched_off_is_the_reference_model(policy: Policy) -> None:
    at_first = _log_probs(policy)
    _shake(policy)
    with policy.reference() as reference:
        torch.testing.assert_close(_log_probs(policy, reference), at_first)
    assert (_log_probs(policy) - at_first).abs().max() > 1e-3


def test_the_sampler_is_the_policy_as_it_stands_now(policy: Policy) -> None:
    _shake(policy)
    torch.testing.assert_close(_log_probs(policy, policy.sampler()), _log_probs(policy), atol=1e-3, rtol=1e-3)
    _shake(policy)
    torch.testing.assert_close(_log_probs(policy, policy.sampler()), _log_probs(policy), atol=1e-3, rtol=1e-3)


def test_only_the_last_layers_carry_an_adapter_where_a_number_is_given(policy: Policy) -> None:
    layers = {int(n.split("layers.")[1].split(".")[0]) for n in policy.trainable_state()}
    assert layers == {28, 29}


def test_a_saved_adapter_loads_with_peft_and_gives_the_same(policy: Policy, tmp_path: Path) -> None:
    policy.save(tmp_path)
    fresh, _ = load_language_model(policy.source)
    loaded = PeftModel.from_pretrained(fresh, tmp_path).eval()
    torch.testing.assert_close(_log_probs(policy, loaded), _log_probs(policy), atol=1e-4, rtol=1e-4)


def test_an_adapter_fits_the_linear_layers_of_gpt2_too(tmp_path: Path) -> None:
    tokenizer = tiny_policy().tokenizer
    config = GPT2Config(vocab_size=len(tokenizer), n_embd=32, n_layer=2, n_head=4, eos_token_id=1, bos_token_id=1)
    GPT2LMHeadModel(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    policy = Policy.load(PolicyConfig(model=str(tmp_path), lora_rank=2, dtype="float32"), device="cpu")
    _shake(policy)
    prompts, batch = encode_prompts(tokenizer, [PROMPT]), pad_completions([[5, 6]], [0], 0)
    own = policy.log_probs(prompts, batch).log_probs
    torch.testing.assert_close(policy.log_probs(prompts, batch, model=policy.sampler()).log_probs, own)
    with policy.reference() as reference:
        assert (policy.log_probs(prompts, batch, model=reference).log_probs - own).abs().max() > 1e-3


def test_others_may_read_what_is_saved(policy: Policy, tmp_path: Path) -> None:
    policy.save(tmp_path / "adapter")
    assert len({path.stat().st_mode for path in (tmp_path / "adapter").iterdir()}) == 1


def test_full_training_keeps_a_frozen_copy_as_its_reference() -> None:
    policy = tiny_policy()
    prompts = encode_prompts(policy.tokenizer, [PROMPT])
    batch = pad_completions([[5, 6]], [0], 0)
    before = policy.log_probs(prompts, batch).log_probs.detach()
    _shake(policy)
    with policy.reference() as reference:
        torch.testing.assert_close(policy.log_probs(prompts, batch, model=reference).log_probs, before)


def test_a_fixed_reference_is_the_policy_as_it_was_then() -> None:
    policy = tiny_policy()
    prompts = encode_prompts(policy.tokenizer, [PROMPT])
    batch = pad_completions([[5, 6]], [0], 0)

    def log_probs(model: object | None = None) -> torch.Tensor:
        return policy.log_probs(prompts, batch, model=model).log_probs.detach()

    at_first = log_probs()
    _shake(policy)
    policy.fix_reference()
    fixed = log_probs()
    _shake(policy)
    present = log_probs()
    with policy.reference() as reference:
        torch.testing.assert_close(log_probs(reference), fixed)
    with policy.initial() as initial:
        torch.testing.assert_close(log_probs(initial), at_first)
    assert torch.equal(log_probs(), present)
    assert (present - fixed).abs().max() > 1e-3


def test_a_checkpoint_of_another_model_is_refused() -> None:
    with pytest.raises(ModelError, match="do not fit this model"):
        tiny_policy().load_trainable_state({"other": torch.zeros(1)})


@pytest.mark.parametrize("name", ["/nowhere/at/all", "/nowhere/model.gguf", "builtin:gpt-9"])
def test_a_model_that_is_no_model_is_one_line(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        load_language_model(name)
    assert "\n" not in str(caught.value)
    assert "model" in str(caught.value)


def test_a_folder_that_is_no_model_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot load the model"):
        load_language_model(str(tmp_path))
