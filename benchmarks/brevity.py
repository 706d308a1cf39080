"""What short programs earn in a project: the aligned judge's reward with and without the brevity penalty.

python -m benchmarks.brevity RESULTS… [--model NAME]

RESULTS are folders that `rlcf evaluate` has written, of tasks that stand in files. Only samples that compile are
judged; those that do not earn -1. The first table has a row for each folder: which policy would each reward prefer? The
second has all samples by their length: those that are neither exact, trivial nor copied.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median

from rlcf.config import AlignedConfig, GroundingConfig
from rlcf.grounding.judge import AlignedJudge
from rlcf.grounding.judge.base import Candidate
from rlcf.grounding.recipe import REJECTED
from rlcf.languages.registry import load_language
from rlcf.storage.jsonl import read_jsonl
from rlcf.tasks.brevity import brevity_penalty
from rlcf.tasks.loading import load_tasks
from rlcf.tasks.mining.duplicates import tokens_of

_WORST = GroundingConfig().trivial_reward
_LENGTHS = (0, 0.25, 0.5, 0.8, 1.25, float("inf"))


@dataclass(frozen=True, slots=True)
class Judged:
    """One sample."""

    accepted: bool
    exact: bool
    worthless: bool
    """Trivial or copied."""
    length: float
    """Its tokens as a share of the reference's."""
    before: float
    """The reward without the penalty."""
    after: float


def main() -> None:
    """Prints two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULTS")
    parser.add_argument("--model", default="builtin:smollm2-135m", help="of the judge (default: %(default)s)")
    options = parser.parse_args()
    judge = AlignedJudge.load(options.model, AlignedConfig().layer)
    of_all: list[Judged] = []
    print("| samples | compile rate | exact | length (median) | reward without the penalty | with it |")
    print("| --- | --- | --- | --- | --- | --- |")
    for folder in options.results:
        judged = _judged(folder, judge)
        accepted = [one for one in judged if one.accepted]
        shares = [100 * len(accepted) / len(judged), 100 * sum(one.exact for one in accepted) / len(judged)]
        rates = " | ".join(f"{share:.1f}" for share in shares)
        print(f"| {folder} | {rates} | {median(one.length for one in accepted):.2f} | {_means(judged)} |", flush=True)
        of_all += accepted
    print("\n| length | samples | reward without the penalty | with it |")
    print("| --- | --- | --- | --- |")
    ordinary = [one for one in of_all if not (one.exact or one.worthless)]
    for low, high in pairwise(_LENGTHS):
        part = [one for one in ordinary if low <= one.length < high]
        if part:
            print(f"| {low} … {high} | {len(part)} | {_means(part)} |")


def _means(judged: Sequence[Judged]) -> str:
    return f"{fmean(one.before for one in judged):.2f} | {fmean(one.after for one in judged):.2f}"


def _judged(folder: Path, judge: AlignedJudge) -> list[Judged]:
    by_id = {task.task_id: task for task in load_tasks(str(folder / "tasks.jsonl"))}
    rows = [row for _, row in read_jsonl(folder / "results.jsonl")]
    judged = [Judged(False, False, False, 0.0, REJECTED, REJECTED)] * len(rows)
    accepted = [i for i, row in enumerate(rows) if row["compiled"]]
    candidates = []
    for i in accepted:
        task, row = by_id[rows[i]["task_id"]], rows[i]
        worthless = row["trivial"] or row["copied"]
        candidates.append(Candidate(judge.example(load_language(task.language), task, row["completion"], worthless)))
    for i, candidate, reward in zip(accepted, candidates, judge.rewards(candidates, _WORST), strict=True):
        task, row = by_id[rows[i]["task_id"]], rows[i]
        assert reward is not None
        kept = brevity_penalty(load_language(task.language), task, row["completion"])
        written, wanted = (len(tokens_of(code)) for code in (candidate.example.program, candidate.example.reference))
        after = _WORST * (1 - kept) + reward * kept
        judged[i] = Judged(True, row["exact"], candidate.example.trivial, written / max(1, wanted), reward, after)
    return judged


if __name__ == "__main__":
    main()
