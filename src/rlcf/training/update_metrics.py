"""One update's row of metrics.jsonl. `docs/run-directory.md` says what each field means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rlcf.records import Score
from rlcf.training.rollouts import Rollouts


def measure(
    update: int,
    rollouts: Rollouts,
    learned: Mapping[str, float],
    discriminator: Mapping[str, float | None] | None,
    seconds: Mapping[str, float],
) -> dict[str, Any]:
    """The measurements of an update; shares and means are over scored rollouts, and `None` where there are none.

    Args:
        rollouts: empty in an update that learnt from references.
        learned: what the algorithm measured.
    """
    scored = [s for s in rollouts.scores if s.reward is not None]
    accepted = [s for s in scored if _accepted(s)]
    tokens = [len(s.token_ids) for s in rollouts.samples]
    return {
        "update": update,
        "rollouts": len(rollouts.samples),
        "unscored": len(rollouts.samples) - len(scored),
        "remembered": rollouts.remembered,
        "reward": _mean_reward(scored),
        "rewards": {
            "rejected": _mean_reward(s for s in scored if not _accepted(s)),
            "trivial": _mean_reward(s for s in accepted if s.trivial),
            "accepted": _mean_reward(s for s in accepted if not s.trivial),
            "reference": _mean_reward(rollouts.references),
        },
        "compile_rate": len(accepted) / len(scored) if scored else None,
        "trivial_rate": mean(float(s.trivial) for s in scored if s.trivial is not None),
        "preference": mean(s.preference for s in accepted if s.preference is not None),
        "mean_tokens": mean(tokens),
        **learned,
        "discriminator": discriminator,
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "tokens_per_s": sum(tokens) / seconds["generate"] if tokens else None,
    }


def _accepted(score: Score) -> bool:
    return score.verdict is not None and score.verdict.accepted


def _mean_reward(scores: Iterable[Score]) -> float | None:
    return mean(s.reward for s in scores if s.reward is not None)


def mean(values: Iterable[float]) -> float | None:
    """The mean, or `None` of nothing."""
    numbers = list(values)
    return sum(numbers) / len(numbers) if numbers else None
