"""Decoder-only models: prompt and completion are one text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from transformers import DynamicCache
from transformers.pytorch_utils import Conv1D

from rlcf.models.batches import PromptBatch, encode_completions, prompt_ids
from rlcf.models.causal_states import CausalStateReader
from rlcf.models.kind import Continuation, ModelKind
from rlcf.models.kv_cache import continue_from
from rlcf.models.log_probs import CausalLogProbs
from rlcf.models.recorded import RecordedContinuation, can_record


class Causal(ModelKind):
    """The kind of decoder-only models; see `ModelKind`."""

    @property
    def marks_parts(self) -> bool:
        return True

    @property
    def start_ids(self) -> tuple[int, ...]:
        return ()

    def prompt_ids(self, tokenizer: Any, prompt: str) -> list[int]:
        return prompt_ids(tokenizer, prompt)

    def completion_ids(self, tokenizer: Any, prompt: str, text: str) -> list[int]:
        return encode_completions(tokenizer, [prompt], [text], [False])[0]

    def read_ids(self, tokenizer: Any, prompt: str, texts: Sequence[str]) -> tuple[list[int], list[list[int]]]:
        written = encode_completions(tokenizer, [prompt] * len(texts), texts, [False] * len(texts))
        return prompt_ids(tokenizer, prompt), written

    def log_prob_model(self, model: Any) -> CausalLogProbs:
        return CausalLogProbs(model)

    def continuation(self, model: Any, prompts: PromptBatch, prompt_index: Tensor, limit: int) -> Continuation:
        if prompts.ids.is_cuda and can_record(model):
            return RecordedContinuation(model, prompts, prompt_index, limit)
        return _CausalContinuation(model, prompts, prompt_index)

    def state_reader(self, tokenizer: Any) -> CausalStateReader:
        return CausalStateReader(tokenizer.eos_token_id)

    def lora_targets(self, model: Any, layers: int | None) -> dict[str, Any]:
        head, count = model.get_output_embeddings(), model.config.num_hidden_layers
        linear_layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, Conv1D)) and m is not head}
        transposed = any(isinstance(m, Conv1D) for m in linear_layers.values())  # as in GPT-2
        linear = {name.rpartition(".")[2] for name in linear_layers}
        chosen = list(range(max(0, count - layers), count)) if layers else None
        return {"target_modules": sorted(linear), "layers_to_transform": chosen, "fan_in_fan_out": transposed}


class _CausalContinuation(Continuation):
    """A prompt is read once for all samples that share it."""

    def __init__(self, model: Any, prompts: PromptBatch, prompt_index: Tensor) -> None:
        self._cache = DynamicCache(config=model.config)
        self._forward = partial(model, past_key_values=self._cache, use_cache=True, logits_to_keep=1)
        output = self._forward(input_ids=prompts.ids, attention_mask=prompts.mask, position_ids=prompts.positions)
        continue_from(self._cache, prompt_index)
        self.logits = output.logits[:, -1][prompt_index]
        self._mask, self._position = prompts.mask[prompt_index], prompts.lengths[prompt_index]

    def keep(self, places: Tensor) -> None:
        self._cache.batch_select_indices(places)
        self._mask, self._position = self._mask[places], self._position[places]

    def step(self, tokens: Tensor) -> None:
        self._mask = torch.cat([self._mask, self._mask.new_ones(len(tokens), 1)], dim=1)
        output = self._forward(
            input_ids=tokens[:, None], attention_mask=self._mask, position_ids=self._position[:, None]
        )
        self.logits, self._position = output.logits[:, -1], self._position + 1


CAUSAL = Causal()
