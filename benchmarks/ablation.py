"""An ablation: what each part of the grounding function is worth, on MathQA-Java and on MBJP.

python -m benchmarks.ablation [--data FOLDER] [--out FOLDER] [--outcomes FOLDER] [--seeds N ...] [--variants NAME ...]
                              [--tasks N] [--updates N] [--jobs N] [--table]

Trains each variant with the same sizes on MathQA's development split, evaluates it on problems of both benchmarks, and
prints tables in Markdown: pooled over seeds, intervals that resample tasks, differences from the base model paired by
task; and how many rollouts each seed needs for a compile rate of base + 15 to 60 points. Takes hours. What is done is
kept under --out and not done again, so it can be interrupted at any time. What became of each sample goes to
--outcomes, in files small enough for the repository, so that seeds of several machines and days can be pooled.
--table only prints what is there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ablation_table import tables, write_outcomes
from benchmarks.programs import DATA
from rlcf.storage.atomic import write_text

_MODEL = "builtin:smollm2-135m"
_SAMPLES = 4
_TEMPERATURE = 0.4
_BENCHMARKS = {"mathqa": 128, "mbjp": 160}
"""Benchmark → limit of new tokens in its evaluation."""
_TRAINING = {"generation.max_new_tokens": 128, "evaluation.max_tasks": 1, "evaluation.samples": 1}
"""The evaluations of `rlcf train` are kept down: those that count are made here."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One row of the table."""

    name: str
    recipe: str


VARIANTS = {
    "sft": Variant("SFT on the references", "sft"),
    "compiler": Variant("PPO, compiler only", "compiler-only"),
    "judge": Variant("PPO, discriminator only", "judge-only"),
    "ppo": Variant("PPO, hybrid", "ppo"),
    "grpo": Variant("GRPO, hybrid", "demo"),
    "rloo": Variant("RLOO, hybrid", "rloo"),
    "raft": Variant("RAFT, hybrid", "raft"),
    "credit": Variant("PPO, hybrid, token-level credit", "token-credit"),
    "pairwise": Variant("PPO, hybrid, calibration pairwise", "calibration-pairwise"),
    "margin": Variant("PPO, hybrid, calibration margin", "calibration-margin"),
    "group-rank": Variant("PPO, hybrid, calibration group_rank", "calibration-group-rank"),
}
_MAIN = ("sft", "compiler", "judge", "ppo", "grpo", "credit")


def main() -> None:
    """Runs what is not done yet, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="where the benchmarks are (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"), help="(default: %(default)s)")
    parser.add_argument("--outcomes", type=Path, default=Path("benchmarks/outcomes"), help="(default: %(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=_MAIN, help="(default: %(default)s)")
    parser.add_argument("--tasks", type=int, default=300, help="of each benchmark (default: %(default)s)")
    parser.add_argument("--updates", type=int, default=16, help="of each training (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="in parallel, on the same cores (default: %(default)s)")
    parser.add_argument("--table", action="store_true", help="run nothing, print what is there")
    options = parser.parse_args()
    if not options.table:
        _prepare(options.data, options.out, options.tasks)
        _share_cores(options.jobs)
        with ThreadPoolExecutor(options.jobs) as jobs:
            done = [jobs.submit(_evaluate, _MODEL, options.out, "base", options.outcomes)]
            for seed in options.seeds:
                for variant in options.variants:
                    done.append(jobs.submit(_run, variant, seed, options))
        failed = [error for error in (job.exception() for job in done) if error]
        if failed:
            sys.exit("\n".join([*map(str, failed), "what is done is kept: the same command goes on from here"]))
    names = {variant: VARIANTS[variant].name for variant in options.variants}
    print("\n".join(tables(options.outcomes, list(_BENCHMARKS), names, options.seeds)))


def _share_cores(jobs: int) -> None:
    """One thread a process does more than two threads of two processes that wait for each other."""
    if jobs > 1:
        os.environ["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // jobs))


def _prepare(data: Path, out: Path, tasks: int) -> None:
    """Training tasks without any problem of the benchmark; the first `tasks` tasks of each benchmark."""
    out.mkdir(parents=True, exist_ok=True)
    train = out / "mathqa-train.jsonl"
    if not train.exists():
        benchmark = data / "mathqa-java.jsonl"
        _rlcf("tasks", "mathqa", data / "mathqa-dev.jsonl", "--without", benchmark, "--out", train)
    for name, file in (("mathqa", "mathqa-java.jsonl"), ("mbjp", "mbjp.jsonl")):
        lines = (data / file).read_text(encoding="utf-8").splitlines(keepends=True)
        write_text(out / f"{name}.jsonl", "".join(lines[:tasks]))


def _run(variant: str, seed: int, options: argparse.Namespace) -> None:
    name, out = f"{variant}-seed{seed}", options.out
    run = out / name / "run"
    if not (run / "adapter").is_dir():
        settings = {"tasks.train": out / "mathqa-train.jsonl", "tasks.evaluate": out / "mathqa.jsonl", **_TRAINING}
        settings |= {"train.seed": seed, "train.updates": options.updates}
        overrides = [f"--set={key}={value}" for key, value in settings.items()]
        _rlcf("train", f"recipes/{VARIANTS[variant].recipe}.toml", *overrides, "--resume", "--out", run)
    _evaluate(str(run / "adapter"), out, name, options.outcomes)


def _evaluate(model: str, out: Path, name: str, outcomes: Path) -> None:
    for benchmark, limit in _BENCHMARKS.items():
        if not (out / name / benchmark / "summary.json").is_file():
            how = ("-n", _SAMPLES, "--temperature", _TEMPERATURE, "--max-new-tokens", limit, "--seed", 0)
            tasks = out / f"{benchmark}.jsonl"
            _rlcf("evaluate", "--model", model, "--tasks", tasks, *how, "--out", out / name / benchmark)
    write_outcomes(out / name, outcomes, name, list(_BENCHMARKS))


def _rlcf(*arguments: object) -> None:
    """Runs the command line as a user would.

    Raises:
        RuntimeError: it failed.
    """
    command = ["rlcf", *map(str, arguments)]
    print("$", *command, file=sys.stderr, flush=True)
    ended = subprocess.run(
        [sys.executable, "-m", "rlcf.cli.main", *command[1:]], capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{ended.stderr.strip()}")


if __name__ == "__main__":
    main()
