"""The engine in this process: the contract, plain decoding, and batches that do not fit into memory."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from rlcf.errors import ModelTooLarge
from rlcf.generation.engine import Request, SamplingParams, batch_ends
from rlcf.generation.stopping import program_stop
from rlcf.generation.torch_engine import TorchEngine
from rlcf.models.causal import Causal
from rlcf.models.failures import is_out_of_memory
from rlcf.models.policy import Policy
from rlcf.models.recorded import RecordedContinuation
from tests.generation.engine_contract import JAVA, PARAMS, EngineContract, requests_of
from tests.tiny import PROMPT, tiny_policy, tiny_t5


class TestTorchEngine(EngineContract):
    """The contract."""

    def engine(self, policy: Policy) -> TorchEngine:
        return TorchEngine(policy)


def _recorded(_: Causal, *arguments: Any) -> RecordedContinuation:
    return RecordedContinuation(*arguments)


class TestTorchEngineAsOnAGpu(EngineContract):
    """The contract, with tensors that stay where they are, as recorded steps need them."""

    @pytest.fixture(autouse=True)
    def static_tensors(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Causal, "continuation", _recorded)

    def engine(self, policy: Policy) -> TorchEngine:
        return TorchEngine(policy)


def test_recorded_steps_give_the_samples_of_plain_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    policy, params = tiny_policy(), SamplingParams(max_new_tokens=24, temperature=0.8)
    requests, stop = _requests(policy, 9), program_stop(policy, JAVA)
    plain = TorchEngine(policy).generate(requests, params, stop)
    monkeypatch.setattr(Causal, "continuation", _recorded)
    assert TorchEngine(policy).generate(requests, params, stop) == plain
    assert len({len(sample.token_ids) for sample in plain}) > 2  # they leave the batch at different steps


class TestTorchEngineWithAnEncoderDecoder(EngineContract):
    """The contract."""

    def engine(self, policy: Policy) -> TorchEngine:
        return TorchEngine(policy)

    def policy(self, seed: int = 0) -> Policy:
        return tiny_t5(seed)


def _with_memory_for(rows: int | None) -> Policy:
    """A tiny policy that needs more memory than there is when it reads more than `rows` sequences at a time."""
    policy = tiny_policy()

    def forward_hook(_: Any, __: Any, kwargs: dict[str, Any]) -> None:
        if rows is not None and len(kwargs["input_ids"]) > rows:
            torch.empty(1 << 55, dtype=torch.uint8)

    policy.model.register_forward_pre_hook(forward_hook, with_kwargs=True)
    return policy


def _requests(policy: Policy, count: int) -> list[Request]:
    prompts = [PROMPT, PROMPT + "a + ", "class A { static int f "]
    return requests_of(policy, [prompts[i % 3] for i in range(count)], seed=3)


def test_the_samples_of_a_seed_are_those_of_plain_decoding() -> None:
    """Whole texts without a cache, one request after another: training's trajectories depend on these very draws."""
    policy, params = tiny_policy(), SamplingParams(max_new_tokens=6, temperature=0.8)
    texts = []
    requests = requests_of(policy, [PROMPT], 5)
    for request in requests:
        ids, text = list(request.prompt_ids), ""
        for number in torch.rand(6, generator=torch.Generator().manual_seed(request.seed)):
            with torch.no_grad():
                logits = policy.model(torch.tensor([ids])).logits[0, -1]
            cumulative = torch.softmax(logits / params.temperature, -1).cumsum(-1)
            ids.append(int((cumulative > number * cumulative[-1]).nonzero()[0]))
            text = policy.tokenizer.decode(ids[len(request.prompt_ids) :], skip_special_tokens=True).strip()
            end = JAVA.program_end(PROMPT, text)
            if ids[-1] == policy.tokenizer.eos_token_id or end is not None:
                text = text[:end]
                break
        texts.append(text)
    assert [s.text for s in TorchEngine(policy).generate(requests, params, program_stop(policy, JAVA))] == texts
    assert len(set(texts)) > 2


def test_a_completion_longer_than_a_block_of_the_cache_is_that_of_whole_texts() -> None:
    """Greedy, so that each token follows from the text before it; samples end at different steps and change places."""
    policy = tiny_policy(seed=3)
    requests = requests_of(policy, ["class A {", PROMPT, "class", "static int"], 2)
    params = SamplingParams(max_new_tokens=80, temperature=0.0)
    samples = TorchEngine(policy).generate(requests, params, program_stop(policy, JAVA))
    assert max(len(s.token_ids) for s in samples) > 64
    for request, sample, twin in zip(requests[::2], samples[::2], samples[1::2], strict=True):
        with torch.no_grad():
            logits = policy.model(torch.tensor([request.prompt_ids + sample.token_ids])).logits[0]
        assert logits[len(request.prompt_ids) - 1 : -1].argmax(-1).tolist() == list(sample.token_ids)
        assert twin == sample


@pytest.mark.parametrize(("fits", "tried"), [(5, [4]), (2, [4, 2]), (1, [4, 2, 1])])
def test_a_batch_that_does_not_fit_is_halved_until_it_does(fits: int, tried: list[int]) -> None:
    warnings: list[str] = []
    engine = TorchEngine(_with_memory_for(fits), warnings.append)
    requests, stop = _requests(engine.policy, 11), program_stop(engine.policy, JAVA)
    expected = TorchEngine(tiny_policy()).generate(requests[:8], PARAMS, stop)
    assert engine.generate(requests[:8], PARAMS, stop) == expected
    assert [int(n.rpartition(" ")[2]) for n in warnings] == tried
    assert warnings[0] == "out of memory with 8 completions at a time: continuing with 4"
    engine.generate(requests[8:], PARAMS, stop)
    assert len(warnings) == len(tried)


def test_progress_reaches_all_samples_also_when_a_batch_was_halved() -> None:
    calls: list[tuple[int, int]] = []
    engine = TorchEngine(_with_memory_for(2))
    requests, stop = _requests(engine.policy, 8), program_stop(engine.policy, JAVA)
    samples = engine.generate(requests, PARAMS, stop, lambda ended, tokens: calls.append((ended, tokens)))
    assert sum(tokens for _, tokens in calls) == sum(len(s.token_ids) for s in samples)
    ended = [e for e, _ in calls]
    assert ended == sorted(ended)
    assert ended[-1] == 8


def test_a_single_completion_that_does_not_fit_is_one_line_that_says_what_to_do() -> None:
    engine = TorchEngine(_with_memory_for(0))
    with pytest.raises(ModelTooLarge) as caught:
        engine.generate(_requests(engine.policy, 2), PARAMS, program_stop(engine.policy, JAVA))
    assert "'t0' (12 tokens of prompt, up to 6 new ones): lower max_new_tokens" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_any_other_failure_is_not_taken_for_a_lack_of_memory() -> None:
    policy = tiny_policy()
    policy.model.register_forward_pre_hook(lambda *_: torch.ones(2) @ torch.ones(3))
    with pytest.raises(RuntimeError, match="size"):
        TorchEngine(policy).generate(_requests(policy, 2), PARAMS, program_stop(policy, JAVA))


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


def test_a_long_prompt_has_a_batch_of_its_own() -> None:
    lengths = [3800, 3800, 900, 900, 500, 200, 200, 200]
    requests = [Request(str(i), (i // 2,) * length, "", 0) for i, length in enumerate(lengths)]
    assert list(batch_ends(requests, 64)) == [2, 8]
    assert list(batch_ends(requests, 4)) == [2, 6, 8]
    assert list(batch_ends(requests[::-1], 64)) == [6, 8]
    assert list(batch_ends([], 4)) == []
