"""GRPO, RLOO and SFT against plain loops, and what every algorithm has to keep to."""

from __future__ import annotations

import copy
import math
import statistics
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
import torch
from torch import Tensor

from rlcf.config import make_recipe
from rlcf.config.algorithms import ALGORITHM_TABLES, PenaltyTable
from rlcf.errors import TrainingError
from rlcf.languages.registry import load_language
from rlcf.models.batches import encode_completions
from rlcf.models.policy import Policy
from rlcf.training.algorithms.groups import (
    group_relative,
    in_equal_groups,
    leave_one_out,
    most_varied,
    share_of_groups,
)
from rlcf.training.algorithms.losses import k3
from rlcf.training.kl import KLCoefficient
from rlcf.training.learner import Learner, TrainingBatch
from rlcf.training.references import reference_batch
from tests.tiny import PROMPT, TASK, tiny_policy
from tests.training.batches import shake, some_batch

_TEMPERATURE = 0.7
_BETA = 0.3
_UNCUT = 1e9


def _learner(policy: Policy, name: str, **settings: Any) -> Learner:
    recipe = make_recipe({"algorithm": {"name": name, **settings}})
    return Learner(policy, recipe.algorithm, _TEMPERATURE, seed=0)


def _gradients_of_one_step(name: str, **settings: Any) -> tuple[Policy, TrainingBatch, dict[str, float], list[Tensor]]:
    """A policy as it was, a batch, and what one step on all of it at once measured and did."""
    policy = tiny_policy()
    shake(policy)
    before = copy.deepcopy(policy)
    batch = some_batch(policy)
    measured = _learner(policy, name, minibatches=1, max_grad_norm=_UNCUT, **settings).update(batch)
    return before, batch, measured, [p.grad for p in policy.trainable_parameters() if p.grad is not None]


def _assert_same_gradients(policy: Policy, loss: Tensor, gradients: list[Tensor]) -> None:
    expected = torch.autograd.grad(loss, policy.trainable_parameters())
    assert len(expected) == len(gradients)
    for one, other in zip(expected, gradients, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-4)


def _log_probs(policy: Policy, batch: TrainingBatch) -> tuple[Tensor, Tensor]:
    """Of the policy, with a gradient, and of the reference model."""
    own = policy.log_probs(batch.prompts, batch.completions, temperature=_TEMPERATURE).log_probs
    with policy.reference() as model:
        other = policy.log_probs(batch.prompts, batch.completions, temperature=_TEMPERATURE, model=model).log_probs
    return own, other


def _rows(batch: TrainingBatch) -> Iterator[tuple[int, int, list[int]]]:
    """Each scored rollout: its row, its length, the scored rows of its group."""
    groups = batch.groups.tolist()
    for i in range(len(groups)):
        if batch.scored[i]:
            group = [j for j in range(len(groups)) if groups[j] == groups[i] and batch.scored[j]]
            yield i, int(batch.completions.mask[i].sum()), group


@pytest.mark.parametrize("by_deviation", [False, True])
@pytest.mark.parametrize("by_length", [False, True])
def test_grpo_is_its_formula_written_as_loops(by_deviation: bool, by_length: bool) -> None:
    policy, batch, measured, gradients = _gradients_of_one_step(
        "grpo", epochs=1, kl_coefficient=_BETA, divide_by_deviation=by_deviation, divide_by_length=by_length
    )
    own, reference = _log_probs(policy, batch)
    policy_terms, kl_terms, counts = torch.zeros(()), torch.zeros(()), 0.0
    for i, length, group in _rows(batch):
        rewards = [float(batch.rewards[j]) for j in group]
        advantage = float(batch.rewards[i]) - statistics.mean(rewards)
        advantage /= statistics.pstdev(rewards) + 1e-4 if by_deviation else 1.0
        for t in range(length):
            weight = 1 / length if by_length else 1.0
            weighted = advantage * (float(batch.credit_weights[i, t]) if advantage < 0 else 1.0)
            ratio = (own[i, t] - own[i, t].detach()).exp()
            rho = (reference[i, t] - own[i, t]).exp()
            policy_terms = policy_terms - weight * ratio * weighted
            kl_terms = kl_terms + weight * (rho - rho.log() - 1)
            counts += weight
    loss = (policy_terms + _BETA * kl_terms) / counts
    assert measured["policy_loss"] == pytest.approx(float((policy_terms / counts).detach()), abs=1e-5)
    assert measured["kl_loss"] == pytest.approx(float((kl_terms / counts).detach()), abs=1e-5)
    _assert_same_gradients(policy, loss, gradients)


@pytest.mark.parametrize("name", ["ppo", "grpo", "rloo"])
def test_others_are_compared_with_a_rollout_that_nothing_is_learnt_from(name: str) -> None:
    policy = tiny_policy()
    shake(policy)
    batch = some_batch(policy)
    left_out = 5
    learnt = torch.arange(len(batch.rewards)) != left_out

    def advantages(batch: TrainingBatch) -> Tensor:
        learner = _learner(copy.deepcopy(policy), name, minibatches=1, epochs=1)
        seen: list[Tensor] = []
        loss = learner.algorithm.loss
        learner.algorithm.loss = lambda log_probs, part: seen.append(part.advantages) or loss(log_probs, part)  # type: ignore[method-assign,func-returns-value]
        learner.update(batch)
        return seen[0]

    kept = learnt[batch.scored]
    torch.testing.assert_close(advantages(replace(batch, learnt=learnt)), advantages(batch)[kept])


def test_a_token_that_does_not_count_may_be_as_unlikely_as_it_likes() -> None:
    policy = tiny_policy()
    shake(policy)
    with torch.no_grad():
        policy.model.get_output_embeddings().weight.mul_(2000)
    batch = some_batch(policy)
    batch.action_mask[:, 0] = 0
    measured = _learner(policy, "ppo", epochs=2, learning_rate=1e-12).update(batch)
    assert all(map(math.isfinite, measured.values()))


@pytest.mark.parametrize("name", ["ppo", "grpo", "rloo", "raft"])
def test_imitation_adds_the_cross_entropy_of_the_references_to_the_loss(name: str) -> None:
    policy = tiny_policy()
    shake(policy)
    batch, references = some_batch(policy), reference_batch(policy, load_language("java"), [TASK], max_tokens=100)

    def gradients(coefficient: float) -> list[Tensor]:
        copied, settings = copy.deepcopy(policy), {"minibatches": 1, "epochs": 1, "max_grad_norm": _UNCUT}
        learner = _learner(copied, name, imitation_coefficient=coefficient, **settings)
        measured = learner.update(batch, 1.0, references if coefficient else None)
        assert ("cross_entropy" in measured) == bool(coefficient)
        return [p.grad for p in copied.trainable_parameters() if p.grad is not None]

    scores = policy.log_probs(references.prompts, references.completions)
    loss = -scores.log_probs.sum() / references.completions.mask.sum()
    of_references = torch.autograd.grad(loss, policy.trainable_parameters())
    for alone, both, term in zip(gradients(0.0), gradients(0.5), of_references, strict=True):
        torch.testing.assert_close(both, alone + 0.5 * term, atol=1e-6, rtol=1e-4)


def test_rloo_is_its_formula_written_as_loops() -> None:
    policy, batch, measured, gradients = _gradients_of_one_step("rloo", kl_coefficient=_BETA)
    own, reference = _log_probs(policy, batch)
    lengths = {i: length for i, length, _ in _rows(batch)}
    mean_length = statistics.mean(lengths.values())
    returns = {}
    for i, length in lengths.items():
        log_ratio = sum(float((own[i, t] - reference[i, t]).detach()) for t in range(length))
        returns[i] = float(batch.rewards[i]) - _BETA * log_ratio * mean_length / length
    loss = torch.zeros(())
    for i, length, group in _rows(batch):
        advantage = returns[i] - statistics.mean(returns[j] for j in group if j != i)
        for t in range(length):
            loss = loss - advantage * (float(batch.credit_weights[i, t]) if advantage < 0 else 1.0) * own[i, t]
    loss = loss / sum(lengths.values())
    assert measured["policy_loss"] == pytest.approx(float(loss.detach()), abs=1e-5)
    _assert_same_gradients(policy, loss, gradients)


def test_sft_is_the_cross_entropy_of_the_references_tokens_and_of_no_others() -> None:
    policy = tiny_policy()
    before = copy.deepcopy(policy)
    other = replace(TASK, task_id="other", prompt=PROMPT.replace("A", "f f"), canonical_solution="a + a;}} class B {}")
    batch = reference_batch(policy, load_language("java"), [TASK, other, TASK], max_tokens=100)
    measured = _learner(policy, "sft", minibatches=1, max_grad_norm=_UNCUT).update(batch)
    texts = [(PROMPT, "a;}}"), (other.prompt, "a + a;}}"), (PROMPT, "a;}}")]  # cut where the program ends
    losses = []
    for prompt, text in texts:
        ids = policy.tokenizer([prompt, text])["input_ids"]
        logits = before.model(torch.tensor([ids[0] + ids[1]])).logits[0, len(ids[0]) - 1 : -1]
        losses += list(torch.nn.functional.cross_entropy(logits, torch.tensor(ids[1]), reduction="none"))
    loss = torch.stack(losses).mean()
    assert measured["cross_entropy"] == pytest.approx(float(loss.detach()), abs=1e-5)
    gradients = [p.grad for p in policy.trainable_parameters() if p.grad is not None]
    _assert_same_gradients(before, loss, gradients)


def test_references_are_cut_after_the_greatest_number_of_tokens() -> None:
    long = replace(TASK, canonical_solution="a + a + a;}}")
    short, policy = replace(TASK, canonical_solution="a +"), tiny_policy()
    java = load_language("java")
    measured = [
        _learner(tiny_policy(), "sft").update(reference_batch(policy, java, [task], max_tokens=2))
        for task in (long, short)
    ]
    assert measured[0] == measured[1]


def test_a_completions_tokens_are_those_that_the_model_would_write_after_the_prompt() -> None:
    tokenizer = tiny_policy().tokenizer
    rows = encode_completions(tokenizer, [PROMPT, PROMPT], ["a + a;}}", "a"], [False, True])
    assert tokenizer.decode(rows[0]) == "a + a;}}"
    assert rows[1] == [*tokenizer("a")["input_ids"], tokenizer.eos_token_id]
    # Here prompt and text share the token `a;}}`, which cannot be written after `a`.
    assert encode_completions(tokenizer, [PROMPT + "a"], [";}}"], [False]) == [tokenizer(";}}")["input_ids"]]


def test_advantages_within_a_group_by_hand() -> None:
    rewards, groups = torch.tensor([1.0, 0.0, 0.5, 2.0, 9.0]), torch.tensor([0, 0, 0, 1, 0])
    scored = torch.tensor([True, True, True, True, False])
    torch.testing.assert_close(leave_one_out(rewards, scored, groups), torch.tensor([0.75, -0.75, 0.0, 0.0, 0.0]))
    torch.testing.assert_close(group_relative(rewards, scored, groups, False), torch.tensor([0.5, -0.5, 0, 0, 0]))
    scaled = 0.5 / (math.sqrt(1 / 6) + 1e-4)
    torch.testing.assert_close(
        group_relative(rewards, scored, groups, True), torch.tensor([scaled, -scaled, 0.0, 0.0, 0.0])
    )


@pytest.mark.parametrize("advantages", [leave_one_out, lambda r, s, g: group_relative(r, s, g, True)])
def test_equal_rewards_have_an_advantage_of_exactly_0(advantages: Callable[..., Tensor]) -> None:
    rewards, groups = torch.full((24,), 0.1), torch.arange(24) // 12
    assert not advantages(rewards, torch.ones(24, dtype=torch.bool), groups).any()
    assert not advantages(rewards, torch.zeros(24, dtype=torch.bool), groups).any()


def test_groups_of_equal_rewards_are_found_among_what_is_scored() -> None:
    rewards, groups = torch.tensor([1.0, 1.0, 5.0, 0.0, 1.0, 3.0]), torch.tensor([0, 0, 0, 1, 1, 2])
    scored = torch.tensor([True, True, False, True, True, False])
    found = in_equal_groups(rewards, scored, groups)
    assert found.tolist() == [True, True, False, False, False, False]
    assert share_of_groups(found, scored, groups) == 0.5


_COMPARE_GROUPS = [
    ("ppo", {}),
    ("grpo", {}),
    ("grpo", {"divide_by_deviation": True, "divide_by_length": True}),
    ("rloo", {}),
    ("raft", {}),
]


@pytest.mark.parametrize(("name", "settings"), _COMPARE_GROUPS)
def test_groups_of_equal_rewards_leave_the_policy_where_it_is(name: str, settings: dict[str, Any]) -> None:
    policy = tiny_policy()
    shake(policy)  # so that the KL penalty would move it
    before = policy.trainable_state()
    batch = some_batch(policy)
    measured = _learner(policy, name, **settings).update(replace(batch, rewards=torch.full((12,), 0.1)))
    assert measured["equal_groups"] == 1.0
    assert all(math.isfinite(value) for value in measured.values())
    assert all(torch.equal(before[name], value) for name, value in policy.trainable_state().items())


@pytest.mark.parametrize(("name", "settings"), _COMPARE_GROUPS)
def test_a_group_of_equal_rewards_counts_no_more_than_one_that_is_not_scored(
    name: str, settings: dict[str, Any]
) -> None:
    states = []
    for scored in (True, False):
        policy = tiny_policy()
        batch = some_batch(policy)
        first = batch.groups == 0
        rewards = torch.where(first, torch.tensor(-1.0), batch.rewards)
        _learner(policy, name, **settings).update(
            replace(batch, rewards=rewards, scored=batch.scored & (scored | ~first))
        )
        states.append(policy.trainable_state())
    assert all(torch.equal(states[0][n], states[1][n]) for n in states[0])


@pytest.mark.parametrize(("groups", "steps"), [(3, 2), (2, 1), (1, 1)])
def test_where_few_groups_teach_there_are_fewer_steps_and_not_smaller_ones(groups: int, steps: int) -> None:
    """A step of AdamW is as large on one group as on three. In halves, three groups are two and one."""
    policy = tiny_policy()
    batch = some_batch(policy)
    learner = _learner(policy, "grpo", epochs=1, minibatches=2)
    learner.update(replace(batch, scored=batch.scored & (batch.groups < groups)))
    taken = learner.state_dict()["optimizer"]["state"][0]["step"]
    assert int(taken) == steps


def test_one_pass_of_grpo_in_one_minibatch_needs_no_log_probabilities_from_before_it() -> None:
    """The ratio of a policy to itself is 1, computed or not."""
    states, measured = [], []
    for computed in (True, False):
        policy = tiny_policy()
        shake(policy)
        learner = _learner(policy, "grpo", epochs=1, minibatches=1)
        assert learner.on_policy
        learner.on_policy = not computed
        measured.append(learner.update(some_batch(policy)))
        states.append(policy.trainable_state())
    assert measured[0] == pytest.approx(measured[1], abs=1e-5)
    for name, value in states[0].items():
        torch.testing.assert_close(states[1][name], value)


def test_ppo_that_compares_with_the_whole_batch_learns_from_groups_of_equal_rewards() -> None:
    policy = tiny_policy()
    before = policy.trainable_state()
    batch = some_batch(policy)
    rewards = batch.groups.float() / 2
    measured = _learner(policy, "ppo", baseline="batch").update(replace(batch, rewards=rewards))
    assert "equal_groups" not in measured
    assert not all(torch.equal(before[name], value) for name, value in policy.trainable_state().items())


@pytest.mark.parametrize("name", ["ppo", "grpo", "rloo", "raft"])
def test_what_is_not_scored_changes_nothing_whatever_its_reward_holds(name: str) -> None:
    states = []
    for reward in (0.0, float("nan")):
        policy = tiny_policy()
        batch = some_batch(policy)
        rewards = torch.where(batch.scored, batch.rewards, torch.tensor(reward))
        measured = _learner(policy, name).update(replace(batch, rewards=rewards))
        assert all(math.isfinite(value) for value in measured.values())
        states.append(policy.trainable_state())
    assert all(torch.equal(states[0][n], states[1][n]) for n in states[0])


@pytest.mark.parametrize("name", ["ppo", "grpo", "rloo", "raft"])
def test_a_group_that_is_not_scored_at_all_is_left_out(name: str) -> None:
    policy = tiny_policy()
    batch = some_batch(policy)
    measured = _learner(policy, name).update(replace(batch, scored=batch.groups > 0))
    assert all(math.isfinite(value) for value in measured.values())


@pytest.mark.parametrize("name", ALGORITHM_TABLES)
def test_a_loss_that_is_not_finite_stops_before_it_reaches_the_weights(name: str) -> None:
    policy = tiny_policy()
    learner = _learner(policy, name)
    with torch.no_grad():
        policy.trainable_parameters()[-1].fill_(float("nan"))
    before = policy.trainable_state()
    with pytest.raises(TrainingError, match=r"the loss is nan: lower algorithm\.learning_rate") as error:
        learner.update(some_batch(policy))
    assert "\n" not in str(error.value)
    for name_of, value in policy.trainable_state().items():
        torch.testing.assert_close(value, before[name_of], rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("name", ALGORITHM_TABLES)
def test_an_algorithm_goes_on_from_its_state_as_if_it_had_not_stopped(name: str) -> None:
    settings = {"kl_target": 0.01} if issubclass(ALGORITHM_TABLES[name], PenaltyTable) else {}
    policy = tiny_policy()
    learner = _learner(policy, name, **settings)
    learner.update(some_batch(policy, 0), 1.0)
    resumed_policy = copy.deepcopy(policy)
    resumed = _learner(resumed_policy, name, **settings)
    resumed.load_state_dict(copy.deepcopy(learner.state_dict()))
    second = [a.update(some_batch(policy, 1), 0.5) for a in (learner, resumed)]
    assert second[0] == second[1]
    weights = resumed_policy.trainable_state()
    assert all(torch.equal(weights[n], value) for n, value in policy.trainable_state().items())


def test_the_kl_estimate_of_the_loss_by_hand() -> None:
    estimate = k3(torch.tensor([[math.log(0.5), 0.0]]), torch.tensor([[math.log(0.25), 0.0]]))
    torch.testing.assert_close(estimate, torch.tensor([[0.5 - math.log(0.5) - 1, 0.0]]))


def test_the_kl_coefficient_is_steered_towards_its_target_by_at_most_a_fifth() -> None:
    table = make_recipe({"algorithm": {"kl_coefficient": 0.1, "kl_target": 0.5, "kl_gain": 0.1}}).algorithm
    coefficient = KLCoefficient(table)
    coefficient.adapt(0.55)  # 10 % too much: e = 0.1
    assert coefficient.value == pytest.approx(0.1 * 1.01)
    coefficient.adapt(5.0)  # far too much: e is clipped to 0.2
    assert coefficient.value == pytest.approx(0.1 * 1.01 * 1.02)
    coefficient.adapt(0.0)  # e is clipped to −0.2
    assert coefficient.value == pytest.approx(0.1 * 1.01 * 1.02 * 0.98)


def test_a_fixed_kl_coefficient_stays_and_both_kinds_are_measured() -> None:
    policy = tiny_policy()
    shake(policy)
    fixed, steered = (_learner(policy, "ppo", kl_coefficient=0.05, kl_target=t) for t in (None, 1e-6))
    coefficients = [[a.update(some_batch(policy))["kl_coefficient"] for _ in range(2)] for a in (fixed, steered)]
    assert coefficients[0] == [0.05, 0.05]
    assert coefficients[1] == pytest.approx([0.05, 0.05 * (1.2 if coefficients[1][1] > 0.05 else 0.8)])


def test_the_most_varied_rollouts_are_those_of_the_best_subset_by_trying_all() -> None:
    rewards = torch.tensor([-1.0, 0.3, -1.0, 1.0, 0.2, -0.9, -1.0, 0.8, 0.5, 0.1, -0.2, 0.9])
    scored = torch.tensor([True] * 6 + [False] + [True] * 5)
    groups = torch.tensor([0] * 8 + [1] * 4)
    chosen = most_varied(rewards, scored, groups, 3)
    for group in (0, 1):
        of_group = [i for i in range(len(rewards)) if groups[i] == group and scored[i]]
        best = max(statistics.pvariance(rewards[list(some)].tolist()) for some in combinations(of_group, 3))
        found = [i for i in of_group if chosen[i]]
        assert len(found) == 3
        assert statistics.pvariance(rewards[found].tolist()) == pytest.approx(best)
    assert not chosen[~scored].any()


def test_a_group_that_is_small_enough_is_learnt_from_whole() -> None:
    rewards, scored = torch.tensor([0.0, 1.0, 0.5]), torch.tensor([True, True, False])
    assert most_varied(rewards, scored, torch.zeros(3, dtype=torch.long), 2).tolist() == [True, True, False]
