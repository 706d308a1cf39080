"""Rates, pass@k and their intervals."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Row = dict[str, Any]
"""One sample, as in results.jsonl."""

_RESAMPLES = 1000


def pass_at_k(samples: int, passed: int, k: int) -> float:
    """Unbiased estimate of the chance that one of `k` samples passes: 1 − C(n−c, k) / C(n, k).

    Chen et al., 2021 (arXiv 2107.03374), equation 1.
    """
    if samples - passed < k:
        return 1.0
    return 1.0 - math.comb(samples - passed, k) / math.comb(samples, k)


def summarise(rows: Sequence[Row], seed: int = 0) -> dict[str, Any]:
    """`summary.json` of an evaluation: rates and means with 95 % intervals that resample tasks.

    Samples that a failing tool left unscored are counted apart, never as failures. `pairwise` is the paper's rule over
    a program and its reference, for all samples: −1 for what does not compile, else the preference.
    """
    scored = [r for r in rows if r["compiled"] is not None]
    by_task: dict[str, list[Row]] = defaultdict(list)
    for row in scored:
        by_task[row["task_id"]].append(row)
    groups = list(by_task.values())
    measures: dict[str, Callable[[Row], float | None]] = {
        "compile_rate": lambda r: float(r["compiled"]),
        "trivial_rate": lambda r: float(r["trivial"]),
        "mean_tokens": lambda r: r["tokens"],
        "preference": lambda r: r["preference"],
    }
    if any(r["preference"] is not None for r in scored):
        measures["pairwise"] = lambda r: r["preference"] if r["compiled"] else -1.0
    if any(r["executed"] is not None for r in scored):
        measures["execute_rate"] = lambda r: _share(r["executed"])
        measures["pass@1"] = lambda r: _share(r["passed"])
    return {
        "tasks": len({r["task_id"] for r in rows}),
        "samples": len(rows),
        "unscored": len(rows) - len(scored),
        **{name: clustered(groups, measure, seed) for name, measure in measures.items()},
        "diagnostics": dict(Counter(_first_error(scored)).most_common()),
    }


def clustered(
    groups: Sequence[Sequence[Row]], measure: Callable[[Row], float | None], seed: int = 0
) -> dict[str, float | None]:
    """Mean over samples with a 95 % percentile interval from a bootstrap over tasks.

    Samples of one task are not independent, so whole tasks are drawn (Miller, 2024, arXiv 2411.00640). Samples whose
    measure is `None` are left out.
    """
    sums = []
    for group in groups:
        values = [v for v in map(measure, group) if v is not None]
        if values:
            sums.append((sum(values), len(values)))
    if not sums:
        return {"value": None, "low": None, "high": None}
    drawn = random.Random(seed)
    means = sorted(_mean(drawn.choices(sums, k=len(sums))) for _ in range(_RESAMPLES))
    low, high = means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES) - 1]
    return {"value": _mean(sums), "low": low, "high": high}


def _mean(sums: Sequence[tuple[float, int]]) -> float:
    return sum(s for s, _ in sums) / sum(n for _, n in sums)


def _share(value: bool | None) -> float | None:
    return None if value is None else float(value)


def _first_error(rows: Iterable[Row]) -> Iterable[str]:
    for row in rows:
        errors = [d["code"] for d in row["diagnostics"] if d["severity"] == "error"]
        if errors:
            yield errors[0]
