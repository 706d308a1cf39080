"""An ablation: what each part of the grounding function is worth, at equal cost.

python -m benchmarks.ablation [--data FOLDER] [--out FOLDER] [--outcomes FOLDER] [--seeds N ...] [--arms NAME ...]
                              [--untrained NAME=MODEL ...] [--tasks N] [--tokens N] [--jobs N]
                              [--table [--against NAME]]

Trains each arm on the same tasks, half of them built-in and half MathQA's, with references of at most 72 tokens, which
is also the limit of a rollout. Each arm learns from the same number of tokens: sampled ones or, in supervised training,
those of references. The arms named `long` have 150 smaller updates instead.

Evaluates each arm on the held-out built-in tasks, MathQA-Java and MBJP, and prints tables in Markdown: pooled over
seeds, intervals that resample tasks, differences from the base model paired by task.

Takes hours. What is done is kept under --out and not done again, so it can be interrupted at any time. What became of
each sample goes to --outcomes, in files small enough for the repository, so that seeds of several machines and days can
be pooled. --table only prints what is there, with --against as differences from another arm.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.experiment import Benchmark, Experiment, rlcf, run_all
from benchmarks.outcome_tables import table
from benchmarks.programs import DATA
from rlcf.models.loading import load_language_model
from rlcf.records import Task
from rlcf.storage.atomic import write_text
from rlcf.tasks.builtin import load_builtin
from rlcf.tasks.loading import load_tasks, write_tasks

_MODEL = "builtin:smollm2-135m"
_TRAINED_TOKENS = 72
"""Limit of new tokens in training: what the model at first can't end costs no more than this."""
_LIMITS = {"builtin": 96, "mathqa": 128, "mbjp": 128}
"""Benchmark → limit of new tokens in its evaluation."""
_RECIPE = Path(__file__).with_suffix(".toml")
_OUTCOMES = Path("benchmarks/outcomes/ablation")
_SUPERVISED = {
    "algorithm.name": "sft",
    "algorithm.learning_rate": 1e-3,
    "algorithm.minibatches": 2,
    "train.group_size": 1,
    "train.tasks_per_update": 50,
}
_LONG = {"train.updates": 150, "train.max_tokens": None, "train.tasks_per_update": 5, "algorithm.learning_rate": 5e-4}
_IMITATION = {"algorithm.imitation_coefficient": 1.0, "algorithm.imitated": 20, "algorithm.kl_coefficient": 0.0}
"""As in the demo. What is imitated comes on top of the sampled tokens."""
_TESTS = {"grounding.components": "{ tests = 1.0 }"}


@dataclass(frozen=True, slots=True)
class Arm:
    """One row of the table: what it sets beside the recipe; `None` leaves a setting of all arms out."""

    name: str
    settings: Mapping[str, object] = field(default_factory=dict)


ARMS = {
    "sft": Arm("SFT on the references", _SUPERVISED),
    "raft": Arm("RAFT, judge + behaviour", {"algorithm.name": "raft", "algorithm.minibatches": 2}),
    "compiler": Arm("compiler only", {"grounding.mode": "compiler"}),
    "paper": Arm(
        "the paper's hybrid: compiler + discriminator",
        {"judge.name": "discriminator", "judge.calibration": "pairwise", "grounding.components": "{ judge = 1.0 }"},
    ),
    "judge": Arm("compiler + judge", {"grounding.components": "{ judge = 1.0 }"}),
    "behaviour": Arm("compiler + judge + behaviour"),
    "imitation": Arm("the same, and imitation of references", _IMITATION),
    "tests": Arm("tests (upper bound)", _TESTS),
    "warm": Arm("SFT, then compiler + judge + behaviour", {"warm_start.updates": 6}),
    "long": Arm("compiler + judge + behaviour, 150 updates", _LONG),
    "tests-long": Arm("tests, 150 updates", {**_TESTS, **_LONG}),
}


def main() -> None:
    """Runs what is not done yet, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="where the benchmarks are (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"), help="(default: %(default)s)")
    parser.add_argument("--outcomes", type=Path, default=_OUTCOMES, help="(default: %(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--arms", nargs="*", choices=ARMS, default=list(ARMS), help="(default: all)")
    parser.add_argument("--untrained", nargs="*", default=[], metavar="NAME=MODEL", help="evaluated as they are")
    parser.add_argument("--tasks", type=int, default=300, help="of each benchmark (default: %(default)s)")
    parser.add_argument("--tokens", type=int, default=100_000, help="of each training (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="in parallel, on the same cores (default: %(default)s)")
    parser.add_argument("--table", action="store_true", help="run nothing, print what is there")
    parser.add_argument("--against", choices=["base", *ARMS], default="base", help="(default: the base model)")
    options = parser.parse_args()
    untrained = dict(each.split("=", 1) for each in options.untrained)
    if not options.table:
        _prepare(options.data, options.out, options.tasks)
        benchmarks = {name: Benchmark(options.out / f"{name}.jsonl", limit) for name, limit in _LIMITS.items()}
        experiment = Experiment(options.out, options.outcomes, benchmarks)
        trained = [
            partial(experiment.train, f"{arm}-seed{seed}", _RECIPE, _settings(arm, seed, options))
            for seed in options.seeds
            for arm in options.arms
        ]
        run_all(
            options.jobs,
            [*(partial(experiment.evaluate, *model) for model in {"base": _MODEL, **untrained}.items()), *trained],
        )
    names = {arm: ARMS[arm].name for arm in options.arms}
    for benchmark in _LIMITS:
        lines = table(options.outcomes, benchmark, names, options.seeds, list(untrained), against=options.against)
        print("\n".join(lines))


def _prepare(data: Path, out: Path, tasks: int) -> None:
    """Training tasks, as many of MathQA as built-in ones and none of the benchmark; and the tasks of each benchmark."""
    out.mkdir(parents=True, exist_ok=True)
    builtin, train = load_builtin("builtin:java"), out / "train.jsonl"
    write_tasks(out / "builtin.jsonl", [t for t in builtin if t.split == "heldout"])
    if not train.exists():
        benchmark, mathqa = data / "mathqa-java.jsonl", out / "mathqa-train.jsonl"
        rlcf("tasks", "mathqa", data / "mathqa-dev.jsonl", "--without", benchmark, "--out", mathqa)
        own = _short([t for t in builtin if t.split == "train"])
        write_tasks(train, [*own, *random.Random(0).sample(_short(load_tasks(str(mathqa))), len(own))])
    for name, file in (("mathqa", "mathqa-java.jsonl"), ("mbjp", "mbjp.jsonl")):
        lines = (data / file).read_text(encoding="utf-8").splitlines(keepends=True)
        write_text(out / f"{name}.jsonl", "".join(lines[:tasks]))


def _short(tasks: list[Task]) -> list[Task]:
    """Those that the model can complete within the limit."""
    _, tokenizer = load_language_model(_MODEL)
    return [t for t in tasks if len(tokenizer(t.canonical_solution).input_ids) <= _TRAINED_TOKENS]


def _settings(arm: str, seed: int, options: argparse.Namespace) -> dict[str, object]:
    out = options.out
    settings = {"tasks.train": out / "train.jsonl", "tasks.evaluate": out / "mathqa.jsonl", "train.seed": seed}
    settings["generation.max_new_tokens"] = _TRAINED_TOKENS
    return settings | {"train.max_tokens": options.tokens, **ARMS[arm].settings}


if __name__ == "__main__":
    main()
