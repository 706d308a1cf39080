"""Batches of prompts and completions, as a model reads them."""

from __future__ import annotations

import torch
from tokenizers.processors import TemplateProcessing

from rlcf.models.batches import encode_prompts, pad_completions, prompt_ids, trailing_space
from tests.tiny import PROMPT, tiny_policy


def test_scores_are_those_of_the_whole_text_read_in_one_go() -> None:
    """The prompt is computed a single time for its group and its keys are shared: the result must be the same."""
    policy = tiny_policy()
    rows = [[5, 6, 7], [8, 14], [9, 10, 11, 12]]
    prompts = encode_prompts(policy.tokenizer, [PROMPT, "class A { "])
    with torch.no_grad():
        scores = policy.log_probs(prompts, pad_completions(rows, [0, 0, 1], 0), temperature=0.7, with_entropy=True)
        for i, (row, prompt) in enumerate(zip(rows, [PROMPT, PROMPT, "class A {"], strict=True)):
            ids = policy.tokenizer(prompt.rstrip())["input_ids"]
            logits = policy.model(torch.tensor([ids + row])).logits[0] / 0.7
            log_probs = torch.log_softmax(logits, -1)[len(ids) - 1 : -1]
            expected = log_probs.gather(-1, torch.tensor(row)[:, None]).squeeze(-1)
            torch.testing.assert_close(scores.log_probs[i, : len(row)], expected, atol=1e-5, rtol=1e-4)
            entropy = -(log_probs.exp() * log_probs).sum(-1)
            assert scores.entropy is not None
            torch.testing.assert_close(scores.entropy[i, : len(row)], entropy, atol=1e-5, rtol=1e-4)
            assert scores.log_probs[i, len(row) :].abs().sum() == 0


def test_the_white_space_at_a_prompts_end_is_not_shown_to_the_model() -> None:
    policy = tiny_policy()
    assert trailing_space("f() {\n    ") == "\n    "
    with_space = encode_prompts(policy.tokenizer, ["class A { \n"])
    assert with_space.ids.tolist() == encode_prompts(policy.tokenizer, ["class A {"]).ids.tolist()


def test_a_prompt_begins_as_the_models_texts_begin_and_is_left_open() -> None:
    tokenizer = tiny_policy().tokenizer
    plain = prompt_ids(tokenizer, "class A {")
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<pad> $A <eos>", special_tokens=[("<pad>", 0), ("<eos>", 1)]
    )
    assert prompt_ids(tokenizer, "class A {") == [0, *plain]


def test_an_empty_prompt_is_the_beginning_of_a_text() -> None:
    assert prompt_ids(tiny_policy().tokenizer, " \n") == [1]
