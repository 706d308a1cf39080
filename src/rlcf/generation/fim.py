"""Fill-in-the-middle: the model reads what stands before the completion and what follows it, then writes it.

Decoder-only models that were trained for it have tokens that mark the parts (Bavarian et al., 2022, arXiv 2207.14255);
the tokenizer says which. In all forms the prefix comes first, then the suffix, then the middle. Encoder-decoder models
fill gaps instead (`rlcf.models.encoder_decoder`).
"""

from dataclasses import dataclass
from typing import Any

from rlcf.models.batches import inner_ids, prompt_ids
from rlcf.models.kind import InfillTokens, SpanTokens
from rlcf.tasks.mining.keys import before_keys
from rlcf.tasks.mining.prompts import head

SUFFIX_TOKENS = 256
"""How much of what follows the completion is shown: the first whole lines that have no more tokens than this."""


@dataclass(frozen=True, slots=True)
class FimForm:
    """The tokens of a family of models: before the prefix, the suffix and the middle, and after the middle."""

    prefix: str
    suffix: str
    middle: str
    end: str


FIM_FORMS = (
    FimForm("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|endoftext|>"),  # Qwen2.5-Coder
    FimForm("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<|endoftext|>"),  # StarCoder2
    FimForm("▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>"),  # CodeLlama
    FimForm("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", "<｜end▁of▁sentence｜>"),  # DeepSeek-Coder
)
_FILE_ENDS = (
    *("<|endoftext|>", "<|EOT|>", "<EOT>", "<|fim_pad|>", "<fim_pad>"),
    *("<|file_sep|>", "<file_sep>", "<|file_separator|>", "<|repo_name|>", "<repo_name>"),
)
"""Other tokens with which a model ends a middle: each stands between two texts of its training data."""


@dataclass(frozen=True, slots=True)
class FimTokens(InfillTokens):
    """The tokens of a `FimForm` in one tokenizer."""

    prefix: int
    suffix: int
    middle: int


def fim_tokens(tokenizer: Any) -> FimTokens | None:
    """The tokens of the first form that the tokenizer has; `None` where it has none.

    A tokenizer may have them without its model being trained on them.
    """
    added = tokenizer.get_added_vocab()
    for form in FIM_FORMS:
        if {form.prefix, form.suffix, form.middle} <= added.keys():
            prefix, suffix, middle = added[form.prefix], added[form.suffix], added[form.middle]
            end = added.get(form.end, tokenizer.eos_token_id)
            ends = [prefix, suffix, middle, end, *(added.get(token) for token in _FILE_ENDS)]
            return FimTokens(end, frozenset(i for i in ends if i is not None), prefix, suffix, middle)
    return None


def first_lines(tokenizer: Any, after: str) -> str:
    """What of the text after a completion is shown: its first whole lines, up to one that looks like a key.

    Empty where no line fits, or all is blank: then there is nothing to tell the model.
    """
    shown = head(after[: before_keys(after)], SUFFIX_TOKENS, lambda text: len(inner_ids(tokenizer, text)))
    return shown if shown.strip() else ""


def fim_ids(tokenizer: Any, tokens: FimTokens, before: str, after: str) -> list[int]:
    """The tokens of a fill-in-the-middle prompt, begun as the tokenizer begins a text.

    Of `before` all is shown but its trailing white space (see `prompt_ids`).
    """
    prefix = tokenizer(before.rstrip(), add_special_tokens=False)["input_ids"]
    suffix = inner_ids(tokenizer, after)
    return [*_beginning(tokenizer), tokens.prefix, *prefix, tokens.suffix, *suffix, tokens.middle]


def gap_ids(tokenizer: Any, tokens: SpanTokens, before: str, after: str) -> list[int]:
    """The tokens of a prompt with a gap; `before` and `after` as above, `after` may be empty."""
    prefix = tokenizer(before.rstrip(), add_special_tokens=False)["input_ids"]
    return tokens.prompt_ids(prefix, inner_ids(tokenizer, after) if after else ())


def _beginning(tokenizer: Any) -> list[int]:
    """The special tokens with which the tokenizer begins each text."""
    whole = prompt_ids(tokenizer, "x")
    text = tokenizer("x", add_special_tokens=False)["input_ids"]
    return whole[: len(whole) - len(text)]
