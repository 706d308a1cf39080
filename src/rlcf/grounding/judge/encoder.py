"""The discriminator's frozen text encoder."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModel, AutoTokenizer

from rlcf.models.builtin import BUILTIN_ENCODERS, quiet_transformers, resolve_model
from rlcf.models.failures import loading

_MAX_TOKENS = 256
_CACHED_TEXTS = 8192


class Encoder:
    """Maps texts to unit vectors: the mean over the last hidden states of a frozen encoder.

    Vectors of recent texts are cached: references and prompts occur in every update.
    """

    def __init__(self, model: Any, tokenizer: Any, source: str) -> None:
        self.model = model.eval().requires_grad_(False)
        self.tokenizer = tokenizer
        self.source = source
        self.width: int = model.config.hidden_size
        self._cache: OrderedDict[str, Tensor] = OrderedDict()

    @classmethod
    def load(cls, name: str, device: str = "cpu") -> Encoder:
        """Loads an encoder by Hugging Face id, folder or built-in name.

        Raises:
            ModelError: there is no such encoder, it is damaged, or it is one that brings code of its own.
        """
        quiet_transformers()
        source = resolve_model(name, BUILTIN_ENCODERS)
        expected = "a Hugging Face id, a folder with config.json, or builtin:minilm"
        with loading(f"the encoder {name!r}", expected):
            tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
            model = AutoModel.from_pretrained(source, trust_remote_code=False, dtype=torch.float32)
        return cls(model.to(device), tokenizer, name)

    def encode(self, texts: Sequence[str]) -> Tensor:
        """`(N,)` texts → `(N, E)` unit vectors on the CPU. Texts are cut after 256 tokens.

        Texts are encoded one by one: a vector must not depend on the others of a batch, not even in its last bit, for a
        resumed run encodes texts in other batches. (In batches they would take three quarters of the time.)
        """
        for text in texts:
            if text not in self._cache:
                self._cache[text] = self._forward(text)
            self._cache.move_to_end(text)
        vectors = [self._cache[t] for t in texts]
        while len(self._cache) > _CACHED_TEXTS:
            self._cache.popitem(last=False)
        return torch.stack(vectors) if vectors else torch.zeros(0, self.width)

    @torch.no_grad()
    def _forward(self, text: str) -> Tensor:
        inputs = self.tokenizer(text, truncation=True, max_length=_MAX_TOKENS, return_tensors="pt")
        states = self.model(**inputs.to(self.model.device)).last_hidden_state  # (1, L, E)
        return torch.nn.functional.normalize(states.mean(1), dim=-1).squeeze(0).cpu()
