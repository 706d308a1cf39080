"""One batch of requests, from the prompts to the last token.

Transformers' own `generate` keeps computing a sample until the last one of its batch has ended, and starts each from
its own copy of the prompt. Here a prompt is read once for all requests that share it, and a sample that has ended
leaves the batch: on groups of unequal length that is where most of the time goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from rlcf.generation.engine import Request, Sample, SamplingParams
from rlcf.generation.kv_cache import compacted, continue_from
from rlcf.generation.stopping import StopConditions
from rlcf.models.batches import pad_prompts, trailing_space


@torch.inference_mode()
def decode(
    model: Any,
    tokenizer: Any,
    requests: Sequence[Request],
    params: SamplingParams,
    stop: StopConditions,
    on_tokens: Callable[[int], None],
) -> list[Sample]:
    """One sample for each of `requests`, in their order, all computed in one batch.

    Axes: P prompts, B requests, of which those that have ended leave the batch.

    Args:
        on_tokens: called after each step with the number of tokens drawn in it.
    """
    prompts = list(dict.fromkeys(request.prompt_ids for request in requests))
    place = {ids: i for i, ids in enumerate(prompts)}
    batch = pad_prompts(prompts, tokenizer.pad_token_id, model.device)
    prompt_of = torch.tensor([place[request.prompt_ids] for request in requests], device=model.device)
    cache = DynamicCache(config=model.config)
    output = model(
        input_ids=batch.ids,
        attention_mask=batch.mask,
        position_ids=batch.positions,
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    continue_from(cache, prompt_of)
    logits = output.logits[:, -1][prompt_of]
    mask, position = batch.mask[prompt_of], batch.lengths[prompt_of]
    active = torch.arange(len(requests), device=model.device)
    draws = _draws(requests, params).to(model.device)
    drawn = [_Drawn(tokenizer, stop, request) for request in requests]
    for step in range(params.max_new_tokens):
        tokens = _choose(logits, params, draws[active, step, None])
        on_tokens(len(tokens))
        pairs = zip(active.tolist(), tokens.tolist(), strict=True)
        going = [i for i, (row, token) in enumerate(pairs) if not drawn[row].ends_with(token)]
        if not going or step == params.max_new_tokens - 1:
            break
        if len(going) < len(active):
            keep = torch.tensor(compacted(going), device=model.device)
            cache.batch_select_indices(keep)
            active, tokens, mask, position = active[keep], tokens[keep], mask[keep], position[keep]
        mask = torch.cat([mask, mask.new_ones(len(active), 1)], dim=1)
        output = model(
            input_ids=tokens[:, None],
            attention_mask=mask,
            position_ids=position[:, None],
            past_key_values=cache,
            use_cache=True,
        )
        logits, position = output.logits[:, -1], position + 1
    return [one.sample() for one in drawn]


class _Drawn:
    """What was drawn for one request."""

    def __init__(self, tokenizer: Any, stop: StopConditions, request: Request) -> None:
        self.tokenizer = tokenizer
        self.stop = stop
        self.request = request
        self.tokens: list[int] = []
        self.finished = False
        self.end: int | None = None
        """Where the program ends in the text; `None`: at its end."""

    def ends_with(self, token: int) -> bool:
        """Adds a token; whether the sample ends with it."""
        self.tokens.append(token)
        program_end, request = self.stop.program_end, self.request
        if token in self.stop.end_ids:
            self.finished = program_end is None or bool(request.suffix)
            return True
        if program_end is not None and token in self.stop.closing_ids:
            self.end = program_end(request.context, self._text(), request.suffix)
            self.finished = self.end is not None
        return self.finished

    def sample(self) -> Sample:
        return Sample(self._text()[: self.end], tuple(self.tokens), self.finished)

    def _text(self) -> str:
        text: str = self.tokenizer.decode(self.tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text.removeprefix(trailing_space(self.request.context))


def _draws(requests: Sequence[Request], params: SamplingParams) -> Tensor:
    """(B, max_new_tokens) uniform numbers in [0, 1): one for each token that a request may draw.

    Drawn on the CPU, so that a seed means the same on every device.
    """
    generator = torch.Generator()
    return torch.stack(
        [torch.rand(params.max_new_tokens, generator=generator.manual_seed(request.seed)) for request in requests]
    )


def _choose(logits: Tensor, params: SamplingParams, uniform: Tensor) -> Tensor:
    """(B, V) logits, (B, 1) uniform numbers → (B,) tokens."""
    if params.temperature == 0:
        return logits.argmax(-1)
    probabilities = torch.softmax(logits.float() / params.temperature, dim=-1)
    if params.top_p < 1:
        probabilities = _nucleus(probabilities, params.top_p)
    # By inversion: one uniform number a request, where `multinomial` draws one for each token of the vocabulary.
    cumulative = probabilities.cumsum(-1)
    chosen = torch.searchsorted(cumulative, uniform * cumulative[:, -1:], right=True).squeeze(-1)
    return chosen.clamp(max=logits.shape[-1] - 1)


def _nucleus(probabilities: Tensor, top_p: float) -> Tensor:
    """Keeps the smallest set of tokens whose probability reaches `top_p` (Holtzman et al., 2020), at least one."""
    ordered, index = probabilities.sort(dim=-1, descending=True)
    left_out = ordered.cumsum(-1) - ordered >= top_p
    left_out[:, 0] = False
    return torch.zeros_like(probabilities).scatter(-1, index, ordered.masked_fill(left_out, 0.0))
