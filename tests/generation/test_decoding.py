"""Sampling: where a sample ends, and what its randomness depends on."""

from __future__ import annotations

import torch
from tokenizers.processors import TemplateProcessing

from rlcf.generation.decoding import SamplingOptions, sample_groups, seeded
from rlcf.languages.registry import load_language
from rlcf.models.batches import encode_prompts, pad_completions, prompt_ids, trailing_space
from tests.tiny import PROMPT, tiny_policy

JAVA = load_language("java")


def _sample(prompts: list[str], group: int, seed: int = 0, **options: float) -> list[list[str]]:
    groups = sample_groups(
        tiny_policy(),
        prompts,
        group,
        JAVA.program_end,
        JAVA.end_marks,
        SamplingOptions(**{"max_new_tokens": 6, **options}),  # type: ignore[arg-type]
        seeded(seed),
    )
    return [[s.text for s in g] for g in groups]


def test_a_finished_sample_ends_where_its_program_ends() -> None:
    policy = tiny_policy()
    [group] = sample_groups(
        policy, [PROMPT], 64, JAVA.program_end, JAVA.end_marks, SamplingOptions(max_new_tokens=6), seeded(0)
    )
    finished = [s for s in group if s.finished]
    assert finished
    assert all(JAVA.program_end(PROMPT, s.text) == len(s.text) for s in finished)
    assert all(JAVA.program_end(PROMPT, s.text) is None for s in group if not s.finished)


def test_the_same_seed_gives_the_same_samples_and_another_seed_others() -> None:
    assert _sample([PROMPT], 16, seed=1) == _sample([PROMPT], 16, seed=1)
    assert _sample([PROMPT], 16, seed=1) != _sample([PROMPT], 16, seed=2)


def test_the_samples_of_a_seed_are_those_of_plain_decoding() -> None:
    """Whole texts without a cache, one row after another: training's trajectories hang on these very draws."""
    policy, limit, temperature = tiny_policy(), 6, 0.8
    generator, rows = seeded(4), [policy.tokenizer(PROMPT)["input_ids"] for _ in range(5)]
    start, live, texts = len(rows[0]), list(range(5)), [""] * 5
    for _ in range(limit):
        for row, number in zip(list(live), torch.rand(len(live), 1, generator=generator), strict=True):
            with torch.no_grad():
                logits = policy.model(torch.tensor([rows[row]])).logits[0, -1]
            cumulative = torch.softmax(logits / temperature, -1).cumsum(-1)
            token = int((cumulative > number * cumulative[-1]).nonzero()[0])
            rows[row].append(token)
            text = policy.tokenizer.decode(rows[row][start:], skip_special_tokens=True).strip()
            end = JAVA.program_end(PROMPT, text)
            texts[row] = text[:end]
            if token == policy.tokenizer.eos_token_id or end is not None:
                live.remove(row)
    assert _sample([PROMPT], 5, seed=4, max_new_tokens=limit, temperature=temperature) == [texts]


def test_the_smallest_nucleus_is_the_most_probable_token() -> None:
    assert _sample([PROMPT], 3, top_p=0.0) == _sample([PROMPT], 3, temperature=0.0)


def test_a_longer_neighbour_does_not_change_what_the_model_says() -> None:
    """Padding must be invisible: greedy samples of two prompts, alone and together."""
    short = "class A { static int f "
    together = _sample([short, PROMPT], 1, temperature=0.0)
    assert together == [_sample([short], 1, temperature=0.0)[0], _sample([PROMPT], 1, temperature=0.0)[0]]


def test_scores_are_those_of_the_whole_text_read_in_one_go() -> None:
    """The prompt is read once for its group and its keys are shared; the result must not know."""
    policy = tiny_policy()
    rows = [[5, 6, 7], [8, 14], [9, 10, 11, 12]]
    prompts = encode_prompts(policy.tokenizer, [PROMPT, "class A { "])
    with torch.no_grad():
        scores = policy.score(prompts, pad_completions(rows, [0, 0, 1], 0), temperature=0.7, with_entropy=True)
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
