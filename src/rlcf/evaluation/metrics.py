"""Everything that rlcf measures: one table for evaluations, one for training's updates.

Evaluation, progress display, report and comparison take names, definitions, units and the way numbers are printed from
here. `docs/evaluation.md` and `docs/run-directory.md` say more about each.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from rlcf.evaluation.formatting import decimal, percent, points

Result = dict[str, Any]
"""One evaluated sample: a line of `results.jsonl`."""
Sums = tuple[float, int]
"""Of one task: the sum of a metric over its samples, and how many samples have it."""
Better = Literal["higher", "lower"] | None
OfTask = Callable[[Sequence[Result], str | None], Sums]
"""A task's scored samples and its reference → the sum of a metric over the samples, and how many have it."""

KS = (1, 5, 10, 100)
"""The k for which pass@k is given."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A quantity that rlcf measures."""

    key: str
    """Its name in `summary.json` or `metrics.jsonl`."""
    label: str
    definition: str
    unit: str = ""
    """`share` (0 … 1, printed as percent), or what is counted; empty for a pure number."""
    better: Better = None
    """`None`: neither end is better in itself."""
    digits: int = 2
    """Decimals printed, for a share those of the percentage."""
    of_task: OfTask | None = None
    """How it is measured on evaluated samples; `None` for what only training measures."""

    @property
    def is_share(self) -> bool:
        return self.unit == "share"

    def value(self, value: float | None) -> str:
        """`31.2 %` or `57.3`."""
        return percent(value) if self.is_share else decimal(value, self.digits)

    def change(self, value: float | None) -> str:
        """`+26.9 points` or `−4.1`."""
        return points(value) if self.is_share else decimal(value, self.digits, signed=True)

    def bound(self, value: float | None) -> str:
        """A bound of an interval, without the unit: it stands with the value."""
        return decimal(value and 100 * value, 1) if self.is_share else self.value(value)

    def change_bound(self, value: float | None) -> str:
        """A bound of a change's interval."""
        return decimal(value and 100 * value, 1, signed=True) if self.is_share else self.change(value)


def pass_at_k(samples: int, passed: int, k: int) -> float:
    """Unbiased estimate of the chance that one of `k` samples passes: 1 − C(n−c, k) / C(n, k).

    Chen et al., 2021 (arXiv 2107.03374), equation 1.
    """
    if not 1 <= k <= samples:
        raise ValueError(f"pass@{k} needs at least {k} samples of a task, found {samples}")
    return 1.0 - math.comb(samples - passed, k) / math.comb(samples, k)


def program_text(row: Result) -> str:
    """The text by which samples are equal: white space around it does not count."""
    return str(row["completion"]).strip()


def _mean(of_sample: Callable[[Result], float | None]) -> OfTask:
    """Of a value that each sample has, or has not (`None`)."""

    def of_task(rows: Sequence[Result], _reference: str | None) -> Sums:
        values = [v for v in map(of_sample, rows) if v is not None]
        return float(sum(values)), len(values)

    return of_task


def _field(name: str) -> OfTask:
    return _mean(lambda row: row.get(name))


def _non_trivial(row: Result) -> float | None:
    if row.get("compiled") is None or (row["compiled"] and row.get("trivial") is None):
        return None
    return float(row["compiled"] and not row["trivial"])


def _original(row: Result) -> float | None:
    non_trivial, copied = _non_trivial(row), row.get("copied")
    return None if non_trivial is None or copied is None else float(non_trivial and not copied)


def _truncated(row: Result) -> float | None:
    return None if row.get("finished") is None else float(not row["finished"])


def _pairwise(row: Result) -> float | None:
    return row.get("preference") if row.get("compiled") else -1.0


def _relative_length(rows: Sequence[Result], reference: str | None) -> Sums:
    length = len((reference or "").strip())
    return (sum(len(program_text(row)) / length for row in rows), len(rows)) if length else (0.0, 0)


def _repeated(rows: Sequence[Result], _reference: str | None) -> Sums:
    return float(len(rows) - len(set(map(program_text, rows)))), len(rows)


def _pass_at(k: int) -> OfTask:
    def of_task(rows: Sequence[Result], _reference: str | None) -> Sums:
        tested = [row["passed"] for row in rows if row.get("passed") is not None]
        return (pass_at_k(len(tested), sum(tested), k), 1) if len(tested) >= k else (0.0, 0)

    return of_task


def _table(*metrics: Metric) -> dict[str, Metric]:
    return {metric.key: metric for metric in metrics}


def _share(key: str, label: str, definition: str, better: Better, of_task: OfTask | None = None) -> Metric:
    return Metric(key, label, definition, "share", better, 1, of_task)


METRICS = _table(
    _share("compile_rate", "Compile rate", "accepted by the compiler", "higher", _field("compiled")),
    _share("trivial_rate", "Trivial", "accepted, but ignores its input", "lower", _field("trivial")),
    _share("nontrivial_rate", "Compiles, not trivial", "accepted, and uses its input", "higher", _mean(_non_trivial)),
    Metric("mean_tokens", "Mean length", "tokens a completion", "tokens", None, 1, _field("tokens")),
    Metric("relative_length", "Length ÷ reference", "in characters, mean ratio", of_task=_relative_length),
    _share("execute_rate", "Execute rate", "ran to the end of its test", "higher", _field("executed")),
    _share("pass@1", "pass@1", "passes its test", "higher", _pass_at(1)),
    *(_share(f"pass@{k}", f"pass@{k}", f"one of {k} samples passes", "higher", _pass_at(k)) for k in KS[1:]),
    _share("repeated_rate", "Repeated", "equals an earlier sample of its task", "lower", _repeated),
    _share("exact_rate", "Exact", "is the reference, white space apart", None, _field("exact")),
    _share(
        "copied_rate",
        "Copied",
        "is other code of its file, and the reference is not",
        "lower",
        _field("copied"),
    ),
    _share(
        "original_rate",
        "Compiles, original",
        "accepted, uses its input, and is not copied",
        "higher",
        _mean(_original),
    ),
    _share(
        "truncated_rate",
        "Truncated",
        "did not end: cut at the limit of tokens, or by the model",
        "lower",
        _mean(_truncated),
    ),
    Metric("reward", "Reward", "by the grounding function, −1 … 1", "", "higher", of_task=_field("reward")),
    Metric("preference", "Preference", "of accepted programs, −1 … 1", "", "higher", of_task=_field("preference")),
    Metric("pairwise", "Preference, all", "a rejected program counts as −1", "", "higher", of_task=_mean(_pairwise)),
)
"""What an evaluation measures, in the order in which people read it. Each but pass@k is a mean over scored samples."""

UPDATE_METRICS = _table(
    Metric("update", "Update", "from 1", digits=0),
    Metric("rollouts", "Rollouts", "of this update", digits=0),
    Metric("unscored", "Unscored", "rollouts on which a tool failed: masked", "", "lower", 0),
    Metric("cache_hits", "Cache hits", "verdicts given without asking the compiler again", digits=0),
    Metric("reward", "Reward", "mean of scored rollouts, without the KL penalty", "", "higher", 3),
    METRICS["compile_rate"],
    METRICS["trivial_rate"],
    Metric("triviality_unknown", "Triviality unknown", "accepted rollouts that may be trivial or not", "", "lower", 0),
    METRICS["mean_tokens"],
    METRICS["preference"],
    Metric(
        "kl", "KL", "mean log-ratio to the reference model, before the update or its steps", "nats a token", digits=4
    ),
    Metric("kl_loss", "KL loss", "estimate k3 of the KL divergence", "nats a token", digits=4),
    Metric("kl_coefficient", "KL coefficient", "of the KL penalty in this update", digits=4),
    Metric(
        "entropy", "Entropy", "of the policy on the rollouts, before the update or its steps", "nats a token", digits=3
    ),
    Metric("cross_entropy", "Cross-entropy", "of the references", "nats a token", "lower", 3),
    Metric("policy_loss", "Policy loss", "the algorithm's loss, mean over the update's steps", digits=4),
    Metric("value_loss", "Value loss", "of the value head, at its last step", "", "lower", 4),
    Metric("explained_variance", "Explained variance", "of the returns by the value head", "", "higher", 3),
    _share("clip_fraction", "Clipped", "tokens whose ratio was clipped", None),
    Metric("grad_norm", "Gradient norm", "before it is clipped", digits=3),
    _share("equal_groups", "Equal groups", "groups whose rewards are all equal", "lower"),
    Metric("credit_weight", "Credit weight", "mean over the tokens", digits=3),
    Metric("tokens_per_s", "Tokens/s", "sampled", "1/s", "higher", 0),
)
"""What one update of a training run measures: a line of `metrics.jsonl`. Means and shares are over scored rollouts."""


def metrics_of(keys: Collection[str], length_in: str = "tokens") -> list[Metric]:
    """The metrics of an evaluation that have these names, in the order in which people read them.

    Args:
        length_in: the unit of the lengths, as in `summary.json`: `tokens`, or `words` (and signs).
    """
    found = [metric for key, metric in METRICS.items() if key in keys]
    if length_in != "words":
        return found
    in_words = replace(METRICS["mean_tokens"], definition="words and signs a completion", unit="words and signs")
    return [in_words if metric.key == in_words.key else metric for metric in found]
