"""Which judge agrees with unit tests, on programs that compile.

rlcf evaluate --tasks MBJP_SHORT.jsonl --model builtin:smollm2-135m -n 4 --temperature 0.4 --out RESULTS
python -m benchmarks.judges RESULTS [--model NAME] [--only NAME]… [--json] [--out FILE.jsonl.gz]

The samples are those of an evaluation. A judge that is trained is fitted as in training, on the samples of the other
half of the tasks. `length` and `chrF` read no meaning: what does not beat them is no judge.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from rlcf.config import AlignedConfig, CalibrationName, DiscriminatorConfig, GroundingConfig
from rlcf.evaluation.agreement import Agreement, agreements
from rlcf.evaluation.metrics import Result
from rlcf.grounding import Grounding
from rlcf.grounding.judge import AlignedJudge, Discriminator, Encoder, Example, Judge
from rlcf.grounding.judge.training import DiscriminatorTrainer
from rlcf.languages.registry import load_language
from rlcf.records import Task
from rlcf.storage.jsonl import read_jsonl
from rlcf.tasks.loading import load_tasks

Scores = list[dict[str, float | None]]
JAVA = load_language("java")


@dataclass(frozen=True, slots=True)
class Samples:
    """Those of an evaluation that compile and were tested, with their tasks."""

    rows: list[Result]
    tasks: list[Task]

    @classmethod
    def load(cls, folder: Path) -> Samples:
        by_id = {t.task_id: t for t in load_tasks(str(folder / "tasks.jsonl"))}
        results = [row for _, row in read_jsonl(folder / "results.jsonl")]
        rows = [r for r in results if r["compiled"] and r["passed"] is not None]
        return cls(rows, [by_id[r["task_id"]] for r in rows])

    @property
    def texts(self) -> list[str]:
        """The completions."""
        return [row["completion"] for row in self.rows]

    def only(self, chosen: Sequence[int]) -> Samples:
        """Those with these numbers."""
        return Samples([self.rows[i] for i in chosen], [self.tasks[i] for i in chosen])

    def scored_by(self, grounding: Grounding) -> Scores:
        """The reward and its components."""
        with grounding:
            scores = grounding.score(self.tasks, self.texts)
        return [{"reward": s.reward, **s.components} for s in scores]


def main() -> None:
    """Prints a table, or with --json one object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--model", default="builtin:smollm2-135m", help="of the aligned judge (default: %(default)s)")
    parser.add_argument("--only", action="append", choices=list(SCORERS), help="leave the others out")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path, help="where to keep each sample's scores")
    options = parser.parse_args()
    samples = Samples.load(options.results)
    found: dict[str, Agreement] = {}
    kept: Scores = [{} for _ in samples.rows]
    for name in options.only or SCORERS:
        started = time.perf_counter()
        scores = SCORERS[name](samples, options.model)
        seconds = time.perf_counter() - started
        rows = [
            r | {"reward": None, "preference": None, "components": s} for r, s in zip(samples.rows, scores, strict=True)
        ]
        for part, agreement in agreements(rows).items():
            label = name if part in ("score", name) else f"{name}: {part}"
            found[label] = agreement
            if not options.json:
                print(f"{label:<28} {_line(agreement)}  {seconds / len(scores) * 1e3:6.1f} ms a program", flush=True)
        for one, all_of in zip(scores, kept, strict=True):
            all_of.update({f"{name}: {part}": value for part, value in one.items()})
    if options.out:
        with gzip.open(options.out, "wt", encoding="utf-8") as file:
            for row, scores_of in zip(samples.rows, kept, strict=True):
                print(json.dumps({"task_id": row["task_id"], "passed": row["passed"], **scores_of}), file=file)
    if options.json:
        print(json.dumps({name: asdict(agreement) for name, agreement in found.items()}))


def _line(agreement: Agreement) -> str:
    def text(estimate: object) -> str:
        value, low, high = (getattr(estimate, part, math.nan) for part in ("value", "low", "high"))
        return f"{value:.3f} ({low:.3f} … {high:.3f})"

    return f"pooled {text(agreement.pooled)}  within {text(agreement.within)}  of {agreement.samples}"


def _length(samples: Samples, _: str) -> Scores:
    """How near its length is to the reference's, in characters."""
    pairs = zip(samples.tasks, samples.texts, strict=True)
    return [{"score": -abs(math.log((len(c) + 1) / (len(t.canonical_solution or "") + 1)))} for t, c in pairs]


def _chrf(samples: Samples, _: str) -> Scores:
    """Character n-grams in common with the reference (Popović, 2015), n = 1 … 6, β = 2, without white space."""
    return [{"score": chrf(c, t.canonical_solution or "")} for t, c in zip(samples.tasks, samples.texts, strict=True)]


def chrf(text: str, reference: str) -> float:
    """chrF of two texts, 0 … 1."""
    precisions, recalls = [], []
    for n in range(1, 7):
        one, other = (Counter(s[i : i + n] for i in range(len(s) - n + 1)) for s in map(_squeezed, (text, reference)))
        common = (one & other).total()
        precisions.append(common / max(1, one.total()))
        recalls.append(common / max(1, other.total()))
    p, r = sum(precisions) / 6, sum(recalls) / 6
    return 5 * p * r / (4 * p + r) if p + r else 0.0


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _aligned(samples: Samples, model: str) -> Scores:
    config = AlignedConfig()
    return _judged(samples, AlignedJudge.load(model, config.layer))


def _judged(samples: Samples, judge: Judge) -> Scores:
    """What the judge's component gives, and the bare preference."""
    with Grounding(GroundingConfig(components={"judge": 1.0}), judge) as grounding:
        scores = grounding.score(samples.tasks, samples.texts)
    return [{"score": s.components["judge"], "preference": s.preference} for s in scores]


def _discriminator(calibration: CalibrationName) -> Callable[[Samples, str], Scores]:
    def scorer(samples: Samples, _: str) -> Scores:
        """Each half of the tasks is judged by a discriminator that was fitted on the other half."""
        half = set(list(dict.fromkeys(t.task_id for t in samples.tasks))[::2])
        first, second = (
            [i for i, t in enumerate(samples.tasks) if (t.task_id in half) == is_in] for is_in in (True, False)
        )
        scores: Scores = [{} for _ in samples.rows]
        for judged, others in ((first, second), (second, first)):
            judge = _fitted(samples.only(others), calibration)
            for i, given in zip(judged, _judged(samples.only(judged), judge), strict=True):
                scores[i] = given
        return scores

    return scorer


def _fitted(samples: Samples, calibration: CalibrationName) -> Judge:
    config = DiscriminatorConfig(calibration=calibration)
    torch.manual_seed(0)
    unique = list({t.task_id: t for t in samples.tasks}.values())
    trainer = DiscriminatorTrainer(Discriminator(Encoder.load(config.encoder)), unique, JAVA, config, seed=0)
    trainer.warm_up()
    examples = [Example.of(JAVA, t, c) for t, c in zip(samples.tasks, samples.texts, strict=True)]
    for start in range(0, len(examples), 48):
        trainer.refresh(examples[start : start + 48])
    return trainer.discriminator


def _behaviour(samples: Samples, _: str) -> Scores:
    return samples.scored_by(Grounding(GroundingConfig(components={"behaviour": 1.0}), None))


def _hybrid(samples: Samples, model: str) -> Scores:
    config = AlignedConfig()
    return samples.scored_by(Grounding(GroundingConfig(), AlignedJudge.load(model, config.layer)))


SCORERS: dict[str, Callable[[Samples, str], Scores]] = {
    "length": _length,
    "chrF": _chrf,
    "discriminator, pairwise": _discriminator("pairwise"),
    "discriminator, least_squares": _discriminator("least_squares"),
    "aligned": _aligned,
    "behaviour": _behaviour,
    "hybrid": _hybrid,
}


if __name__ == "__main__":
    main()
