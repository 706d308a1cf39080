"""What is measured on evaluated samples: rates, lengths, pass@k. `docs/evaluation.md` defines each."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rlcf.evaluation.statistics import Estimate, Sums, estimate

Row = dict[str, Any]
"""One sample, as in results.jsonl."""
Measured = dict[str, Sums]
"""One measure: task → its sum over the task's samples, and how many samples have it."""

KS = (1, 5, 10, 100)
_NOTHING = {"value": None, "low": None, "high": None}
_ALWAYS = ("compile_rate", "trivial_rate", "mean_tokens", "preference", "repeated_rate")
"""Stand in every summary, with `null` where there is nothing to measure."""


def pass_at_k(samples: int, passed: int, k: int) -> float:
    """Unbiased estimate of the chance that one of `k` samples passes: 1 − C(n−c, k) / C(n, k).

    Chen et al., 2021 (arXiv 2107.03374), equation 1.
    """
    if not 1 <= k <= samples:
        raise ValueError(f"pass@{k} needs at least {k} samples of a task, found {samples}")
    if samples - passed < k:
        return 1.0
    return 1.0 - math.comb(samples - passed, k) / math.comb(samples, k)


def summarise(rows: Sequence[Row], seed: int = 0) -> dict[str, Any]:
    """`summary.json` of an evaluation: counts, and the measures with 95 % intervals that resample tasks.

    Samples that a failing tool left unscored are counted apart, never as failures.
    """
    scored = [row for row in rows if is_scored(row)]
    estimates = {name: estimate(list(tasks.values()), seed) for name, tasks in measure(scored).items()}
    samples = Counter(row["task_id"] for row in rows).values()
    return {
        "tasks": len(samples),
        "samples": len(rows),
        "samples_per_task": {"least": min(samples, default=0), "most": max(samples, default=0)},
        "unscored": len(rows) - len(scored),
        "untested": sum(row.get("passed") is None for row in scored),
        "length_in": length_unit(scored),
        "distinct": sum(len(set(map(_program, group))) for group in by_task(scored).values()),
        **{name: _written(found) for name, found in estimates.items() if found or name in _ALWAYS},
        "statuses": dict(Counter(str(row.get("status")) for row in scored).most_common()),
        "diagnostics": dict(Counter(_first_errors(scored)).most_common()),
    }


def is_scored(row: Row) -> bool:
    """Whether a tool gave this sample a verdict; results from elsewhere may know only whether it passed."""
    return row.get("compiled") is not None or row.get("passed") is not None


def by_task(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each task, in order."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["task_id"]].append(row)
    return dict(groups)


def measure(scored: Sequence[Row], ks: Sequence[int] = KS) -> dict[str, Measured]:
    """Every measure by name, each task's sum and count; a task without any value has the count 0.

    pass@k is there for those of `ks` for which every tested task has that many samples, and counts every task once.
    `pairwise` is the paper's rule over a program and its reference: −1 for what does not compile, else the preference.
    """
    groups = by_task(scored)
    measured = {name: _sums(groups, of_sample) for name, of_sample in _OF_SAMPLE.items()}
    if any(row.get("preference") is not None for row in scored):
        measured["pairwise"] = _sums(groups, _pairwise)
    measured["repeated_rate"] = {t: (float(len(g) - len(set(map(_program, g)))), len(g)) for t, g in groups.items()}
    return measured | pass_rates(groups, ks)


def pass_rates(groups: Mapping[str, Sequence[Row]], ks: Sequence[int] = KS) -> dict[str, Measured]:
    """`pass@k` by task, for those of `ks` that every tested task has samples enough for."""
    tested = {t: [bool(r["passed"]) for r in rows if r.get("passed") is not None] for t, rows in groups.items()}
    least = min((len(passed) for passed in tested.values() if passed), default=0)
    return {
        f"pass@{k}": {t: (pass_at_k(len(p), sum(p), k), 1) if p else (0.0, 0) for t, p in tested.items()}
        for k in ks
        if k <= least
    }


def word_count(text: str) -> int:
    """Words and signs, where no model's tokens are known."""
    return len(re.findall(r"\w+|[^\w\s]", text))


def length_unit(rows: Sequence[Row]) -> str:
    """What `tokens` counts: a model's `tokens`, or `words` (and signs) where every length is that of `word_count`."""
    return "words" if all(row["tokens"] == word_count(row["completion"]) for row in rows) else "tokens"


def _written(found: Estimate | None) -> dict[str, float | None]:
    return asdict(found) if found else dict(_NOTHING)


def _program(row: Row) -> str:
    """The text by which samples are the same: white space around it does not count."""
    return str(row["completion"]).strip()


def _sums(groups: Mapping[str, Sequence[Row]], of_sample: Callable[[Row], float | None]) -> Measured:
    sums = {}
    for task_id, rows in groups.items():
        values = [v for v in map(of_sample, rows) if v is not None]
        sums[task_id] = (sum(values, 0.0), len(values))
    return sums


def _field(name: str) -> Callable[[Row], float | None]:
    return lambda row: None if row.get(name) is None else float(row[name])


def _truncated(row: Row) -> float | None:
    return None if row.get("finished") is None else float(not row["finished"])


def _pairwise(row: Row) -> float | None:
    return _field("preference")(row) if row.get("compiled") else -1.0


_OF_SAMPLE: dict[str, Callable[[Row], float | None]] = {
    "compile_rate": _field("compiled"),
    "trivial_rate": _field("trivial"),
    "mean_tokens": _field("tokens"),
    "truncated_rate": _truncated,
    "execute_rate": _field("executed"),
    "preference": _field("preference"),
}


def _first_errors(rows: Iterable[Row]) -> Iterable[str]:
    for row in rows:
        errors = [d["code"] for d in row.get("diagnostics") or () if d["severity"] == "error"]
        if errors:
            yield errors[0]
