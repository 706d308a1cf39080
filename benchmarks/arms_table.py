"""What `benchmarks.arms` left, as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rlcf.evaluation.compare import compare_rows
from rlcf.evaluation.metrics import Row
from rlcf.evaluation.results import is_evaluation, load_results
from rlcf.jsonl import read_jsonl

_GAIN = 0.15
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
    lines = [
        f"| {benchmark} | compile | by seed | executes | pass@1 | trivial | tokens | distinct | Δ compile | Δ pass@1 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        _row("base", [base], base),
    ]
    for arm, name in arms.items():
        folders = [out / f"{arm}-seed{seed}" / benchmark for seed in seeds]
        results = [load_results(folder) for folder in folders if is_evaluation(folder)]
        if results:
            lines.append(_row(name, results, base))
    return [*lines, ""]


def _rollouts_needed(out: Path, benchmark: str, arms: Mapping[str, str], seeds: Sequence[int]) -> list[str]:
    """Rollouts until the compile rate of three updates is that of the base model and 15 points more."""
    compiled = [row["compiled"] for row in load_results(out / "base" / benchmark) if row["compiled"] is not None]
    goal = sum(compiled) / len(compiled) + _GAIN
    lines = [f"| rollouts until {100 * goal:.1f} % compile | {' | '.join(f'seed {s}' for s in seeds)} |"]
    lines.append("| --- |" + " --- |" * len(seeds))
    for arm, name in arms.items():
        files = [out / f"{arm}-seed{seed}" / "run" / "metrics.jsonl" for seed in seeds]
        cells = [_first_above(file, goal) if file.is_file() else "–" for file in files]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _first_above(metrics: Path, goal: float) -> str:
    rows = [row for _, row in read_jsonl(metrics) if row.get("compile_rate") is not None]
    for end in range(_SMOOTHED, len(rows) + 1):
        if sum(row["compile_rate"] for row in rows[end - _SMOOTHED : end]) / _SMOOTHED >= goal:
            return str(sum(row["rollouts"] for row in rows[:end]))
    return "not reached" if rows else "–"


def _row(name: str, by_seed: list[list[Row]], base: list[Row]) -> str:
    pooled = [row for rows in by_seed for row in rows]
    measures = compare_rows(base, pooled, "base", name)["measures"]
    apart = [compare_rows(base, rows, "base", name)["measures"] for rows in by_seed]
    distinct = 1 - sum(m["repeated_rate"]["b"]["value"] for m in apart) / len(apart)
    cells = [
        name,
        _percent(measures, "compile_rate", "b"),
        " / ".join(f"{100 * m['compile_rate']['b']['value']:.1f}" for m in apart),
        _percent(measures, "execute_rate", "b"),
        _percent(measures, "pass@1", "b"),
        _percent(measures, "trivial_rate", "b"),
        f"{measures['mean_tokens']['b']['value']:.0f}",
        f"{100 * distinct:.0f} %",
        _percent(measures, "compile_rate", "difference", "+"),
        _percent(measures, "pass@1", "difference", "+"),
    ]
    return "| " + " | ".join(cells) + " |"


def _percent(measures: dict[str, Any], measure: str, side: str, sign: str = "") -> str:
    found = measures[measure][side]
    value, low, high = (100 * found[key] for key in ("value", "low", "high"))
    return f"{value:{sign}.1f} ({low:{sign}.1f} … {high:{sign}.1f})"
