"""The outcomes of an experiment: how they are kept, and as tables in Markdown.

    NAME-BENCHMARK.jsonl.gz   a line for each sample: what became of it; its text is a hash
    NAME-training.jsonl.gz    a line for each update of its training

NAME is `base`, that of another untrained model, or ARM-seedN.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rlcf.evaluation.compare import Comparison, compare_rows
from rlcf.evaluation.metrics import Result, program_text
from rlcf.evaluation.results import load_results
from rlcf.evaluation.statistics import Estimate
from rlcf.evaluation.summary import first_error
from rlcf.storage.atomic import write_jsonl
from rlcf.storage.jsonl import read_jsonl_tail_safe

WITH_TESTS = {"compile": "compile_rate", "execute": "execute_rate", "pass@1": "pass@1", "trivial": "trivial_rate"}
IN_PROJECT = {
    "compile": "compile_rate",
    "trivial": "trivial_rate",
    "exact": "exact_rate",
    "copied": "copied_rate",
    "original": "original_rate",
}
"""Column → measure, in percent."""
_COMPARED = ("compile", "trivial", "pass@1", "copied", "original")
"""Columns of which there are differences from the base model."""
_KEPT = (
    *("task_id", "compiled", "executed", "passed", "status", "trivial", "tokens", "finished"),
    *("exact", "copied", "reference_copied"),
)
_JAVA_ERRORS = {
    "unknown name": r"cant\.resolve.*|doesnt\.exist",
    "arguments": r"cant\.apply.*",
    "wrong type": r"prob\.found.*|incomparable.*|incompatible.*|operator.*",
    "syntax": r"expected\d?|illegal\.start\.of.*|not\.stmt|premature\.eof|unclosed\.str\.lit|else\.without\.if",
}
"""Kind of an error → the codes of javac, without `compiler.err.`."""
_CURVE = ("update", "rollouts", "mean_tokens", "reward", "compile_rate", "trivial_rate")


def write_outcomes(folder: Path, outcomes: Path, name: str, benchmarks: Sequence[str]) -> None:
    """Keeps what `folder` holds: an evaluation for each benchmark, and in `run` the training, if there was one."""
    for benchmark in benchmarks:
        results = load_results(folder / benchmark)
        kept = [
            {
                **{key: row[key] for key in _KEPT if key in row},
                "error": (first_error(row) or {}).get("code"),
                "completion": _hash(row),
            }
            for row in results
        ]
        write_jsonl(outcomes / f"{name}-{benchmark}.jsonl.gz", kept)
    updates = read_jsonl_tail_safe(folder / "run" / "metrics.jsonl")
    if updates:
        curve = [{key: row[key] for key in _CURVE} for row in updates]
        write_jsonl(outcomes / f"{name}-training.jsonl.gz", curve)


def _hash(row: Result) -> str:
    """Equal where programs are equal."""
    return hashlib.sha256(program_text(row).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def table(
    outcomes: Path,
    benchmark: str,
    arms: Mapping[str, str],
    seeds: Sequence[int],
    untrained: Sequence[str] = (),
    columns: Mapping[str, str] = WITH_TESTS,
    against: str = "base",
) -> list[str]:
    """The lines of the table for a benchmark.

    Args:
        arms: name in `outcomes` without the seed → name of the row. What is not there yet is left out.
        untrained: names in `outcomes`.
        columns: title → measure.
        against: what the differences are from: `base` or one of `arms`, which then comes first.
    """
    own = {against: arms[against]} if against in arms else {}
    [(name, first)] = _by_arm(outcomes, benchmark, own, seeds, [] if own else [against])
    base = [row for rows in first for row in rows]
    differences = [f"Δ {title}" for title in _COMPARED if title in columns]
    head = [benchmark, *columns, "compile by seed", "tokens", "distinct", *differences]
    lines = [f"| {' | '.join(head)} |", "| --- |" + " --- |" * (len(head) - 1), _row(name, first, base, columns)]
    others = {arm: title for arm, title in arms.items() if arm != against}
    for name, results in _by_arm(outcomes, benchmark, others, seeds, untrained):
        lines.append(_row(name, results, base, columns))
    return [*lines, ""]


def first_errors(outcomes: Path, benchmark: str, arms: Mapping[str, str], seeds: Sequence[int]) -> list[str]:
    """The lines of a table of what programs in Java are rejected for, as shares of all samples.

    The last column is the share of the errors of syntax that bodies have which the limit of tokens cuts off.
    """
    head = [f"{benchmark}: first errors, %", "compiles", *_JAVA_ERRORS, "others", "of syntax: cut off"]
    lines = [f"| {' | '.join(head)} |", "| --- |" + " --- |" * (len(head) - 1)]
    for name, results in _by_arm(outcomes, benchmark, arms, seeds, ["base"]):
        samples = [row for rows in results for row in rows]
        kinds = [_kind_of_error(row) for row in samples]
        counts = Counter(kinds)
        syntax = [row for row, kind in zip(samples, kinds, strict=True) if kind == "syntax"]
        shares = [counts[kind] / len(samples) for kind in ("compiles", *_JAVA_ERRORS, "others")]
        shares.append(sum(not row["finished"] for row in syntax) / max(len(syntax), 1))
        lines.append(f"| {' | '.join([name, *(f'{100 * share:.1f}' for share in shares)])} |")
    return [*lines, ""]


def _kind_of_error(row: Result) -> str:
    if row.get("compiled"):
        return "compiles"
    code = (row.get("error") or "").removeprefix("compiler.err.")
    return next((kind for kind, pattern in _JAVA_ERRORS.items() if re.fullmatch(pattern, code)), "others")


def _by_arm(
    outcomes: Path, benchmark: str, arms: Mapping[str, str], seeds: Sequence[int], untrained: Sequence[str]
) -> Iterator[tuple[str, list[list[Result]]]]:
    """The names of rows and the outcomes of their seeds, of those of which there are any."""
    files = {name: [f"{name}-{benchmark}.jsonl.gz"] for name in untrained}
    files |= {name: [f"{arm}-seed{seed}-{benchmark}.jsonl.gz" for seed in seeds] for arm, name in arms.items()}
    for name, of_seeds in files.items():
        results = [load_results(outcomes / file) for file in of_seeds if (outcomes / file).is_file()]
        if results:
            yield name, results


def _row(name: str, by_seed: list[list[Result]], base: list[Result], columns: Mapping[str, str]) -> str:
    pooled = [row for rows in by_seed for row in rows]
    together = _Measured(compare_rows(base, pooled, "base", name))
    apart = [_Measured(compare_rows(base, rows, "base", name)) for rows in by_seed]
    distinct = 1 - sum(one.value("repeated_rate") for one in apart) / len(apart)
    cells = [
        name,
        *(_percent(together.estimate(key)) for key in columns.values()),
        " / ".join(f"{100 * one.value('compile_rate'):.1f}" for one in apart),
        f"{together.value('mean_tokens'):.0f}",
        f"{100 * distinct:.0f} %",
    ]
    differences = [_percent(together.difference(columns[title]), "+") for title in _COMPARED if title in columns]
    return "| " + " | ".join(cells + (differences if pooled != base else ["–"] * len(differences))) + " |"


class _Measured:
    """A comparison with the base model, by the metrics' names."""

    def __init__(self, comparison: Comparison) -> None:
        self._by_key = {one.metric.key: one for one in comparison.compared}

    def estimate(self, key: str) -> Estimate | None:
        return self._by_key[key].b

    def difference(self, key: str) -> Estimate | None:
        return self._by_key[key].difference

    def value(self, key: str) -> float:
        estimate = self.estimate(key)
        assert estimate is not None
        return estimate.value


def _percent(found: Estimate | None, sign: str = "") -> str:
    if found is None or found.low is None or found.high is None:
        return "–"
    value, low, high = (f"{100 * x:{sign}.1f}".replace("-", "−") for x in (found.value, found.low, found.high))
    return f"{value} ({low} … {high})"
