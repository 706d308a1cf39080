"""What is exported is the trained policy: its weights, its tied embeddings, its log-probabilities."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import AutoPeftModelForCausalLM
from safetensors import safe_open
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

from rlcf.config import PolicyConfig
from rlcf.errors import ModelError
from rlcf.models.batches import encode_prompts, pad_completions
from rlcf.models.builtin import conversion_folder, quiet_transformers
from rlcf.models.export import export_model
from rlcf.models.origin import builtin_of, hub_id, licence_of
from rlcf.models.policy import Policy
from tests.tiny import PROMPT, tiny_policy


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose output layer is its embeddings."""
    quiet_transformers()
    folder = tmp_path_factory.mktemp("model")
    policy = tiny_policy()
    policy.model.config.tie_word_embeddings = True
    Policy(LlamaForCausalLM(policy.model.config).eval(), policy.tokenizer, "tied").save(folder)
    return folder


def trained(model: Path, folder: Path, **options: str) -> Policy:
    """A policy that is far from `model`, saved to `folder`."""
    policy = Policy.load(PolicyConfig(model=str(model), lora_rank=2, **options), device="cpu")
    with torch.no_grad():
        for weights in policy.trainable_parameters():
            weights.add_(torch.randn_like(weights) * 0.3)
    policy.save(folder)
    return policy


def _log_probs(policy: Policy) -> torch.Tensor:
    prompts = encode_prompts(policy.tokenizer, [PROMPT])
    ids = policy.tokenizer(["a + b;}}"])["input_ids"]
    with torch.no_grad():
        return policy.log_probs(prompts, pad_completions(ids, [0], 0)).log_probs


def _loaded(folder: Path) -> Policy:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype="auto").eval()
    return Policy(model, AutoTokenizer.from_pretrained(folder), "exported", trainable=False)


@pytest.mark.usefixtures("fixed_seed")
@pytest.mark.parametrize("training", ["lora", "full"])
def test_the_exported_model_gives_the_log_probabilities_of_the_policy(
    training: str, model: Path, tmp_path: Path
) -> None:
    policy = trained(model, tmp_path / "policy", training=training, dtype="float32")
    before = _log_probs(Policy.load(PolicyConfig(model=str(model), dtype="float32"), device="cpu"))
    written = export_model(tmp_path / "policy", tmp_path, torch.float32, torch.float32, str(model))
    exported = _loaded(tmp_path)
    torch.testing.assert_close(_log_probs(exported), _log_probs(policy), atol=1e-5, rtol=1e-5)
    assert (_log_probs(exported) - before).abs().max() > 0.1
    assert written.parameters == sum(p.numel() for p in exported.model.parameters())
    assert (written.size, written.dtype) == (4 * written.parameters, "float32")


@pytest.mark.usefixtures("fixed_seed")
def test_in_bfloat16_the_weights_are_those_that_the_run_sampled_from(model: Path, tmp_path: Path) -> None:
    sampler = trained(model, tmp_path / "policy", dtype="bfloat16").sampler().state_dict()
    export_model(tmp_path / "policy", tmp_path, torch.bfloat16, torch.bfloat16)
    for name, weights in _loaded(tmp_path).model.state_dict().items():
        torch.testing.assert_close(weights, sampler[name], atol=0, rtol=0)


@pytest.mark.usefixtures("fixed_seed")
def test_an_adapter_is_merged_as_peft_merges_it(model: Path, tmp_path: Path) -> None:
    trained(model, tmp_path / "policy", dtype="float32")
    merged = AutoPeftModelForCausalLM.from_pretrained(tmp_path / "policy").merge_and_unload().state_dict()
    export_model(tmp_path / "policy", tmp_path, torch.float32, torch.float32)
    for name, weights in _loaded(tmp_path).model.state_dict().items():
        torch.testing.assert_close(weights, merged[name], atol=1e-6, rtol=1e-6)


def test_tied_embeddings_stay_tied_and_everybody_may_read_the_weights(model: Path, tmp_path: Path) -> None:
    trained(model, tmp_path / "policy")
    export_model(tmp_path / "policy", tmp_path, torch.bfloat16, torch.float16)
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        names = set(file.keys())
        assert {file.get_tensor(name).dtype for name in names} == {torch.float16}
    assert "model.embed_tokens.weight" in names
    assert not [name for name in names if "lm_head" in name or "lora" in name]
    loaded = _loaded(tmp_path).model
    assert loaded.config.tie_word_embeddings
    assert loaded.lm_head.weight is loaded.model.embed_tokens.weight
    modes = {(tmp_path / name).stat().st_mode for name in ("model.safetensors", "config.json")}
    assert len(modes) == 1


def test_weights_that_float16_cannot_hold_are_one_line(model: Path, tmp_path: Path) -> None:
    policy = trained(model, tmp_path / "policy", training="full")
    with torch.no_grad():
        policy.model.model.norm.weight[0] = 1e6
    policy.save(tmp_path / "policy")
    with pytest.raises(ModelError, match=r"float16 cannot hold the weights model\.norm\.weight: use --dtype bfloat16"):
        export_model(tmp_path / "policy", tmp_path / "out", torch.float32, torch.float16)


def test_a_base_that_is_gone_can_be_given(model: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    tiny_policy().save(moved)
    trained(moved, tmp_path / "policy")
    moved.rename(tmp_path / "elsewhere")
    with pytest.raises(ModelError, match="which is not here"):
        export_model(tmp_path / "policy", tmp_path / "out", torch.float32, torch.float32)
    export_model(tmp_path / "policy", tmp_path / "out", torch.float32, torch.float32, str(tmp_path / "elsewhere"))


def test_the_licence_is_that_of_the_models_card(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    assert licence_of(str(tmp_path)) is None
    card.write_text("---\nlicense: mit\n---\n# A model\n", encoding="utf-8")
    assert licence_of(str(tmp_path)) == "mit"
    for damaged in ("no header", "---\nlicense: [a, b]\n---\n", "---\n{\n---\n", "---\nlicense: 1\n---\n"):
        card.write_text(damaged, encoding="utf-8")
        assert licence_of(str(tmp_path)) is None


def test_an_id_is_told_from_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert hub_id("org/model-1.5B") == "org/model-1.5B"
    assert licence_of("org/no-such-model") is None
    (tmp_path / "org" / "model-1.5B").mkdir(parents=True)
    assert hub_id("org/model-1.5B") is None
    assert hub_id(str(tmp_path)) is None


def test_the_built_in_model_is_known_by_the_folder_that_it_was_converted_into(builtin_model: str) -> None:
    from rlcf.models.builtin import BUILTIN_MODELS, packaged_path

    path = packaged_path(*BUILTIN_MODELS[builtin_model])
    assert path is not None
    assert builtin_of(str(conversion_folder(path))) == builtin_model
    assert builtin_of("/somewhere/else") is None
    assert (hub_id(builtin_model), licence_of(builtin_model)) == (
        "HuggingFaceTB/SmolLM2-135M-Instruct",
        "apache-2.0",
    )
