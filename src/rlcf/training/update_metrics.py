"""One update's row of metrics.jsonl. `docs/run-directory.md` says what each field means."""

from collections.abc import Iterable, Mapping
from typing import Any

from rlcf.evaluation.summary import component_means
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

    Where the triviality of no accepted rollout is known, so is the share of trivial ones.

    Args:
        rollouts: empty in an update that learnt from references.
        learned: what the learner measured.
    """
    scored = [r.score for r in rollouts.rollouts if r.score.reward is not None]
    accepted = [s for s in scored if _accepted(s)]
    unknown = sum(s.trivial is None for s in accepted)
    none_known = accepted and unknown == len(accepted)
    tokens = [len(r.sample.token_ids) for r in rollouts.rollouts]
    return {
        "update": update,
        "rollouts": len(tokens),
        "unscored": len(tokens) - len(scored),
        "cache_hits": rollouts.cache_hits,
        "reward": _mean_reward(scored),
        "rewards": {
            "rejected": _mean_reward(s for s in scored if not _accepted(s)),
            "trivial": _mean_reward(s for s in accepted if s.trivial),
            "accepted": _mean_reward(s for s in accepted if not s.trivial),
            "reference": _mean_reward(rollouts.references),
        },
        "components": component_means({"components": s.components} for s in scored),
        "compile_rate": mean(float(_accepted(s)) for s in scored),
        "trivial_rate": None if none_known else mean(float(s.trivial) for s in scored if s.trivial is not None),
        "triviality_unknown": unknown,
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
