"""Fill-in-the-middle prompts: the forms of the models that can read them, and what of a file they show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import rlcf
from rlcf.generation.fim import SUFFIX_TOKENS, fim_tokens
from rlcf.generation.prompts import Prompting, check_room, completion_ids, editor_prompt, fit_prompts
from rlcf.models.batches import inner_ids, prompt_ids
from rlcf.models.loading import load_tokenizer
from rlcf.records import Task
from tests.fim_tokenizers import FIM_TOKENIZERS, plain, qwen
from tests.tiny import tiny_policy

PREFIX = "class Scale {\n    int of(int x) {\n"
SUFFIX = "\n\n    int twice(int x) {\n        return of(x);\n    }\n}\n"
TASK = Task("t", PREFIX, suffix=SUFFIX, canonical_solution="        return x;\n    }")
PUBLISHED = {
    "qwen": "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>",
    "starcoder": "<fim_prefix>{prefix}<fim_suffix>{suffix}<fim_middle>",
    "codellama": "▁<PRE> {prefix}▁<SUF>{suffix}▁<MID>",
    "deepseek": "<｜fim▁begin｜>{prefix}<｜fim▁hole｜>{suffix}<｜fim▁end｜>",
}
OF_EACH_FORM = pytest.mark.parametrize("form", FIM_TOKENIZERS)


def _plain_ids(tokenizer: Any, prompt: str) -> tuple[int, ...]:
    return tuple(prompt_ids(tokenizer, prompt))


@OF_EACH_FORM
def test_the_prompt_is_what_the_authors_of_the_model_publish(form: str) -> None:
    tokenizer = FIM_TOKENIZERS[form]()
    text = PUBLISHED[form].format(prefix=PREFIX.rstrip(), suffix=SUFFIX)
    prompt = Prompting().prompt(tokenizer, TASK)
    assert list(prompt.ids) == tokenizer(text)["input_ids"]
    marks = [tokenizer.convert_ids_to_tokens(i) for i in prompt.ids if i in prompt.end_ids]
    assert len(marks) == 3
    begins = tokenizer.bos_token_id is not None
    assert (prompt.ids[0] == tokenizer.bos_token_id) == begins == (form in ("codellama", "deepseek"))


@OF_EACH_FORM
@pytest.mark.parametrize("text", ["        return x;\n    }", "\n\n", " x", "x + 1;"])
def test_the_tokens_of_a_completion_are_those_after_the_mark_of_the_middle(form: str, text: str) -> None:
    tokenizer = FIM_TOKENIZERS[form]()
    prompt = Prompting().prompt(tokenizer, TASK)
    whole = tokenizer(PUBLISHED[form].format(prefix=PREFIX.rstrip(), suffix=SUFFIX) + "\n" + text)["input_ids"]
    assert [*prompt.ids, *completion_ids(tokenizer, TASK, prompt, text, ends=False)] == whole


@pytest.mark.parametrize(
    ("tokenizer", "end"),
    [
        (qwen(), "<|endoftext|>"),
        (qwen(eos="<|im_end|>"), "<|endoftext|>"),
        (FIM_TOKENIZERS["starcoder"](), "<|endoftext|>"),
        (FIM_TOKENIZERS["codellama"](), "▁<EOT>"),
        (FIM_TOKENIZERS["deepseek"](), "<｜end▁of▁sentence｜>"),
    ],
)
def test_a_completion_without_a_closing_mark_ends_as_a_middle_does_in_training(tokenizer: Any, end: str) -> None:
    prompt = Prompting().prompt(tokenizer, TASK)
    open_ended, ended = (completion_ids(tokenizer, TASK, prompt, "x;", ends) for ends in (False, True))
    assert ended == [*open_ended, tokenizer.convert_tokens_to_ids(end)]
    assert ended[-1] in prompt.end_ids


@pytest.mark.parametrize(
    ("form", "ends"),
    [
        ("qwen", {"<|endoftext|>", "<|fim_pad|>", "<|file_sep|>"}),
        ("starcoder", {"<|endoftext|>", "<fim_pad>", "<file_sep>", "<repo_name>"}),
        ("codellama", {"▁<EOT>"}),
        ("deepseek", {"<｜end▁of▁sentence｜>", "<|EOT|>"}),
    ],
)
def test_tokens_that_stand_between_texts_and_the_marks_themselves_end_a_middle(form: str, ends: set[str]) -> None:
    tokenizer = FIM_TOKENIZERS[form]()
    tokens = fim_tokens(tokenizer)
    assert tokens is not None
    names = {tokenizer.convert_ids_to_tokens(i) for i in tokens.end_ids - {tokens.prefix, tokens.suffix, tokens.middle}}
    assert names == ends
    assert len(tokens.end_ids) == len(ends) + 3


def test_a_tokenizer_without_marks_gets_the_prompt_alone() -> None:
    tokenizer = plain()
    prompt = Prompting().prompt(tokenizer, TASK)
    assert fim_tokens(tokenizer) is None
    assert prompt.ids == _plain_ids(tokenizer, PREFIX)
    assert prompt.end_ids == frozenset()


@OF_EACH_FORM
@pytest.mark.parametrize("suffix", ["", "\n", " \n\t\n"])
def test_a_task_that_nothing_follows_gets_the_prompt_alone(form: str, suffix: str) -> None:
    tokenizer = FIM_TOKENIZERS[form]()
    prompt = Prompting().prompt(tokenizer, replace(TASK, suffix=suffix))
    assert prompt.ids == _plain_ids(tokenizer, PREFIX)
    assert prompt.end_ids == frozenset()


@pytest.mark.parametrize("prompting", [Prompting(fim="off"), Prompting("class A { }\n")])
def test_it_can_be_switched_off_and_few_shot_prompts_go_without(prompting: Prompting) -> None:
    tokenizer = qwen()
    prompt = prompting.prompt(tokenizer, TASK)
    shown = f"{prompting.examples.rstrip()}\n\n{PREFIX}" if prompting.examples else PREFIX
    assert prompt.ids == _plain_ids(tokenizer, shown)
    assert prompt.fim is None


def test_a_chat_does_not_show_what_follows() -> None:
    tokenizer = qwen()
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    prompt = Prompting(chat=True).prompt(tokenizer, TASK)
    assert prompt.fim is None
    assert "twice" not in tokenizer.decode(prompt.ids)


def _parts(tokenizer: Any, ids: tuple[int, ...]) -> tuple[str, str]:
    """What a fill-in-the-middle prompt shows before and after the completion."""
    tokens = fim_tokens(tokenizer)
    assert tokens is not None
    prefix, suffix, middle = (ids.index(i) for i in (tokens.prefix, tokens.suffix, tokens.middle))
    assert prefix < suffix < middle == len(ids) - 1
    return tokenizer.decode(ids[prefix + 1 : suffix]), tokenizer.decode(ids[suffix + 1 : middle])


@OF_EACH_FORM
def test_of_a_long_suffix_the_first_whole_lines_are_shown(form: str) -> None:
    tokenizer = FIM_TOKENIZERS[form]()
    lines = [f"\n    int of{n}(int x) {{ return x + {n}; }}" for n in range(400)]
    ids = Prompting().prompt(tokenizer, replace(TASK, suffix="".join(lines))).ids
    before, after = _parts(tokenizer, ids)
    assert before == PREFIX.rstrip()
    assert "".join(lines).startswith(after)
    assert after.endswith("\n")
    one_more = "".join(lines)[: "".join(lines).index("\n", len(after)) + 1]
    assert len(inner_ids(tokenizer, after)) <= SUFFIX_TOKENS < len(inner_ids(tokenizer, one_more))


def test_a_suffix_of_which_no_whole_line_fits_is_not_shown() -> None:
    tokenizer = qwen()
    for suffix in ("x + " * 3000, "x + " * 3000 + "\n}\n"):
        assert Prompting().prompt(tokenizer, replace(TASK, suffix=suffix)).ids == _plain_ids(tokenizer, PREFIX)


def test_a_prompt_that_is_too_long_with_what_follows_is_cut_to_its_last_lines() -> None:
    tokenizer, policy = qwen(), tiny_policy()
    policy.model.config.max_position_embeddings = 512
    lines = [f"    int of{n}(int x) {{ return x + {n}; }}\n" for n in range(60)]
    task = replace(TASK, prompt="".join(lines) + PREFIX, suffix="".join(lines))
    [fitted], cut = fit_prompts(policy.model, tokenizer, [task], 64)
    ids = Prompting().prompt(tokenizer, fitted).ids
    check_room(policy.model, "t", ids, 64)
    before, after = _parts(tokenizer, ids)
    assert cut == 1
    assert (fitted.context, fitted.suffix) == (task.context, task.suffix)
    assert before.startswith("    int of")
    assert before.endswith(PREFIX.rstrip())
    assert SUFFIX_TOKENS / 2 < len(inner_ids(tokenizer, after)) <= SUFFIX_TOKENS
    one_more = replace(task, prompt=task.prompt[task.prompt.rindex("\n", 0, -len(fitted.prompt) - 1) + 1 :])
    assert len(Prompting().prompt(tokenizer, one_more).ids) + 64 > 512


@pytest.mark.parametrize("make", [qwen, plain])
def test_an_editor_gets_what_a_mined_task_shows(make: Any) -> None:
    """The prompt of a mined task is the end of the text before the body, within a number of tokens."""
    tokenizer = make()
    before = "".join(f"    int of{n}(int x) {{ return x + {n}; }}\n" for n in range(60)) + PREFIX
    shown = before[before.index("    int of57") :]
    tokens = len(tokenizer(shown)["input_ids"])
    for spare in (0, 5):
        prompt = rlcf.editor_prompt(tokenizer, before, SUFFIX, tokens + spare)
        assert prompt == Prompting().prompt(tokenizer, Task("t", shown, prefix=before, suffix=SUFFIX))
    assert editor_prompt(tokenizer, before, SUFFIX, tokens - 1) != prompt
    assert editor_prompt(tokenizer, before, SUFFIX, tokens, fim="off").ids == _plain_ids(tokenizer, shown)


def test_an_editor_may_ask_at_both_ends_of_a_file() -> None:
    tokenizer = qwen()
    assert editor_prompt(tokenizer, PREFIX, "").ids == _plain_ids(tokenizer, PREFIX)
    assert _parts(tokenizer, editor_prompt(tokenizer, "", SUFFIX).ids) == ("", SUFFIX)
    assert editor_prompt(tokenizer, "", "").ids == (tokenizer.eos_token_id,)


def test_no_key_around_the_cursor_is_shown() -> None:
    tokenizer, key = qwen(), '    String password = "hunter2222";\n'
    ids = editor_prompt(tokenizer, "class A {\n" + key + PREFIX, SUFFIX + key + SUFFIX).ids
    assert _parts(tokenizer, ids) == (PREFIX.rstrip(), SUFFIX)


def test_the_built_in_model_reads_the_prompt_alone(builtin_model: str) -> None:
    """Its tokenizer has `<file_sep>` and `<repo_name>`, as StarCoder2's, but no marks of a middle."""
    tokenizer = load_tokenizer(builtin_model)
    assert Prompting().prompt(tokenizer, TASK).ids == _plain_ids(tokenizer, PREFIX)
