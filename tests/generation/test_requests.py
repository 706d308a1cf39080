"""Rows with a randomness of their own, and batches that do not fit into memory."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from rlcf.errors import ModelTooLarge
from rlcf.generation.decoding import Sample, SamplingOptions
from rlcf.generation.requests import Row, RowSampler
from rlcf.generation.stopping import program_stops
from rlcf.languages.registry import load_language
from rlcf.models.batches import prompt_ids
from rlcf.models.memory import is_out_of_memory
from rlcf.models.policy import Policy
from tests.tiny import PROMPT, tiny_policy

JAVA = load_language("java")


def _rows(policy: Policy, count: int) -> list[Row]:
    prompts = [PROMPT, PROMPT + "a + ", "class A { static int f "]
    return [
        Row(f"t{i}", tuple(prompt_ids(policy.tokenizer, prompts[i % 3])), prompts[i % 3], seed=i) for i in range(count)
    ]


def _sampler(policy: Policy, notices: list[str] | None = None) -> RowSampler:
    stops = program_stops(policy.model, policy.tokenizer, JAVA.program_end, JAVA.end_marks)
    notices = [] if notices is None else notices
    return RowSampler(policy, stops, SamplingOptions(max_new_tokens=6, max_rows=8), notices.append)


def _with_memory_for(rows: int | None) -> Policy:
    """A tiny policy that asks for more memory than there is when it reads more than `rows` rows at once."""
    policy = tiny_policy()

    def forward_hook(_: Any, __: Any, kwargs: dict[str, Any]) -> None:
        if rows is not None and len(kwargs["input_ids"]) > rows:
            torch.empty(1 << 55, dtype=torch.uint8)

    policy.model.register_forward_pre_hook(forward_hook, with_kwargs=True)
    return policy


def test_a_row_draws_the_same_whatever_its_neighbours() -> None:
    policy = tiny_policy()
    rows = _rows(policy, 8)
    together = _sampler(policy).sample(rows)
    alone = [_sampler(policy).sample([row])[0] for row in rows]
    assert together == alone
    assert len({s.text for s in together}) > 1


@pytest.mark.parametrize(("fits", "tried"), [(5, [4]), (2, [4, 2]), (1, [4, 2, 1])])
def test_a_batch_that_does_not_fit_is_halved_until_it_does(fits: int, tried: list[int]) -> None:
    notices: list[str] = []
    sampler = _sampler(_with_memory_for(fits), notices)
    rows = _rows(sampler.policy, 11)
    assert sampler.sample(rows[:8]) == _sampler(tiny_policy()).sample(rows[:8])
    assert [int(n.rpartition(" ")[2]) for n in notices] == tried
    assert notices[0] == "out of memory with 8 completions at once: going on with 4"
    sampler.sample(rows[8:])
    assert len(notices) == len(tried)


def test_all_rows_are_reported_as_ended_also_when_a_batch_was_halved() -> None:
    seen: list[tuple[int, int]] = []
    sampler = _sampler(_with_memory_for(2))
    samples: list[Sample] = sampler.sample(_rows(sampler.policy, 8), lambda ended, tokens: seen.append((ended, tokens)))
    assert sum(tokens for _, tokens in seen) == sum(len(s.token_ids) for s in samples)
    ended = [e for e, _ in seen]
    assert ended == sorted(ended)
    assert 6 <= ended[-1] < 8


def test_a_single_row_that_does_not_fit_is_one_line_that_says_what_to_do() -> None:
    sampler = _sampler(_with_memory_for(0))
    with pytest.raises(ModelTooLarge) as caught:
        sampler.sample(_rows(sampler.policy, 2))
    assert "'t0' (12 tokens of prompt, up to 6 new ones): lower --max-new-tokens" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_any_other_failure_is_not_taken_for_a_lack_of_memory() -> None:
    sampler = _sampler(tiny_policy())
    sampler.model.register_forward_pre_hook(lambda *_: torch.ones(2) @ torch.ones(3))
    with pytest.raises(RuntimeError, match="size"):
        sampler.sample(_rows(sampler.policy, 2))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (MemoryError(), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_memory_that_ran_out_is_told_from_other_errors(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) == expected
