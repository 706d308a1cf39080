"""Span infilling: an encoder-decoder is shown prefix and suffix with a gap between them, and writes what fills it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from tokenizers import AddedToken, processors

from rlcf.errors import ConfigError
from rlcf.generation.engine import Request, SamplingParams
from rlcf.generation.prompts import Prompting, completion_ids, fit_prompts
from rlcf.generation.sampling import task_request
from rlcf.generation.stopping import StopConditions, program_stop
from rlcf.generation.torch_engine import TorchEngine
from rlcf.languages.registry import load_language
from rlcf.models.attention import GROUPED
from rlcf.models.encoder_decoder import EncoderDecoder
from rlcf.models.policy import Policy
from rlcf.records import Task
from tests.fim_tokenizers import byte_level, qwen
from tests.tiny import PROMPT, TASK, tiny_t5

JAVA = load_language("java")
SUFFIX = " static int g ( ) { return 1; } }"
KIND = EncoderDecoder(start=7)
PREFIX = "class Scale {\n    int of(int x) {\n"
AFTER = "\n\n    int twice(int x) {\n        return of(x);\n    }\n}\n"


def codet5(sentinels: int = 3) -> Any:
    """As of CodeT5: a byte-level tokenizer that begins and ends each text, with sentinels in descending order."""
    names = [f"<extra_id_{i}>" for i in reversed(range(sentinels))]
    tokenizer = byte_level([AddedToken(n, special=True, normalized=False, lstrip=True) for n in names], "</s>", "<s>")
    special = [(token, tokenizer.convert_tokens_to_ids(token)) for token in ("<s>", "</s>")]
    template = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=special)
    tokenizer.backend_tokenizer.post_processor = template
    return tokenizer


def _tokens(tokenizer: Any, prompt: str, suffix: str = "", **options: Any) -> list[str]:
    ids = Prompting(kind=KIND, **options).prompt(tokenizer, Task("t", prompt, suffix=suffix)).ids
    assert ids.count(KIND.start) == 1
    return [tokenizer.decode([i]) if i != KIND.start else "START" for i in ids]


def test_the_encoder_reads_prefix_and_suffix_and_the_decoder_begins_with_the_gap() -> None:
    tokenizer = codet5()
    prompt = Prompting(kind=KIND).prompt(tokenizer, Task("t", PREFIX, suffix=AFTER))
    text = f"{PREFIX.rstrip()}<extra_id_0>{AFTER}"
    read = [*tokenizer(text)["input_ids"]]
    assert [tokenizer.decode(i) for i in (read[0], read[-1])] == ["<s>", "</s>"]
    # A text that is tokenized as a whole loses the white space on the left of a mark; here there is none.
    assert list(prompt.ids) == [*read, 7, tokenizer.convert_tokens_to_ids("<extra_id_0>")]
    assert prompt.fim is not None
    assert prompt.fim.end == tokenizer.convert_tokens_to_ids("<extra_id_1>")
    assert prompt.end_ids == {tokenizer.convert_tokens_to_ids(f"<extra_id_{i}>") for i in range(3)}


@pytest.mark.parametrize("suffix", ["", " \n"])
def test_without_a_suffix_the_text_ends_in_the_gap(suffix: str) -> None:
    assert "".join(_tokens(codet5(), "x {\n", suffix)) == "<s>x {<extra_id_0></s>START<extra_id_0>"


def test_examples_are_shown_before_a_prompt_that_ends_in_the_gap() -> None:
    tokens = _tokens(codet5(), "x {", AFTER, examples="A {}\n")
    assert "".join(tokens) == "<s>A {}\n\nx {<extra_id_0></s>START<extra_id_0>"


def test_of_a_long_suffix_the_first_lines_are_shown() -> None:
    shown = "".join(_tokens(codet5(), "x {", "int y;\n" * 400))
    assert 20 < shown.count("int y;\n") < 150
    assert shown.endswith("int y;\n</s>START<extra_id_0>")


@pytest.mark.parametrize(("tokenizer", "options"), [(codet5(), {"fim": "off"}), (codet5(1), {}), (qwen(), {})])
def test_otherwise_the_encoder_reads_the_prompt_alone(tokenizer: Any, options: dict[str, Any]) -> None:
    """Switched off, with the first mark only, and with the marks of a decoder-only model."""
    prompt = Prompting(kind=KIND, **options).prompt(tokenizer, Task("t", PREFIX, suffix=AFTER))
    assert list(prompt.ids) == [*tokenizer(PREFIX.rstrip())["input_ids"], 7]
    assert prompt.fim is None


def test_a_decoder_only_model_is_not_asked_so() -> None:
    """Tokenizers of some have these tokens for other ends."""
    tokenizer = codet5()
    prompt = Prompting().prompt(tokenizer, Task("t", PREFIX, suffix=AFTER))
    assert list(prompt.ids) == tokenizer(PREFIX.rstrip())["input_ids"][:-1]


@pytest.mark.parametrize(("fim", "end"), [("auto", "<extra_id_1>"), ("off", "</s>")])
def test_a_completion_is_what_the_decoder_writes_and_the_next_mark_ends_it(fim: Any, end: str) -> None:
    tokenizer, task = codet5(), Task("t", PREFIX, suffix=AFTER)
    prompt = Prompting(kind=KIND, fim=fim).prompt(tokenizer, task)
    open_ended, ended = (completion_ids(tokenizer, task, prompt, "        return x;", ends) for ends in (False, True))
    assert tokenizer.decode(open_ended) == "\n        return x;"  # the white space that the prompt was shown without
    assert [*open_ended, tokenizer.convert_tokens_to_ids(end)] == ended


def test_a_question_needs_a_chat_template_and_is_followed_by_the_start_token() -> None:
    tokenizer = codet5()
    with pytest.raises(ConfigError, match="no chat template"):
        Prompting(chat=True, kind=KIND).prompt(tokenizer, TASK)
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}</s>"
    ids = Prompting(chat=True, kind=KIND).prompt(tokenizer, TASK).ids
    assert ids[-2:] == (tokenizer.eos_token_id, 7)


def test_prompts_are_not_cut_for_a_model_without_a_longest_text() -> None:
    policy, task = tiny_t5(), Task("t", "class A {\n" * 2000)
    assert fit_prompts(policy.model, policy.tokenizer, [task], 64, Prompting(kind=policy.kind)) == ([task], 0)


def _requests(policy: Policy, count: int) -> list[Request]:
    """Of tasks with a suffix, without one, and without a gap: the decoder is given one token or two."""
    tasks = [replace(TASK, suffix=SUFFIX), TASK, replace(TASK, prompt=PROMPT + "a + "), TASK]
    modes: list[Any] = ["auto", "auto", "auto", "off"]
    return [
        task_request(task, Prompting(kind=policy.kind, fim=fim).prompt(policy.tokenizer, task), seed)
        for seed in range(count)
        for task, fim in zip(tasks, modes, strict=True)
    ]


def test_a_request_draws_the_same_whatever_the_decoders_of_its_batch_are_given() -> None:
    policy, params = tiny_t5(), SamplingParams(max_new_tokens=8)
    requests, stop = _requests(policy, 12), program_stop(policy, JAVA)
    together = TorchEngine(policy).generate(requests, params, stop)
    assert together == [TorchEngine(policy).generate([request], params, stop)[0] for request in requests]
    assert len({s.text for s in together}) > 8


@pytest.mark.parametrize("attention", [GROUPED, "sdpa"])
def test_the_samples_of_a_seed_are_those_of_plain_decoding(attention: str) -> None:
    """Whole texts without a cache, longer than a block of it, one request after another; on a CPU and elsewhere."""
    policy, params, tokenizer = tiny_t5(), SamplingParams(max_new_tokens=70, temperature=0.8), tiny_t5().tokenizer
    policy.model.set_attn_implementation(attention)
    requests = [replace(request, end_ids=frozenset()) for request in _requests(policy, 1)]
    samples = TorchEngine(policy).generate(requests, params, StopConditions(frozenset()))
    assert {len(sample.token_ids) for sample in samples} == {70}
    for request, sample in zip(requests, samples, strict=True):
        start = max(i for i, token in enumerate(request.prompt_ids) if token == 0)
        read, ids = torch.tensor([request.prompt_ids[:start]]), list(request.prompt_ids[start:])
        generator = torch.Generator().manual_seed(request.seed)
        for token, number in zip(sample.token_ids, torch.rand(70, generator=generator), strict=False):
            with torch.no_grad():
                logits = policy.model(input_ids=read, decoder_input_ids=torch.tensor([ids])).logits[0, -1]
            cumulative = torch.softmax(logits / params.temperature, -1).cumsum(-1)
            assert int((cumulative > number * cumulative[-1]).nonzero()[0]) == token
            ids.append(token)
        assert "<extra_id" not in sample.text
        assert tokenizer.decode(sample.token_ids, skip_special_tokens=True).lstrip().startswith(sample.text)


def test_the_next_mark_ends_a_sample_and_is_not_in_its_text() -> None:
    policy = tiny_t5()
    requests = [request for request in _requests(policy, 60) if request.end_ids]
    samples = TorchEngine(policy).generate(requests, SamplingParams(max_new_tokens=8), program_stop(policy, JAVA))
    ends = policy.tokenizer.convert_tokens_to_ids(["<extra_id_0>", "<extra_id_1>"])
    ended = [(q, s) for q, s in zip(requests, samples, strict=True) if s.token_ids[-1] in ends]
    assert ended
    for request, sample in ended:
        assert not {*sample.token_ids[:-1]} & {*ends}
        assert sample.finished == bool(request.suffix)
        assert "extra_id" not in sample.text
