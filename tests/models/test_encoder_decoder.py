"""Encoder-decoder models: each prompt is encoded once, and what that saves must not change what is computed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForSeq2SeqLM

from rlcf.config import PolicyConfig
from rlcf.errors import ModelError
from rlcf.models.attention import GROUPED
from rlcf.models.batches import CompletionBatch, PromptBatch, encode_prompts, pad_completions, pad_prompts
from rlcf.models.policy import Policy
from rlcf.models.precision import has_bfloat16_products
from rlcf.models.token_states import TokenReader
from tests.tiny import PROMPT, tiny_t5
from tests.training.batches import shake

ROWS = [[5, 6, 7], [8, 14], [9, 10, 11, 12], [3], [9, 1]]
OF = [0, 0, 1, 1, 2]
SHORT = "class A {"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("t5")
    tiny_t5().save(folder)
    return folder


def _load(folder: Path, **options: Any) -> Policy:
    given = {"model": str(folder), "lora_rank": 4, "lora_layers": 1, "dtype": "float32", **options}
    policy = Policy.load(PolicyConfig(**given), device="cpu")
    shake(policy)
    return policy


def _prompts(policy: Policy) -> list[list[int]]:
    """Of unequal length; the decoder is given one token for two of them, and for the other two tokens."""
    spans = policy.kind.span_tokens(policy.tokenizer)
    assert spans is not None
    texts = [policy.kind.prompt_ids(policy.tokenizer, text) for text in (SHORT, PROMPT)]
    return [texts[0], spans.prompt_ids(policy.tokenizer(PROMPT, add_special_tokens=False)["input_ids"]), texts[1]]


def _batch(policy: Policy, rows: Sequence[list[int]] = ROWS) -> tuple[PromptBatch, CompletionBatch]:
    return pad_prompts(_prompts(policy), 0), pad_completions(rows, OF[: len(rows)], 0)


def _plain(model: Any, prompt: list[int], row: list[int]) -> Tensor:
    """The logits of one completion alone, from a plain forward pass."""
    start = max(i for i, token in enumerate(prompt) if token == 0)
    read, begun = torch.tensor([prompt[:start]]), prompt[start:]
    output = model(input_ids=read, decoder_input_ids=torch.tensor([begun + row[:-1]]), use_cache=False)
    logits: Tensor = output.logits[0, len(begun) - 1 :]
    return logits


@pytest.mark.parametrize("model_type", ["t5", "t5 without scaling", "mt5", "umt5"])
def test_log_probabilities_are_those_of_a_plain_forward_pass(model_type: str) -> None:
    torch.manual_seed(0)
    options = {"tie_word_embeddings": False} if "without" in model_type else {}
    sizes = {"vocab_size": 24, "d_model": 16, "d_kv": 4, "d_ff": 32, "num_layers": 2, "num_heads": 4}
    config = AutoConfig.for_model(model_type.split()[0], **sizes, pad_token_id=0, decoder_start_token_id=0, **options)
    model = AutoModelForSeq2SeqLM.from_config(config).eval()
    policy = Policy(model, tiny_t5().tokenizer, "of a family")
    scores = policy.log_probs(*_batch(policy), temperature=0.7, with_entropy=True)
    policy.model.set_attn_implementation("eager")
    assert scores.entropy is not None
    for place, (row, prompt) in enumerate(zip(ROWS, (_prompts(policy)[i] for i in OF), strict=True)):
        log_all = torch.log_softmax(_plain(model, prompt, row) / 0.7, -1)
        expected = log_all.gather(-1, torch.tensor(row)[:, None])[:, 0]
        torch.testing.assert_close(scores.log_probs[place, : len(row)], expected, atol=1e-5, rtol=1e-5)
        entropy = -(log_all.exp() * log_all).sum(-1)
        torch.testing.assert_close(scores.entropy[place, : len(row)], entropy, atol=1e-5, rtol=1e-5)
        assert not scores.log_probs[place, len(row) :].any()


@pytest.mark.parametrize("other", ["eager", "sdpa"])
def test_attention_on_the_cpu_knows_relative_positions(other: str) -> None:
    """Without them, a model of the T5 family reads a bag of tokens."""
    grouped, plain = tiny_t5(), tiny_t5()
    plain.model.set_attn_implementation(other)
    assert grouped.model.config._attn_implementation == GROUPED
    batches = _batch(grouped)
    torch.testing.assert_close(grouped.log_probs(*batches).log_probs, plain.log_probs(*batches).log_probs)
    turned = [_prompts(grouped)[0][:3][::-1] + _prompts(grouped)[0][3:], *_prompts(grouped)[1:]]
    changed = grouped.log_probs(pad_prompts(turned, 0), batches[1]).log_probs
    assert (changed - grouped.log_probs(*batches).log_probs)[:2].abs().max() > 1e-3


def test_each_prompt_is_encoded_once_for_all_of_its_completions() -> None:
    policy = tiny_t5()
    rows: list[int] = []
    encoder = policy.model.get_encoder()
    encoder.register_forward_hook(lambda _, __, output: rows.append(len(output.last_hidden_state)))
    projected: list[int] = []
    keys = policy.model.decoder.block[0].layer[1].EncDecAttention.k
    keys.register_forward_hook(lambda _, __, output: projected.append(len(output)))
    policy.log_probs(*_batch(policy))
    assert rows == projected == [3]


def _learnt(policy: Policy, batch: tuple[PromptBatch, CompletionBatch]) -> list[Tensor]:
    scores = policy.log_probs(*batch, temperature=0.7, with_entropy=True)
    assert scores.entropy is not None
    gradient = torch.autograd.grad((scores.log_probs**2).sum(), policy.trainable_parameters(), allow_unused=True)
    assert all(g is not None for g in gradient)
    return [scores.log_probs.detach(), scores.entropy, scores.hidden, *gradient]


def _plainly_learnt(policy: Policy) -> list[Tensor]:
    """The same, from one completion after another."""
    rows = []
    for row, i in zip(ROWS, OF, strict=True):
        log_all = torch.log_softmax(_plain(policy.model, _prompts(policy)[i], row) / 0.7, -1)
        rows.append(log_all.gather(-1, torch.tensor(row)[:, None])[:, 0])
    loss = torch.stack([(row**2).sum() for row in rows]).sum()
    return list(torch.autograd.grad(loss, policy.trainable_parameters()))


@pytest.mark.parametrize("options", [{"lora_layers": 1}, {"lora_layers": 3}, {"training": "full"}])
def test_gradients_are_those_of_plain_forward_passes(folder: Path, options: dict[str, Any]) -> None:
    policy = _load(folder, **options)
    found = _learnt(policy, _batch(policy))[3:]
    for one, other in zip(found, _plainly_learnt(policy), strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("layers", "stacks"), [(1, {"decoder"}), (2, {"decoder"}), (3, {"encoder", "decoder"})])
def test_the_last_layers_are_those_of_the_decoder_and_a_frozen_encoder_runs_once(
    folder: Path, layers: int, stacks: set[str]
) -> None:
    policy = _load(folder, lora_layers=layers)
    names = {n.split("base_model.model.")[1] for n in policy.trainable_state()}
    assert {n.split(".")[0] for n in names} == stacks
    assert len({".".join(n.split(".")[:3]) for n in names}) == layers
    assert {n.split(".")[-4] for n in names} == {"q", "k", "v", "o", "wi", "wo"}
    plain = _batch(policy)
    kept = policy.with_frozen_states(*plain)
    assert (kept[0].frozen_states is not None) == (stacks == {"decoder"})
    for expected, found in zip(_learnt(policy, plain), _learnt(policy, kept), strict=True):
        torch.testing.assert_close(found, expected)


def test_the_reference_model_is_the_model_before_training(folder: Path) -> None:
    for options in ({"lora_layers": None}, {"training": "full"}):
        policy = _load(folder, **options)
        expected = tiny_t5().log_probs(*_batch(policy)).log_probs
        with policy.reference() as model:
            torch.testing.assert_close(policy.log_probs(*_batch(policy), model=model).log_probs, expected)
        assert (policy.log_probs(*_batch(policy)).log_probs - expected).abs().max() > 1e-2


def test_the_sampler_is_the_policy_with_its_adapter_merged(folder: Path) -> None:
    policy = _load(folder, lora_layers=None)
    found = policy.log_probs(*_batch(policy), model=policy.sampler()).log_probs
    torch.testing.assert_close(found, policy.log_probs(*_batch(policy)).log_probs, atol=1e-4, rtol=1e-4)


def test_all_weights_have_the_type_asked_for(folder: Path) -> None:
    """transformers keeps a part of a T5 in float32 where float16 would overflow; bfloat16 has the range of float32."""
    for dtype, wanted in (("bfloat16", torch.bfloat16), ("float32", torch.float32)):
        policy = _load(folder, dtype=dtype)
        assert {p.dtype for n, p in policy.model.named_parameters() if "lora_" not in n} == {wanted}
        assert policy.log_probs(*_batch(policy)).log_probs.isfinite().all()
    fast = torch.bfloat16 if has_bfloat16_products() else torch.float32
    assert Policy.load_for_sampling(str(folder)).model.dtype == fast


def test_a_prompt_of_another_kind_of_model_is_refused() -> None:
    policy = tiny_t5()
    for prompts in (encode_prompts(policy.tokenizer, [PROMPT, SHORT]), pad_prompts([[5, 6, 7], [0, 5]], 0)):
        with pytest.raises(ModelError, match="a prompt without the decoder's start token"):
            policy.log_probs(prompts, pad_completions(ROWS[:2], [0, 1], 0))


def test_a_prompt_without_a_text_is_the_end_of_a_text() -> None:
    policy = tiny_t5()
    policy.tokenizer.backend_tokenizer.post_processor = None
    assert policy.kind.prompt_ids(policy.tokenizer, " \n") == [1, 0]


@pytest.mark.parametrize(("layer", "index"), [(0.0, 0), (0.5, 1), (1.0, 2)])
def test_a_judge_reads_the_decoders_states_and_asks_for_what_fills_the_gap(layer: float, index: int) -> None:
    policy, texts = tiny_t5(), ["a;}}", "a + a + b;}}", ""]
    reader = TokenReader(lambda: nullcontext(policy.model), policy.tokenizer, layer)
    spans = policy.kind.span_tokens(policy.tokenizer)
    assert spans is not None
    prompt = spans.prompt_ids(policy.tokenizer(PROMPT, add_special_tokens=False)["input_ids"])
    read = torch.tensor([prompt[:-2]])
    for text, found in zip(texts, reader.read(PROMPT, texts), strict=True):
        row = policy.tokenizer(text, add_special_tokens=False)["input_ids"] or [1]
        with torch.no_grad():
            decoder = torch.tensor([[*prompt[-2:], *row]])
            output = policy.model(input_ids=read, decoder_input_ids=decoder, output_hidden_states=True)
        log_all = torch.log_softmax(output.logits[0, 1:-1], -1)
        expected = log_all.gather(-1, torch.tensor(row)[:, None])[:, 0]
        torch.testing.assert_close(found.log_probs, expected, atol=1e-5, rtol=1e-4)
        states = torch.nn.functional.normalize(output.decoder_hidden_states[index][0, 2:], dim=-1)
        torch.testing.assert_close(found.states, states, atol=1e-5, rtol=1e-4)


def test_a_judge_asks_a_model_without_gaps_to_go_on() -> None:
    policy = tiny_t5(gaps=False)
    [found] = TokenReader(lambda: nullcontext(policy.model), policy.tokenizer, 1.0).read(PROMPT, ["a;}}"])
    row = policy.tokenizer("a;}}", add_special_tokens=False)["input_ids"]
    batch = pad_prompts([policy.kind.prompt_ids(policy.tokenizer, PROMPT)], 0), pad_completions([row], [0], 0)
    torch.testing.assert_close(found.log_probs, policy.log_probs(*batch).log_probs[0].detach(), atol=1e-5, rtol=1e-4)
