"""What every engine must do, for every kind of model.

A test of an engine subclasses `EngineContract` and says how one is made, and which policy it samples from.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

import torch

from rlcf.generation.engine import Engine, Progress, Request, Sample, SamplingParams, request_seed
from rlcf.generation.stopping import StopConditions, program_stop
from rlcf.languages.registry import load_language
from rlcf.models.policy import Policy
from tests.tiny import PROMPT, tiny_policy

JAVA = load_language("java")
PARAMS = SamplingParams(max_new_tokens=6, batch_size=8)
_SHORT = "class A { static int f "


def requests_of(policy: Policy, prompts: list[str], count: int = 1, seed: int = 0) -> list[Request]:
    """`count` requests for each of `prompts`."""
    return [
        Request(
            f"t{i}",
            tuple(policy.kind.prompt_ids(policy.tokenizer, prompt)),
            prompt,
            request_seed(seed, f"t{i}", number),
        )
        for i, prompt in enumerate(prompts)
        for number in range(count)
    ]


class EngineContract(ABC):
    """The tests; `self.engine` makes the engine."""

    @abstractmethod
    def engine(self, policy: Policy) -> Engine:
        """An engine that samples from `policy`."""

    def policy(self, seed: int = 0) -> Policy:
        """The policy; with another seed, one with other weights."""
        return tiny_policy(seed)

    def draw(
        self,
        prompts: list[str],
        count: int = 1,
        seed: int = 0,
        params: SamplingParams = PARAMS,
        stop: StopConditions | None = None,
        on_progress: Progress = lambda *_: None,
    ) -> list[Sample]:
        """Samples of the policy."""
        policy = self.policy()
        stop = stop or program_stop(policy, JAVA)
        return self.engine(policy).generate(requests_of(policy, prompts, count, seed), params, stop, on_progress)

    def test_a_finished_sample_ends_where_its_program_ends(self) -> None:
        samples = self.draw([PROMPT], 64)
        finished = [s for s in samples if s.finished]
        assert finished
        assert all(JAVA.program_end(PROMPT, s.text) == len(s.text) for s in finished)
        assert all(JAVA.program_end(PROMPT, s.text) is None for s in samples if not s.finished)

    def test_a_sample_ends_with_the_end_of_text_token_or_at_the_limit(self) -> None:
        open_ended = [s for s in self.draw([PROMPT], 64) if not s.finished]
        cut = [s for s in open_ended if s.token_ids[-1] != 1]
        assert {len(s.token_ids) for s in cut} == {PARAMS.max_new_tokens}
        assert len({len(s.token_ids) for s in open_ended if s not in cut}) > 1

    def test_without_a_closing_mark_the_end_of_text_finishes_a_sample(self) -> None:
        samples = self.draw([PROMPT], 64, stop=StopConditions(frozenset({1})))
        ended = [s.token_ids[-1] == 1 for s in samples]
        assert [s.finished for s in samples] == ended
        assert {True, False} == set(ended)
        assert all(1 not in s.token_ids[:-1] for s in samples)
        assert any("}}" in s.text[:-2] for s in samples)

    def test_a_program_with_a_suffix_ends_where_the_suffix_goes_on(self) -> None:
        policy = self.policy()
        requests = [replace(request, suffix=" }") for request in requests_of(policy, [PROMPT], 64)]
        samples = self.engine(policy).generate(requests, PARAMS, program_stop(policy, JAVA))
        closed = [s for s in samples if s.finished and s.token_ids[-1] != 1]
        assert closed
        assert all(JAVA.program_end(PROMPT, s.text, " }") == len(s.text) for s in closed)
        assert all(JAVA.program_end(PROMPT, s.text + " }") == len(s.text) + 2 for s in closed)
        ended = [s for s in samples if s.token_ids[-1] == 1]
        assert ended
        assert all(s.finished for s in ended)

    def test_a_request_may_end_with_tokens_of_its_own_which_are_not_in_its_text(self) -> None:
        policy = self.policy()
        end = policy.tokenizer.convert_tokens_to_ids("+")  # an ordinary token, which decoding does not skip
        requests = requests_of(policy, [PROMPT], 64)
        requests[::2] = [replace(request, end_ids=frozenset({end})) for request in requests[::2]]
        samples = self.engine(policy).generate(requests, PARAMS, program_stop(policy, JAVA))
        ended = [s for s in samples[::2] if end in s.token_ids]
        assert ended
        assert all(s.token_ids.index(end) == len(s.token_ids) - 1 for s in ended)
        assert not any("+" in s.text or s.finished for s in ended)
        assert any("+" in s.text for s in samples[1::2])

    def test_the_same_seed_gives_the_same_samples_and_another_seed_others(self) -> None:
        assert self.draw([PROMPT], 16, seed=1) == self.draw([PROMPT], 16, seed=1)
        assert self.draw([PROMPT], 16, seed=1) != self.draw([PROMPT], 16, seed=2)

    def test_the_smallest_nucleus_is_the_most_probable_token(self) -> None:
        greedy = self.draw([PROMPT], 3, params=SamplingParams(6, temperature=0.0))
        assert greedy == self.draw([PROMPT], 3, params=SamplingParams(6, top_p=0.0))
        assert len(set(greedy)) == 1

    def test_a_request_draws_the_same_whatever_else_is_in_its_batch(self) -> None:
        policy = self.policy()
        stop = program_stop(policy, JAVA)
        requests = requests_of(policy, [PROMPT, PROMPT + "a + ", _SHORT], 4)
        together = self.engine(policy).generate(requests, PARAMS, stop)
        alone = [self.engine(policy).generate([request], PARAMS, stop)[0] for request in requests]
        assert together == alone
        assert len({s.text for s in together}) > 2

    def test_samples_come_in_the_order_of_their_requests(self) -> None:
        policy = self.policy()
        stop = program_stop(policy, JAVA)
        requests = requests_of(policy, [PROMPT, PROMPT + "a + ", _SHORT], 7)
        drawn = self.engine(policy).generate(requests, PARAMS, stop)
        assert self.engine(policy).generate(requests[::-1], PARAMS, stop) == drawn[::-1]
        assert drawn != drawn[::-1]

    def test_no_request_gives_no_sample(self) -> None:
        assert self.draw([]) == []

    def test_progress_counts_all_tokens_and_ends_with_all_samples(self) -> None:
        calls: list[tuple[int, int]] = []
        samples = self.draw([PROMPT], 20, on_progress=lambda ended, tokens: calls.append((ended, tokens)))
        ended = [e for e, _ in calls]
        assert sum(tokens for _, tokens in calls) == sum(len(s.token_ids) for s in samples)
        assert ended == sorted(ended)
        assert ended[-1] == 20
        assert len(set(ended)) > 3

    def test_the_white_space_that_ends_the_context_is_not_repeated_in_the_text(self) -> None:
        first = self.draw([PROMPT], 16)
        assert PROMPT.endswith(" ")
        assert not any(s.text.startswith(" ") for s in first)

    def test_after_sync_samples_come_from_the_new_weights(self) -> None:
        policy, other = self.policy(), self.policy(seed=1)
        stop, requests = program_stop(policy, JAVA), requests_of(policy, [PROMPT], 16)
        engine = self.engine(policy)
        before = engine.generate(requests, PARAMS, stop)
        engine.sync(other)
        assert engine.generate(requests, PARAMS, stop) == self.engine(other).generate(requests, PARAMS, stop)
        assert engine.generate(requests, PARAMS, stop) != before
        with torch.no_grad():
            for weights in other.trainable_parameters():
                weights.mul_(1.5)
        engine.sync(other)
        assert engine.generate(requests, PARAMS, stop) == self.engine(other).generate(requests, PARAMS, stop)
