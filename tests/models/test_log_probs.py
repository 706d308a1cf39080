"""What scoring saves itself must not change what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from transformers import Gemma2Config, Gemma2ForCausalLM

from rlcf.config import PolicyConfig
from rlcf.models.batches import CompletionBatch, PromptBatch, encode_prompts, pad_completions, select_completions
from rlcf.models.head import from_logits, token_log_probs
from rlcf.models.log_probs import CausalLogProbs
from rlcf.models.policy import Policy
from tests.tiny import PROMPT, tiny_policy
from tests.training.batches import shake

ROWS = [[5, 6, 7], [8, 14], [9, 10, 11, 12], [3]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    tiny_policy().save(folder)
    return folder


@pytest.fixture
def policy(folder: Path) -> Policy:
    """With an adapter on the upper one of its two layers."""
    policy = Policy.load(PolicyConfig(model=str(folder), lora_rank=4, lora_layers=1, dtype="float32"), device="cpu")
    shake(policy)
    return policy


def _batch(policy: Policy, *prompts: str) -> tuple[PromptBatch, CompletionBatch]:
    return encode_prompts(policy.tokenizer, prompts), pad_completions(ROWS, [0, 0, 1, 1], 0)


def _learnt(policy: Policy, batch: tuple[PromptBatch, CompletionBatch]) -> list[Tensor]:
    """Log-probabilities, entropies, hidden states, and the gradient that a loss on the first gives."""
    scores = policy.log_probs(*batch, temperature=0.7, with_entropy=True)
    assert scores.entropy is not None
    gradient = torch.autograd.grad((scores.log_probs**2).sum(), policy.trainable_parameters())
    return [scores.log_probs.detach(), scores.entropy, scores.hidden, *gradient]


@pytest.mark.parametrize("second", ["class A {", "class A { static int f ( int a ) {"])
def test_keeping_the_lower_layers_work_changes_neither_scores_nor_gradients(policy: Policy, second: str) -> None:
    plain = _batch(policy, PROMPT, second)
    kept = policy.with_frozen_states(*plain)
    assert kept[1].frozen_states is not None
    for expected, found in zip(_learnt(policy, plain), _learnt(policy, kept), strict=True):
        torch.testing.assert_close(found, expected)
    rows = torch.tensor([3, 1])
    for expected, found in zip(
        _learnt(policy, select_completions(*plain, rows)), _learnt(policy, select_completions(*kept, rows)), strict=True
    ):
        torch.testing.assert_close(found, expected)


def test_the_reference_model_reads_what_the_lower_layers_left_as_well(policy: Policy) -> None:
    plain = _batch(policy, PROMPT, "class A {")
    with policy.reference() as model:
        expected = policy.log_probs(*plain, model=model).log_probs
        found = policy.log_probs(*policy.with_frozen_states(*plain), model=model).log_probs
    torch.testing.assert_close(found, expected)
    assert (policy.log_probs(*plain).log_probs - expected).abs().max() > 1e-3


def test_a_prompt_of_one_token_has_nothing_to_keep(policy: Policy) -> None:
    plain = encode_prompts(policy.tokenizer, ["class"]), pad_completions(ROWS[:2], [0, 0], 0)
    for expected, found in zip(_learnt(policy, plain), _learnt(policy, policy.with_frozen_states(*plain)), strict=True):
        torch.testing.assert_close(found, expected)


def test_the_layers_are_as_they_were_when_a_pass_fails(policy: Policy) -> None:
    plain = _batch(policy, PROMPT, "class A {")
    expected = _learnt(policy, plain)
    too_far = pad_completions([[10_000, 5]], [0], 0)
    with pytest.raises(IndexError):
        policy.with_frozen_states(plain[0], too_far)
    for before, after in zip(expected, _learnt(policy, plain), strict=True):
        torch.testing.assert_close(after, before)


def test_where_all_layers_learn_nothing_is_kept() -> None:
    policy = tiny_policy()
    batch = _batch(policy, PROMPT, "class A {")
    assert policy.with_frozen_states(*batch)[1].frozen_states is None


@pytest.mark.parametrize("bias", [False, True])
def test_the_frozen_output_layer_gives_what_autograd_gives(bias: bool) -> None:
    torch.manual_seed(0)
    head = nn.Linear(8, 50, bias=bias).requires_grad_(False)
    ids = torch.randint(50, (300,))
    weights = torch.randn(300)

    def learnt(log_probs_of: Callable[[Tensor], tuple[Tensor, Tensor | None]]) -> list[Tensor]:
        hidden = torch.randn(300, 8, generator=torch.Generator().manual_seed(1), requires_grad=True)
        log_probs, entropy = log_probs_of(hidden)
        (log_probs * weights).sum().backward()  # type: ignore[no-untyped-call]
        assert entropy is not None
        assert hidden.grad is not None
        return [log_probs.detach(), entropy, hidden.grad]

    expected = learnt(lambda hidden: from_logits(head(hidden), ids, 0.6, with_entropy=True))
    found = learnt(lambda hidden: token_log_probs(hidden, head, ids, 0.6, with_entropy=True))
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)


def test_an_output_layer_that_does_more_than_multiply_is_not_taken_for_a_plain_one() -> None:
    """Gemma 2 squashes its logits, and some of its layers see a window only."""
    torch.manual_seed(0)
    config = Gemma2Config(
        vocab_size=20,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        final_logit_softcapping=0.5,
        pad_token_id=0,
    )
    model = CausalLogProbs(Gemma2ForCausalLM(config).eval())
    assert not model.has_plain_head
    assert model.frozen_layers is None
    prompts = PromptBatch(torch.tensor([[2, 3]]), torch.ones(1, 2, dtype=torch.long))
    with torch.no_grad():
        found = model.log_probs(prompts, pad_completions([[4, 5]], [0], 0), 1.0, with_entropy=False).log_probs
        logits = model.model(torch.tensor([[2, 3, 4, 5]])).logits[:, 1:3]
    expected = torch.log_softmax(logits, -1).gather(-1, torch.tensor([[[4], [5]]])).squeeze(-1)
    torch.testing.assert_close(found, expected)
