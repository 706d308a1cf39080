"""Models trained on the code of a project: how much of what they write compiles in it, and in another project.

python -m benchmarks.mined CORPUS CORPUS [--out FOLDER] [--outcomes FOLDER] [--seeds N ...] [--arms NAME ...] [--jobs N]
                           [--tokens N] [--tasks N] [--set KEY=VALUE ...] [--table]

A CORPUS is what `rlcf tasks mine` has written. Each arm is the recipe of a corpus with one thing changed. All learn
from the same number of tokens: those that sample learn from half of their samples. An arm is evaluated on the files
held out of its own corpus and on those of the other one, at temperature 0.4 and, with one sample of each task, at 0.
Takes hours; what is done is kept under --out and not done again. What became of each sample goes to --outcomes.
--table only prints what is there.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.experiment import Benchmark, Experiment, run_all
from benchmarks.outcome_tables import IN_PROJECT, first_errors, table
from rlcf.config.reading import load_recipe
from rlcf.tasks.loading import load_tasks, write_tasks

_MODEL = "builtin:smollm2-135m"
_OUTCOMES = Path(__file__).parent / "outcomes" / "mined"
_GREEDY = "-greedy"
"""What the name of a corpus ends with where one sample is drawn of each task, at temperature 0."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One row of the table: what it sets beside the recipe that was mined."""

    name: str
    settings: Mapping[str, object] = field(default_factory=dict)
    share: float = 1.0
    """The share of --tokens that it samples or reads. The recipe samples all of them, and learns from half."""


ARMS = {
    "hybrid": Arm("the recipe: compiler + judge + behaviour"),
    "compiler": Arm("the recipe, compiler only", {"grounding.mode": "compiler"}),
    "imitating": Arm("the recipe, with imitation", {"algorithm.imitation_coefficient": 0.2, "algorithm.imitated": 20}),
    "sft": Arm(
        "SFT on the references",
        {
            "algorithm.name": "sft",
            "algorithm.learning_rate": 1e-3,
            "algorithm.minibatches": 2,
            "train.group_size": 1,
            "train.tasks_per_update": 50,
        },
        share=0.5,
    ),
}
_MAIN = ["hybrid", "compiler", "sft"]


def main() -> None:
    """Runs what is not done yet, and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, nargs=2, metavar="CORPUS")
    parser.add_argument("--out", type=Path, default=Path("runs/mined"), help="(default: %(default)s)")
    parser.add_argument("--outcomes", type=Path, default=_OUTCOMES, help="(default: %(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--arms", nargs="*", choices=ARMS, default=_MAIN, help="(default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="in parallel, on the same cores (default: %(default)s)")
    parser.add_argument("--tokens", type=int, default=100_000, help="of each training (default: %(default)s)")
    parser.add_argument("--tasks", type=int, default=150, help="held out of each corpus (default: %(default)s)")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="of all arms' recipes")
    parser.add_argument("--table", action="store_true", help="run nothing, print what is there")
    options = parser.parse_args()
    names = [corpus.resolve().name for corpus in options.corpora]
    if not options.table:
        recipes = [corpus / "recipe.toml" for corpus in options.corpora]
        limit = max(load_recipe(recipe).generation.max_new_tokens for recipe in recipes)
        benchmarks: dict[str, Benchmark] = {}
        for name, corpus in zip(names, options.corpora, strict=True):
            tasks = _held_out(corpus, options.out / f"{name}.jsonl", options.tasks)
            benchmarks |= {name: Benchmark(tasks, limit), f"{name}{_GREEDY}": Benchmark(tasks, limit, greedy=True)}
        experiment = Experiment(options.out, options.outcomes, benchmarks)
        common = dict(each.split("=", 1) for each in options.set)
        trained = [
            partial(experiment.train, f"{name}-{arm}-seed{seed}", recipe, _settings(arm, seed, options.tokens) | common)
            for seed in options.seeds
            for arm in options.arms
            for name, recipe in zip(names, recipes, strict=True)
        ]
        run_all(options.jobs, [partial(experiment.evaluate, "base", _MODEL), *trained])
    arms = {f"{name}-{arm}": f"{ARMS[arm].name}, trained on {name}" for name in names for arm in options.arms}
    for name in names:
        for benchmark in (name, f"{name}{_GREEDY}"):
            print("\n".join(table(options.outcomes, benchmark, arms, options.seeds, columns=IN_PROJECT)))
        print("\n".join(first_errors(options.outcomes, name, arms, options.seeds)))


def _held_out(corpus: Path, out: Path, count: int) -> Path:
    """Writes `count` tasks of a corpus that no model is trained on."""
    tasks = [task for task in load_tasks(str(corpus / "tasks.jsonl")) if task.split == "heldout"]
    write_tasks(out, random.Random(0).sample(tasks, min(count, len(tasks))))
    return out


def _settings(arm: str, seed: int, tokens: int) -> dict[str, object]:
    chosen = ARMS[arm]
    enough = {"train.updates": 100_000, "train.max_tokens": round(tokens * chosen.share)}
    return {**enough, "train.seed": seed, "evaluation.max_tasks": 1, "evaluation.samples": 1, **chosen.settings}


if __name__ == "__main__":
    main()
