"""Models and adapters that are damaged, that want to run code, or that are of another kind."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import BartConfig, BertConfig, DistilBertConfig, PreTrainedConfig, T5EncoderModel

from rlcf.config import PolicyConfig
from rlcf.errors import ModelError
from rlcf.models.builtin import BUILTIN_MODELS, quiet_transformers, resolve_model
from rlcf.models.loading import load_language_model, load_tokenizer
from rlcf.models.policy import Policy
from tests.tiny import tiny_policy, tiny_t5

Change = Callable[[Path], None]


def _cut(name: str, share: float) -> Change:
    def change(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: int(share * len(content))])

    return change


def _written(name: str, text: str) -> Change:
    return lambda folder: (folder / name).write_text(text, encoding="utf-8") and None


def _edited(name: str, **values: Any) -> Change:
    def change(folder: Path) -> None:
        config = json.loads((folder / name).read_text(encoding="utf-8"))
        (folder / name).write_text(json.dumps({**config, **values}), encoding="utf-8")

    return change


def _without_a_weight(folder: Path) -> None:
    weights = load_file(folder / "adapter_model.safetensors")
    del weights[min(weights)]
    save_file(weights, folder / "adapter_model.safetensors")


_MODEL: dict[str, Change] = {
    "weights cut in half": _cut("model.safetensors", 0.5),
    "weights but for their end": _cut("model.safetensors", 0.99),
    "empty weights": _cut("model.safetensors", 0),
    "no weights": lambda folder: (folder / "model.safetensors").unlink(),
    "a config cut in half": _cut("config.json", 0.5),
    "a config of null": _written("config.json", "null"),
    "a config of another size": _edited("config.json", hidden_size=64),
    "a config with words for numbers": _edited("config.json", hidden_size="x"),
    "a config with more layers than weights": _edited("config.json", num_hidden_layers=3),
    "a config of another kind of model": _edited("config.json", model_type="bert"),
    "a tokenizer cut in half": _cut("tokenizer.json", 0.5),
    "a tokenizer of a list": _written("tokenizer.json", "[1]"),
    "an empty tokenizer": _cut("tokenizer.json", 0),
    "a tokenizer without an end": lambda folder: (folder / "tokenizer_config.json").unlink(),
    "generation defaults of null": _written("generation_config.json", "null"),
}
_ADAPTER: dict[str, Change] = {
    "weights cut in half": _cut("adapter_model.safetensors", 0.5),
    "empty weights": _cut("adapter_model.safetensors", 0),
    "weights with one missing": _without_a_weight,
    "a config cut in half": _cut("adapter_config.json", 0.5),
    "a config of null": _written("adapter_config.json", "null"),
    "a negative rank": _edited("adapter_config.json", r=-1),
    "another rank": _edited("adapter_config.json", r=3),
    "a word for a number": _edited("adapter_config.json", lora_alpha="x"),
    "another method": _edited("adapter_config.json", peft_type="PREFIX_TUNING"),
    "no model": _edited("adapter_config.json", base_model_name_or_path=None),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    quiet_transformers()
    tiny_policy().save(folder)
    return folder


@pytest.fixture(scope="module")
def adapter(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapter")
    policy = Policy.load(PolicyConfig(model=str(model), lora_rank=2, dtype="float32"), device="cpu")
    with torch.no_grad():
        for weights in policy.trainable_parameters():
            weights.normal_()
    policy.save(folder)
    return folder


def _refused(load: Callable[[str], object], folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load(str(folder))
    assert "\n" not in str(caught.value)
    assert folder.name in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", _MODEL)
def test_a_damaged_model_is_one_line_that_names_it(name: str, model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(model, tmp_path / "damaged")
    _MODEL[name](folder)
    _refused(load_language_model, folder)


@pytest.mark.parametrize("load", [lambda name: Policy.load(PolicyConfig(model=name)), Policy.load_for_sampling])
@pytest.mark.parametrize("name", _ADAPTER)
def test_a_damaged_adapter_is_one_line_that_names_it(
    name: str, load: Callable[[str], Policy], adapter: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(adapter, tmp_path / "damaged")
    _ADAPTER[name](folder)
    _refused(load, folder)


def test_an_adapter_that_belongs_to_an_adapter_is_one_line(adapter: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(adapter, tmp_path / "second")
    _edited("adapter_config.json", base_model_name_or_path=str(folder))(folder)
    assert "which is an adapter itself" in _refused(load_language_model, folder)


@pytest.mark.parametrize(("setting", "value"), [("use_dora", True), ("bias", "all"), ("modules_to_save", ["lm_head"])])
def test_an_adapter_that_is_more_than_lora_is_not_trained_on(
    setting: str, value: object, model: Path, tmp_path: Path
) -> None:
    loaded, _ = load_language_model(str(model))
    adapted = get_peft_model(loaded, LoraConfig(target_modules=["q_proj"], **{setting: value}))
    adapted.save_pretrained(tmp_path)
    assert f"has {setting}, with which" in _refused(lambda name: Policy.load(PolicyConfig(model=name)), tmp_path)


def test_an_adapter_is_sampled_from_as_the_policy_that_saved_it(adapter: Path) -> None:
    merged = Policy.load_for_sampling(str(adapter)).model
    assert not any("lora" in name for name, _ in merged.named_parameters())
    trained = Policy.load(PolicyConfig(model=str(adapter))).sampler()
    for name, weights in trained.state_dict().items():
        torch.testing.assert_close(merged.state_dict()[name], weights, atol=0, rtol=0)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5])
def test_a_damaged_gguf_file_is_one_line_and_nothing_is_kept_of_it(
    share: float, builtin_model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RLCF_CACHE", str(tmp_path / "cache"))
    content = Path(resolve_model(builtin_model, BUILTIN_MODELS)).read_bytes()
    (tmp_path / "damaged.gguf").write_bytes(content[: int(share * len(content))])
    _refused(load_language_model, tmp_path / "damaged.gguf")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".gguf"]


@pytest.mark.parametrize("model_type", ["of_its_own", "llama"])
def test_a_models_own_code_is_not_run_and_there_is_no_prompt_to_allow_it(
    model_type: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    folder, marker = shutil.copytree(model, tmp_path / "own"), tmp_path / "was-run"
    (folder / "code.py").write_text(
        f"open({str(marker)!r}, 'w').close()\nfrom transformers import *\nclass Config(LlamaConfig): ...\n"
        "class Model(LlamaForCausalLM): ...\nclass Tokenizer(PreTrainedTokenizerFast): ...\n",
        encoding="utf-8",
    )
    own = {"AutoConfig": "code.Config", "AutoModelForCausalLM": "code.Model"}
    _edited("config.json", model_type=model_type, auto_map=own)(folder)
    names = {"tokenizer_class": "Tokenizer", "auto_map": {"AutoTokenizer": ["code.Tokenizer", "code.Tokenizer"]}}
    _edited("tokenizer_config.json", **names)(folder)
    assert "needs Python code that comes with it, and rlcf runs none" in _refused(load_language_model, folder)
    assert not marker.exists()


def test_weights_that_run_code_when_they_are_read_are_refused(model: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
            return os.system, (f"touch {tmp_path / 'was-run'}",)

    folder = shutil.copytree(model, tmp_path / "pickled")
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weights": Evil()}, protocol=2))
    _refused(load_language_model, folder)
    torch.save({"weights": Evil()}, folder / "pytorch_model.bin")
    assert "a pickle that may hold code" in _refused(load_language_model, folder)
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize("make", [tiny_policy, tiny_t5])
def test_a_folder_without_a_tokenizer_is_one_line(make: Callable[[], Policy], tmp_path: Path) -> None:
    """transformers makes an empty tokenizer for a T5, which would take every word for an unknown one."""
    make().model.save_pretrained(tmp_path / "bare")
    for load in (load_language_model, load_tokenizer):
        assert "has no tokenizer: copy that of its base model into it" in _refused(load, tmp_path / "bare")


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (BertConfig(), "is an encoder of type 'bert' and writes no text"),
        (DistilBertConfig(), "is an encoder of type 'distilbert' and writes no text"),
        (BartConfig(), "is an encoder-decoder of type 'bart': of those rlcf knows t5, mt5, umt5"),
    ],
)
def test_a_model_of_another_kind_is_one_line(config: PreTrainedConfig, line: str, tmp_path: Path) -> None:
    """transformers loads a BERT without complaint, as a decoder-only model that sees what follows."""
    config.save_pretrained(tmp_path / "other")
    assert line in _refused(load_language_model, tmp_path / "other")


def test_an_encoder_whose_decoder_is_missing_is_one_line(tmp_path: Path) -> None:
    policy = tiny_t5()
    T5EncoderModel(policy.model.encoder.config).save_pretrained(tmp_path / "half")
    policy.model.config.save_pretrained(tmp_path / "half")
    policy.tokenizer.save_pretrained(tmp_path / "half")
    assert "weights, such as decoder." in _refused(load_language_model, tmp_path / "half")
