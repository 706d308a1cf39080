"""Fill-in-the-middle: the model reads what stands before the completion and what follows it, then writes it.

Models that were trained for it have tokens that mark the parts (Bavarian et al., 2022, arXiv 2207.14255); the
tokenizer says which. In all forms the prefix comes first, then the suffix, then the middle.
"""

from dataclasses import dataclass
from typing import Any

from rlcf.models.batches import prompt_ids
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
class FimTokens:
    """The tokens of a `FimForm` in one tokenizer."""

    prefix: int
    suffix: int
    middle: int
    end: int | None
    """Ends a middle in training data; `None` where the tokenizer has nothing for it."""
    end_ids: frozenset[int]
    """All tokens that end a middle. The marks of the parts are among them: none belongs in a completion."""


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
            return FimTokens(prefix, suffix, middle, end, frozenset(i for i in ends if i is not None))
    return None


def fim_ids(tokenizer: Any, tokens: FimTokens, before: str, after: str) -> list[int] | None:
    """The tokens of a fill-in-the-middle prompt, begun as the tokenizer begins a text.

    Of `before` all is shown but its trailing white space (see `prompt_ids`), of `after` the first lines. `None` where
    `after` is blank, or no whole line of it fits: then there is nothing to tell the model.
    """
    shown = head(after, SUFFIX_TOKENS, lambda text: len(inner_ids(tokenizer, text)))
    if not shown.strip():
        return None
    prefix = tokenizer(before.rstrip(), add_special_tokens=False)["input_ids"]
    suffix = inner_ids(tokenizer, shown)
    return [*_beginning(tokenizer), tokens.prefix, *prefix, tokens.suffix, *suffix, tokens.middle]


def inner_ids(tokenizer: Any, text: str) -> list[int]:
    """The tokens of a text that does not begin a file: without the space that some tokenizers put before a text."""
    before, whole = (tokenizer(t, add_special_tokens=False)["input_ids"] for t in ("\n", f"\n{text}"))
    if whole[: len(before)] == before:
        return list(whole[len(before) :])
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])  # joins line breaks, and puts no space


def _beginning(tokenizer: Any) -> list[int]:
    """The special tokens with which the tokenizer begins each text."""
    whole = prompt_ids(tokenizer, "x")
    text = tokenizer("x", add_special_tokens=False)["input_ids"]
    return whole[: len(whole) - len(text)]
