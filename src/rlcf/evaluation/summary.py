"""Evaluated samples → `summary.json`. `docs/evaluation.md` defines each number."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rlcf.evaluation.metrics import METRICS, Result, Sums, program_text
from rlcf.evaluation.statistics import Estimate, estimate

Measured = dict[str, Sums]
"""One metric: task → its sum over the task's samples, and how many samples have it."""

_NOTHING = {"value": None, "low": None, "high": None}
_ALWAYS = ("compile_rate", "trivial_rate", "mean_tokens", "preference", "repeated_rate")
"""Stand in every summary, with `null` where there is nothing to measure."""


def summarise(rows: Sequence[Result], references: Mapping[str, str | None] | None = None) -> dict[str, Any]:
    """`summary.json` of an evaluation: counts, and the metrics with 95 % intervals that resample tasks.

    Samples that a failing tool left unscored are counted apart, never as failures.

    Args:
        references: the canonical solution of each task, by its id.
    """
    scored = [row for row in rows if is_scored(row)]
    found = estimates(scored, references or {})
    return {
        **counts(rows),
        **{key: asdict(found[key]) if key in found else dict(_NOTHING) for key in METRICS if key in {*_ALWAYS, *found}},
        **({"components": means} if (means := component_means(scored)) else {}),
        "statuses": dict(Counter(str(row.get("status")) for row in scored).most_common()),
        "diagnostics": dict(Counter(str(e.get("code")) for e in map(first_error, scored) if e).most_common()),
    }


def counts(rows: Sequence[Result]) -> dict[str, Any]:
    """How many samples there are, and how many of them are special."""
    scored = [row for row in rows if is_scored(row)]
    samples = Counter(row["task_id"] for row in rows).values()
    return {
        "tasks": len(samples),
        "samples": len(rows),
        "samples_per_task": {"min": min(samples, default=0), "max": max(samples, default=0)},
        "unscored": len(rows) - len(scored),
        "untested": sum(row.get("passed") is None for row in scored),
        "triviality_unknown": sum(bool(row.get("compiled")) and row.get("trivial") is None for row in scored),
        "length_in": length_unit(scored),
        "distinct": len({(row["task_id"], program_text(row)) for row in scored}),
    }


def estimates(scored: Sequence[Result], references: Mapping[str, str | None]) -> dict[str, Estimate]:
    """The metrics that some sample has, each with its interval, by key."""
    found = {key: estimate(list(tasks.values())) for key, tasks in measure(scored, references).items()}
    return {key: value for key, value in found.items() if value}


def is_scored(row: Result) -> bool:
    """Whether a tool gave this sample a verdict; results from elsewhere may know only whether it passed."""
    return row.get("compiled") is not None or row.get("passed") is not None


def by_task(rows: Iterable[Result]) -> dict[str, list[Result]]:
    """The rows of each task, in order."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for row in rows:
        groups[str(row.get("task_id"))].append(row)
    return dict(groups)


def measure(scored: Sequence[Result], references: Mapping[str, str | None]) -> dict[str, Measured]:
    """Every metric by key, each task's sum and count; a task without any value has the count 0.

    pass@k is there only where every tested task has k tested samples. `pairwise` is there only where some sample has a
    preference: it is the paper's rule over a program and its reference. Where the triviality of no accepted sample is
    known, no sample has one.
    """
    groups = by_task(scored)
    tested = [n for rows in groups.values() if (n := sum(row.get("passed") is not None for row in rows))]
    absent = {key for key in METRICS if key.startswith("pass@") and int(key[5:]) > min(tested, default=0)}
    if all(row.get("preference") is None for row in scored):
        absent.add("pairwise")
    measured = {
        key: {task_id: metric.of_task(rows, references.get(task_id)) for task_id, rows in groups.items()}
        for key, metric in METRICS.items()
        if metric.of_task and key not in absent
    }
    for key, name in (("exact_rate", "exact"), ("copied_rate", "copied"), ("original_rate", "copied")):
        if all(row.get(name) is None for row in scored):
            del measured[key]  # the tasks stand in no file
    accepted = [row for row in scored if row.get("compiled")]
    if accepted and all(row.get("trivial") is None for row in accepted):
        measured["trivial_rate"] = dict.fromkeys(groups, (0.0, 0))
        del measured["nontrivial_rate"]
        measured.pop("original_rate", None)
    return measured


def component_means(rows: Iterable[Result]) -> dict[str, float]:
    """The mean of what each component of the reward gave, over the samples that it gave something for."""
    given: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        for name, value in (row.get("components") or {}).items():
            if value is not None:
                given[name].append(value)
    return {name: sum(values) / len(values) for name, values in given.items()}


def word_count(text: str) -> int:
    """Words and signs, where no model's tokens are known."""
    return len(re.findall(r"\w+|[^\w\s]", text))


def length_unit(rows: Sequence[Result]) -> str:
    """What `tokens` counts: a model's `tokens`, or `words` (and signs) where every length is that of `word_count`."""
    return "words" if all(row["tokens"] == word_count(row["completion"]) for row in rows) else "tokens"


def first_error(row: Result) -> dict[str, Any] | None:
    """The first diagnostic of a sample that is an error."""
    return next((d for d in row.get("diagnostics") or () if d.get("severity", "error") == "error"), None)
