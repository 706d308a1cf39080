"""What a model computes at each token of completions, read after a prompt."""

from contextlib import nullcontext

import pytest
import torch
from transformers import MambaConfig, MambaForCausalLM

from rlcf.models import causal_states
from rlcf.models.batches import encode_completions, encode_prompts, pad_completions, prompt_ids
from rlcf.models.causal import CAUSAL
from rlcf.models.log_probs import CausalLogProbs
from rlcf.models.token_states import MAX_COMPLETION, TokenReader
from tests.tiny import PROMPT, tiny_policy

TEXTS = ["a;}}", "a + a;}}", "b;}}"]


def test_log_probabilities_are_those_of_the_policy() -> None:
    policy = tiny_policy()
    read = TokenReader(policy.reference, policy.tokenizer, 0.5).read(PROMPT, TEXTS)
    token_ids = encode_completions(policy.tokenizer, [PROMPT] * 3, TEXTS, [False] * 3)
    completions = pad_completions(token_ids, [0] * 3, policy.tokenizer.pad_token_id)
    with policy.reference() as model:
        expected = policy.log_probs(encode_prompts(policy.tokenizer, [PROMPT]), completions, model=model).log_probs
    for one, ids, wanted in zip(read, token_ids, expected, strict=True):
        torch.testing.assert_close(one.log_probs, wanted[: len(ids)], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(("layer", "index"), [(0.0, 0), (0.5, 1), (1.0, 2)])
def test_states_are_those_of_the_layer_asked_for_as_unit_vectors(layer: float, index: int) -> None:
    policy = tiny_policy()
    [read] = TokenReader(lambda: nullcontext(policy.model), policy.tokenizer, layer).read(PROMPT, TEXTS[:1])
    shown = prompt_ids(policy.tokenizer, PROMPT)
    [written] = encode_completions(policy.tokenizer, [PROMPT], TEXTS[:1], [False])
    with torch.no_grad():
        whole = policy.model(torch.tensor([shown + written]), output_hidden_states=True)
    expected = torch.nn.functional.normalize(whole.hidden_states[index][0, len(shown) :], dim=-1)
    torch.testing.assert_close(read.states, expected, atol=1e-5, rtol=1e-4)


def test_no_completion_sees_another_and_the_same_are_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tiny_policy()
    reader = TokenReader(policy.reference, policy.tokenizer, 0.5)
    together = reader.read(PROMPT, TEXTS)
    again = reader.read(PROMPT, TEXTS)
    alone = [reader.read(PROMPT, [text])[0] for text in TEXTS]
    monkeypatch.setattr(causal_states, "_TOGETHER", 9)
    in_parts = reader.read(PROMPT, TEXTS)
    for one, same, *others in zip(together, again, alone, in_parts, strict=True):
        assert torch.equal(one.states, same.states)
        assert torch.equal(one.log_probs, same.log_probs)
        for other in others:
            torch.testing.assert_close(one.states, other.states, atol=1e-5, rtol=1e-4)
            torch.testing.assert_close(one.log_probs, other.log_probs, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("layer", [0.5, 1.0])
def test_a_batch_of_prompts_is_read_as_each_is_alone(layer: float, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = tiny_policy()
    asked = [
        ([5, 6, 7], [[1, 2], [3], [4, 5, 6, 7]]),
        ([8], [[9, 1, 2]]),
        ([3, 4], [[2, 2, 2], [7, 8]]),
    ]
    monkeypatch.setattr(causal_states, "_BATCH", 2)
    with torch.no_grad():
        batched = causal_states.read_batch(CausalLogProbs(policy.model), asked, policy.tokenizer.eos_token_id, layer)
        for (shown, written), together in zip(asked, batched, strict=True):
            for ids, one in zip(written, together, strict=True):
                [alone] = CAUSAL.state_reader(policy.tokenizer).read(policy.model, shown, [ids], layer)
                torch.testing.assert_close(one.states, alone.states, atol=1e-5, rtol=1e-4)
                torch.testing.assert_close(one.log_probs, alone.log_probs, atol=1e-5, rtol=1e-4)


def test_a_model_that_remembers_what_it_read_before_reads_completions_one_by_one() -> None:
    torch.manual_seed(0)
    tokenizer = tiny_policy().tokenizer
    config = MambaConfig(vocab_size=len(tokenizer), hidden_size=16, state_size=4, num_hidden_layers=2)
    model = MambaForCausalLM(config).eval()
    reader = TokenReader(lambda: nullcontext(model), tokenizer, 1.0)
    for text, one in zip(TEXTS, reader.read(PROMPT, TEXTS), strict=True):
        [alone] = reader.read(PROMPT, [text])
        torch.testing.assert_close(one.states, alone.states)
        torch.testing.assert_close(one.log_probs, alone.log_probs)


def test_an_empty_completion_is_read_as_the_end_of_the_text_and_a_long_one_is_cut() -> None:
    policy = tiny_policy()
    empty, long = TokenReader(policy.reference, policy.tokenizer, 0.5).read(PROMPT, ["", "a " * 1000])
    assert (len(empty.log_probs), len(long.log_probs)) == (1, MAX_COMPLETION)
