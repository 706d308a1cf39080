"""Encoder-decoder models of the T5 family: the encoder reads a prompt, the decoder writes the completion.

A prompt is still one sequence of tokens: those that the encoder reads, and then those that the decoder's text begins
with, from the decoder's start token on. `rlcf.models.cross_reading` takes the two apart.

Models that were trained on span infilling (Raffel et al., 2020, arXiv 1910.10683, section 3.1.4) read a text in which
`<extra_id_0>` stands for a gap. They write `<extra_id_0>`, what belongs there, and `<extra_id_1>` or the end of the
text. The mark of the gap is given to the decoder, so the model begins with the completion itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from rlcf.models.batches import PromptBatch, inner_ids, trailing_space
from rlcf.models.cross_reading import CrossContinuation, CrossLogProbs, CrossStateReader
from rlcf.models.kind import ModelKind, SpanTokens

_GAP, _NEXT_GAP = "<extra_id_0>", "<extra_id_1>"
_SENTINEL = re.compile(r"<extra_id_\d+>")


@dataclass(frozen=True, slots=True)
class EncoderDecoder(ModelKind):
    """The kind of encoder-decoder models; see `ModelKind`."""

    start: int
    """The decoder's start token."""

    @property
    def marks_parts(self) -> bool:
        return False

    @property
    def start_ids(self) -> tuple[int, ...]:
        return (self.start,)

    def prompt_ids(self, tokenizer: Any, prompt: str) -> list[int]:
        """The encoder's tokens are those that the tokenizer gives, special ones at both ends included."""
        ids = tokenizer(prompt.rstrip())["input_ids"]
        return [*(ids or [tokenizer.eos_token_id]), self.start]

    def completion_ids(self, tokenizer: Any, prompt: str, text: str) -> list[int]:
        return inner_ids(tokenizer, trailing_space(prompt) + text)

    def span_tokens(self, tokenizer: Any) -> SpanTokens | None:
        added = tokenizer.get_added_vocab()
        if not {_GAP, _NEXT_GAP} <= added.keys():
            return None
        opening, closing = _around(tokenizer)
        ends = frozenset(i for token, i in added.items() if _SENTINEL.fullmatch(token))
        return SpanTokens(added[_NEXT_GAP], ends, added[_GAP], opening, (*closing, self.start))

    def read_ids(self, tokenizer: Any, prompt: str, texts: Sequence[str]) -> tuple[list[int], list[list[int]]]:
        """The prompt as a text that ends in a gap, if the tokenizer has the tokens."""
        spans = self.span_tokens(tokenizer)
        before = tokenizer(prompt.rstrip(), add_special_tokens=False)["input_ids"]
        shown = spans.prompt_ids(before) if spans else self.prompt_ids(tokenizer, prompt)
        return shown, [self.completion_ids(tokenizer, prompt, text) for text in texts]

    def log_prob_model(self, model: Any) -> CrossLogProbs:
        return CrossLogProbs(model, self.start)

    def continuation(
        self,
        model: Any,
        prompts: PromptBatch,
        prompt_index: Tensor,
        limit: int,  # noqa: ARG002
    ) -> CrossContinuation:
        return CrossContinuation(model, self.start, prompts, prompt_index)

    def state_reader(self, tokenizer: Any) -> CrossStateReader:
        return CrossStateReader(self.start, tokenizer.pad_token_id)

    def lora_targets(self, model: Any, layers: int | None) -> dict[str, Any]:
        """The blocks in the order in which they compute: the decoder's are the last ones."""
        stacks = {"encoder": model.get_encoder(), "decoder": model.get_decoder()}
        blocks = [f"{name}.block.{i}" for name, stack in stacks.items() for i in range(len(stack.block))]
        chosen = "|".join(map(re.escape, blocks[-layers:] if layers else blocks))
        linear = {n.rpartition(".")[2] for n, m in model.named_modules() if isinstance(m, nn.Linear) and ".block." in n}
        return {"target_modules": rf"({chosen})\..*\.({'|'.join(sorted(linear))})"}


def _around(tokenizer: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The special tokens with which the tokenizer begins, and those with which it ends each text."""
    whole, text = (tokenizer("x", add_special_tokens=special)["input_ids"] for special in (True, False))
    start = next(i for i in range(len(whole)) if whole[i : i + len(text)] == text)
    return tuple(whole[:start]), tuple(whole[start + len(text) :])
