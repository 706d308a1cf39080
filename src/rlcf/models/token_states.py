"""What a language model computes at each token of completions: a hidden state, and the token's log-probability."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch

from rlcf.models.kind import ModelKind, StateReader, TokenStates
from rlcf.models.kinds import kind_of

MAX_PROMPT, MAX_COMPLETION = 1024, 256
"""Tokens. Of a longer prompt the last ones are read, of a longer completion the first ones."""


class TokenReader:
    """A language model that only reads.

    Args:
        model: opens the model for inference; one that is being trained opens it as it was.
        layer: which layer's states, as a share of the depth, from 0 (the embeddings) to 1 (the last layer). Of an
            encoder-decoder the depth is the decoder's.
    """

    def __init__(self, model: Callable[[], AbstractContextManager[Any]], tokenizer: Any, layer: float) -> None:
        self._model, self._tokenizer, self._layer = model, tokenizer, layer
        self._reader: StateReader | None = None

    def read(self, prompt: str, completions: Sequence[str]) -> list[TokenStates]:
        """The states of completions of one prompt. An empty one is read as the end of the text."""
        return self.read_all([(prompt, completions)])[0]

    @torch.no_grad()
    def read_all(self, asked: Iterable[tuple[str, Sequence[str]]]) -> list[list[TokenStates]]:
        """`read` for each of several prompts, given with their completions."""
        with self._model() as model:
            kind = kind_of(model)
            self._reader = self._reader or kind.state_reader(self._tokenizer)
            ids = [self._ids(kind, prompt, completions) for prompt, completions in asked]
            return self._reader.read_all(model, ids, self._layer)

    def _ids(self, kind: ModelKind, prompt: str, completions: Sequence[str]) -> tuple[list[int], list[list[int]]]:
        shown, written = kind.read_ids(self._tokenizer, prompt, completions)
        return shown[-MAX_PROMPT:], [ids[:MAX_COMPLETION] or [self._tokenizer.eos_token_id] for ids in written]
