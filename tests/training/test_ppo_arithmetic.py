"""PPO's parts against numbers worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from rlcf.training.algorithms.gae import centre, centre_by_group, gae, scale
from rlcf.training.algorithms.losses import clipped_policy_loss, token_rewards
from rlcf.training.critic import clipped_value_loss, explained_variance


def test_the_programs_reward_stands_at_its_last_token_and_the_kl_penalty_at_every_one() -> None:
    mask = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    log_ratio = torch.tensor([[0.5, -1.0, 9.0], [0.0, 2.0, 0.0]])
    rewards = token_rewards(torch.tensor([1.0, -1.0]), log_ratio, mask, 0.1)
    # The mean length is 2.5, so the penalties of the first are scaled by 2.5 / 2, those of the second by 2.5 / 3.
    expected = torch.tensor([[-0.05 * 1.25, 1 + 0.1 * 1.25, 0.0], [0.0, -0.2 * 2.5 / 3, -1.0]])
    torch.testing.assert_close(rewards, expected)


def test_the_kl_penalty_does_not_pay_for_brevity() -> None:
    mask = torch.tensor([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    totals = token_rewards(torch.zeros(2), torch.full((2, 4), 0.3), mask, 0.1).sum(-1)
    torch.testing.assert_close(totals[0], totals[1])


def test_a_rollout_without_counted_tokens_gets_no_reward() -> None:
    rewards = token_rewards(torch.tensor([1.0]), torch.zeros(1, 2), torch.zeros(1, 2), 0.1)
    assert rewards.abs().sum() == 0


def test_gae_is_the_discounted_sum_of_td_errors() -> None:
    rewards = torch.tensor([[0.0, 0.0, 1.0]])
    values = torch.tensor([[0.5, 0.25, 0.75]])
    # TD errors by hand, with gamma 0.9: 0 + 0.9·0.25 − 0.5, 0 + 0.9·0.75 − 0.25, 1 − 0.75.
    d0, d1, d2 = -0.275, 0.425, 0.25
    a1 = d1 + 0.9 * 0.8 * d2
    expected = torch.tensor([[d0 + 0.9 * 0.8 * a1, a1, d2]])
    advantages, returns = gae(rewards, values, torch.ones(1, 3), gamma=0.9, lam=0.8)
    torch.testing.assert_close(advantages, expected)
    torch.testing.assert_close(returns, expected + values)


def test_gae_expects_nothing_after_a_shorter_rollouts_end() -> None:
    mask = torch.tensor([[1.0, 1.0, 0.0]])
    short, _ = gae(torch.tensor([[0.0, 1.0]]), torch.tensor([[0.2, 0.4]]), torch.ones(1, 2), 1.0, 0.95)
    padded, _ = gae(torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[0.2, 0.4, 7.0]]), mask, 1.0, 0.95)
    torch.testing.assert_close(padded[:, :2], short)
    assert padded[0, 2] == 0


def test_advantages_centred_and_scaled_have_mean_0_and_variance_1_over_counted_tokens_only() -> None:
    x = torch.tensor([[1.0, 3.0, 100.0]])
    mask = torch.tensor([[1.0, 1.0, 0.0]])
    torch.testing.assert_close(scale(centre(x, mask), mask), torch.tensor([[-1.0, 1.0, 0.0]]))


def test_rollouts_of_a_group_are_compared_place_by_place() -> None:
    """A short program accepted beside two long ones rejected, one of which goes on alone."""
    mask = torch.tensor([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    rewards = torch.tensor([[1.0], [-1.0], [-0.5]]) * mask
    found = centre_by_group(rewards, mask, torch.tensor([0, 0, 0]))
    mean = -0.5 / 3
    expected = torch.tensor([[1.0 - mean, 0.0, 0.0], [-1.0 - mean, -0.25, 0.0], [-0.5 - mean, 0.25, 0.0]])
    torch.testing.assert_close(found, expected)


def test_a_group_in_which_all_were_rejected_has_no_advantages() -> None:
    """Also where less and less of what is to come weighs on them, as that of the KL penalty does."""
    mask = torch.tensor([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    returns = torch.tensor([[1.0], [-1.0], [-1.0], [-1.0]]) - 0.1 * torch.tensor([3.0, 2.0, 1.0])
    found = scale(centre_by_group(returns * mask, mask, torch.tensor([0, 0, 1, 1])), mask)
    assert found[2:].abs().max() < 1e-6
    torch.testing.assert_close(found[0, 0], -found[1, 0])


def test_advantages_that_hardly_differ_are_not_blown_up() -> None:
    x, mask = torch.tensor([[-0.1, 0.1, 9.0]]), torch.tensor([[1.0, 1.0, 0.0]])
    torch.testing.assert_close(scale(x, mask, min_deviation=0.4), torch.tensor([[-0.25, 0.25, 0.0]]))


@pytest.mark.parametrize(
    ("ratio", "advantage", "loss", "gradient_flows"),
    [
        (1.1, 2.0, -2.2, True),  # within the clip
        (1.5, 2.0, -2.4, False),  # too far in the direction the advantage points to: clipped at 1.2
        (0.5, 2.0, -1.0, True),  # too far the other way: the pessimistic side, not clipped
        (0.5, -2.0, 1.6, False),  # clipped at 0.8
        (1.5, -2.0, 3.0, True),
    ],
)
def test_the_policy_loss_clips_only_what_would_gain(
    ratio: float, advantage: float, loss: float, gradient_flows: bool
) -> None:
    new = torch.tensor([[math.log(ratio)]], requires_grad=True)
    value, clipped = clipped_policy_loss(new, torch.zeros(1, 1), torch.tensor([[advantage]]), torch.ones(1, 1), 0.2)
    assert float(value.detach()) == pytest.approx(loss, rel=1e-5)
    assert clipped == (0.0 if gradient_flows else 1.0)
    value.backward()
    assert new.grad is not None
    assert (float(new.grad.abs()) > 0) == gradient_flows


def test_the_upper_clip_may_be_further_away_than_the_lower_one() -> None:
    new = torch.tensor([[math.log(1.5), math.log(0.5)]])
    advantages, ones = torch.tensor([[2.0, -2.0]]), torch.ones(1, 2)
    value, clipped = clipped_policy_loss(new, torch.zeros(1, 2), advantages, ones, 0.2, 0.4)
    assert float(value) == pytest.approx((-2.8 + 1.6) / 2)
    assert clipped == 1.0
    wide, clipped = clipped_policy_loss(new, torch.zeros(1, 2), advantages, ones, 0.2, 0.6)
    assert float(wide) == pytest.approx((-3.0 + 1.6) / 2)
    assert clipped == 0.5


def test_padding_moves_neither_loss() -> None:
    mask = torch.tensor([[1.0, 0.0]])
    log_probs, advantages = torch.tensor([[0.1, 5.0]]), torch.tensor([[1.0, -50.0]])
    policy, _ = clipped_policy_loss(log_probs, torch.zeros(1, 2), advantages, mask, 0.2)
    assert float(policy) == pytest.approx(-math.exp(0.1))
    value = clipped_value_loss(torch.tensor([[1.0, 9.0]]), torch.zeros(1, 2), torch.zeros(1, 2), mask, 10.0)
    assert float(value) == pytest.approx(0.5)


def test_the_value_loss_takes_the_worse_of_the_value_and_the_value_kept_near_the_old_one() -> None:
    # Value 1.0, kept within 0.2 of the old 0.0 it is 0.2; the return is 1.0: the kept one is worse.
    loss = clipped_value_loss(
        torch.tensor([[1.0]]), torch.tensor([[0.0]]), torch.tensor([[1.0]]), torch.ones(1, 1), 0.2
    )
    assert float(loss) == pytest.approx(0.5 * 0.64)


def test_explained_variance_is_1_for_perfect_values_and_0_for_constant_ones() -> None:
    returns, mask = torch.tensor([[1.0, -1.0]]), torch.ones(1, 2)
    assert explained_variance(returns, returns, mask) == pytest.approx(1.0)
    assert explained_variance(torch.zeros(1, 2), returns, mask) == pytest.approx(0.0)
