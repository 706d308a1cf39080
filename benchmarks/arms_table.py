"""What `benchmarks.arms` left, as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rlcf.evaluation.compare import compare_rows
from rlcf.evaluation.metrics import Result
from rlcf.evaluation.results import is_evaluation, load_results
from rlcf.storage.jsonl import read_jsonl

_RATES = {"compile": "compile_rate", "execute": "execute_rate", "pass@1": "pass@1", "trivial": "trivial_rate"}
_DIFFERENCES = {"compile": "compile_rate", "trivial": "trivial_rate", "pass@1": "pass@1"}
"""Column → measure, in percent; differences from the base model."""
_GAINS = (0.15, 0.3, 0.45, 0.6)
_SMOOTHED = 3
"""Updates whose compile rates are averaged."""


def tables(out: Path, benchmarks: Sequence[str], arms: Mapping[str, str], seeds: Sequence[int]) -> Iterator[str]:
    """The lines of a table for each benchmark and of one on the rollouts needed.

    Args:
        arms: folder name without seed → name of the row. What is not there yet is left out.
    """
    for benchmark in benchmarks:
        yield from _table(out, benchmark, arms, seeds)
    yield from _rollouts_needed(out, benchmarks[0], arms, seeds)


def _table(out: Path, benchmark: str, arms: Mapping[str, str], seeds: Sequence[int]) -> list[str]:
    base = load_results(out / "base" / benchmark)
    head = [benchmark, *_RATES, "compile by seed", "tokens", "distinct", *(f"Δ {title}" for title in _DIFFERENCES)]
    lines = [f"| {' | '.join(head)} |", "| --- |" + " --- |" * (len(head) - 1), _row("base", [base], base)]
    for arm, name in arms.items():
        folders = [out / f"{arm}-seed{seed}" / benchmark for seed in seeds]
        results = [load_results(folder) for folder in folders if is_evaluation(folder)]
        if results:
            lines.append(_row(name, results, base))
    return [*lines, ""]


def _rollouts_needed(out: Path, benchmark: str, arms: Mapping[str, str], seeds: Sequence[int]) -> list[str]:
    """Rollouts until the compile rate of three updates is that of the base model and so many points more, by seed."""
    compiled = [row["compiled"] for row in load_results(out / "base" / benchmark) if row["compiled"] is not None]
    base = sum(compiled) / len(compiled)
    head = ["rollouts until compile rate is", *(f"base + {100 * gain:.0f}" for gain in _GAINS)]
    lines = [f"| {' | '.join(head)} |", "| --- |" + " --- |" * len(_GAINS)]
    for arm, name in arms.items():
        files = [out / f"{arm}-seed{seed}" / "run" / "metrics.jsonl" for seed in seeds]
        rates = [_rates(file) for file in files if file.is_file()]
        cells = [" / ".join(_first_above(rows, base + gain) for rows in rates if rows) or "–" for gain in _GAINS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _rates(metrics: Path) -> list[tuple[int, float]]:
    """Rollouts and compile rate of each update; none of an algorithm that takes no rollouts."""
    rows = [row for _, row in read_jsonl(metrics)]
    return [(row["rollouts"], row["compile_rate"]) for row in rows if row.get("compile_rate") is not None]


def _first_above(rows: Sequence[tuple[int, float]], goal: float) -> str:
    for end in range(_SMOOTHED, len(rows) + 1):
        if sum(rate for _, rate in rows[end - _SMOOTHED : end]) / _SMOOTHED >= goal:
            return str(sum(rollouts for rollouts, _ in rows[:end]))
    return "never"


def _row(name: str, by_seed: list[list[Result]], base: list[Result]) -> str:
    pooled = [row for rows in by_seed for row in rows]
    measures = compare_rows(base, pooled, "base", name)["measures"]
    apart = [compare_rows(base, rows, "base", name)["measures"] for rows in by_seed]
    distinct = 1 - sum(m["repeated_rate"]["b"]["value"] for m in apart) / len(apart)
    cells = [
        name,
        *(_percent(measures[measure]["b"]) for measure in _RATES.values()),
        " / ".join(f"{100 * m['compile_rate']['b']['value']:.1f}" for m in apart),
        f"{measures['mean_tokens']['b']['value']:.0f}",
        f"{100 * distinct:.0f} %",
    ]
    differences = [_percent(measures[measure]["difference"], "+") for measure in _DIFFERENCES.values()]
    return "| " + " | ".join(cells + (differences if pooled != base else ["–"] * len(differences))) + " |"


def _percent(found: Mapping[str, float], sign: str = "") -> str:
    value, low, high = (f"{100 * found[key]:{sign}.1f}".replace("-", "−") for key in ("value", "low", "high"))
    return f"{value} ({low} … {high})"
