"""One batch of requests, from the prompts to the last token.

Transformers' own `generate` keeps computing a sample until the last one of its batch has ended, and starts each from
its own copy of the prompt. Here a prompt is read once for all requests that share it, and a sample that has ended
leaves the batch: on groups of unequal length that is where most of the time goes.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from rlcf.generation.engine import Progress, Request, Sample, SamplingParams
from rlcf.generation.stopping import StopConditions
from rlcf.models.batches import pad_prompts, trailing_space
from rlcf.models.kind import ModelKind
from rlcf.models.kv_cache import compacted


@torch.inference_mode()
def decode(
    model: Any,
    tokenizer: Any,
    kind: ModelKind,
    requests: Sequence[Request],
    params: SamplingParams,
    stop: StopConditions,
    on_progress: Progress,
) -> list[Sample]:
    """One sample for each of `requests`, in their order, all computed in one batch.

    Axes: P prompts, B requests, of which those that have ended leave the batch.

    Args:
        kind: that of `model`.
        on_progress: called after each step.
    """
    prompts = list(dict.fromkeys(request.prompt_ids for request in requests))
    place = {ids: i for i, ids in enumerate(prompts)}
    batch = pad_prompts(prompts, tokenizer.pad_token_id, model.device)
    prompt_of = torch.tensor([place[request.prompt_ids] for request in requests], device=model.device)
    continuation = kind.continuation(model, batch, prompt_of, params.max_new_tokens)
    active = torch.arange(len(requests), device=model.device)
    draws = _draws(requests, params.max_new_tokens).to(model.device)
    drawn: list[list[int]] = [[] for _ in requests]
    samples: list[Sample | None] = [None] * len(requests)
    for step in range(params.max_new_tokens):
        tokens = _choose(continuation.logits, params, draws[active, step, None])
        on_progress(len(requests) - len(tokens), len(tokens))
        for i, token in zip(active.tolist(), tokens.tolist(), strict=True):
            drawn[i].append(token)
            samples[i] = _ended(tokenizer, stop, requests[i], drawn[i])
        going = [place for place, i in enumerate(active.tolist()) if samples[i] is None]
        if not going or step == params.max_new_tokens - 1:
            break
        if len(going) < len(active):
            keep = torch.tensor(compacted(going), device=model.device)
            continuation.keep(keep)
            active, tokens = active[keep], tokens[keep]
        continuation.step(tokens)
    return [
        sample or Sample(_text(tokenizer, request, tokens), tuple(tokens), finished=False, truncated=True)
        for sample, request, tokens in zip(samples, requests, drawn, strict=True)
    ]


def _ended(tokenizer: Any, stop: StopConditions, request: Request, tokens: list[int]) -> Sample | None:
    """The sample that ends with the last of `tokens`; `None` where it goes on."""
    program_end = stop.program_end
    if tokens[-1] in stop.end_ids or tokens[-1] in request.end_ids:
        finished = program_end is None or stop.ends_with_text or bool(request.suffix)
        return Sample(_text(tokenizer, request, tokens[:-1]), tuple(tokens), finished)
    if program_end is not None and tokens[-1] in stop.closing_ids:
        text = _text(tokenizer, request, tokens)
        end = program_end(request.context, text, request.suffix)
        return None if end is None else Sample(text[:end], tuple(tokens), finished=True)
    return None


def _text(tokenizer: Any, request: Request, tokens: list[int]) -> str:
    text: str = tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return text.removeprefix(trailing_space(request.context))


def _draws(requests: Sequence[Request], limit: int) -> Tensor:
    """(B, limit) uniform numbers in [0, 1): one for each token that a request may draw.

    Drawn on the CPU, so that a seed means the same on every device.
    """
    generator = torch.Generator()
    return torch.stack([torch.rand(limit, generator=generator.manual_seed(request.seed)) for request in requests])


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
