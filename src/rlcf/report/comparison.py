"""Several runs beside each other: their results, and the settings in which they differ."""

from __future__ import annotations

from collections.abc import Sequence

from rlcf.evaluation.metrics import Metric
from rlcf.report.before_after import (
    COMPILE,
    EXECUTE,
    LENGTH,
    NONTRIVIAL,
    PASS,
    PREFERENCE,
    TRIVIAL,
    Comparison,
)
from rlcf.report.facts import flat, setting
from rlcf.report.load import RunData

COMPARED = (COMPILE, TRIVIAL, NONTRIVIAL, LENGTH, EXECUTE, PASS, PREFERENCE)
"""Triviality and length stand close to the compile rate, so that a small screen shows them together."""


def compared(results: Sequence[dict[str, Comparison]]) -> list[tuple[Metric, list[Comparison | None]]]:
    """Each measure with its comparison in every run, in the runs' order."""
    return [(measure, [found.get(measure.key) for found in results]) for measure in COMPARED]


def setup(run: RunData) -> str:
    """What a run is, in a few words."""
    return ", ".join(filter(None, (setting(run, label) for label in ("Model", "Algorithm", "Reward"))))


def differing_settings(runs: Sequence[RunData]) -> list[tuple[str, list[str]]]:
    """Settings that are not the same in all runs, with each run's value."""
    settings = [flat(run.config) | {"seed": setting(run, "Seed")} for run in runs]
    keys = dict.fromkeys(key for one in settings for key in one)
    rows = [(key, [one.get(key, "–") for one in settings]) for key in keys]
    return [(key, values) for key, values in rows if len(set(values)) > 1]
