"""Batches for the algorithms' tests: three prompts, rollouts of unequal length, some of them not scored."""

from __future__ import annotations

import random

import torch

from rlcf.models.batches import encode_prompts, pad_completions
from rlcf.models.policy import Policy
from rlcf.training.learner import TrainingBatch
from tests.tiny import PROMPT

_ROWS = 12


def some_batch(policy: Policy, seed: int = 0) -> TrainingBatch:
    """Three groups of four."""
    source = random.Random(seed)
    prompts = [PROMPT, PROMPT.replace("A", "f"), PROMPT + "+ a"]
    rows = [[source.randrange(2, len(policy.tokenizer)) for _ in range(source.randrange(1, 7))] for _ in range(_ROWS)]
    completions = pad_completions(rows, [i // 4 for i in range(_ROWS)], policy.tokenizer.pad_token_id)
    generator = torch.Generator().manual_seed(seed)
    scored = torch.ones(_ROWS, dtype=torch.bool)
    scored[[2, 7]] = False
    return TrainingBatch(
        prompts=encode_prompts(policy.tokenizer, prompts),
        completions=completions,
        groups=completions.prompt_index,
        rewards=torch.rand(_ROWS, generator=generator) * 2 - 1,
        scored=scored,
        action_mask=completions.mask,
        credit_weights=torch.rand(completions.ids.shape, generator=generator),
        learnt=torch.ones(_ROWS, dtype=torch.bool),
    )


def shake(policy: Policy) -> None:
    """Moves the policy away from its reference model."""
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in policy.trainable_parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.05)
