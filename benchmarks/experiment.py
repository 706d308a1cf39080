"""Trainings and evaluations that take hours: each runs as a user would run it, and what is done is not done again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.outcome_tables import write_outcomes


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Tasks that models are evaluated on."""

    tasks: Path
    max_new_tokens: int
    check_references: bool = False
    """Whether tasks whose references fail their own tests are left out of what counts passes."""
    greedy: bool = False
    """One sample of each task, at temperature 0."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """Where runs are kept, and what each model is evaluated on."""

    out: Path
    """A folder for each model: `run`, if it was trained, and its evaluations."""
    outcomes: Path
    """What became of each sample, in files small enough for the repository."""
    benchmarks: Mapping[str, Benchmark]
    samples: int = 4
    temperature: float = 0.4

    def train(self, name: str, recipe: Path, settings: Mapping[str, object]) -> None:
        """Trains a model and evaluates it; a setting that is `None` is left out."""
        run = self.out / name / "run"
        if not (run / "adapter").is_dir():
            overrides = [f"--set={key}={value}" for key, value in settings.items() if value is not None]
            rlcf("train", recipe, *overrides, "--resume", "--out", run)
        self.evaluate(name, str(run / "adapter"))

    def evaluate(self, name: str, model: str) -> None:
        """Evaluates a model on all benchmarks, and keeps the outcomes."""
        for key, benchmark in self.benchmarks.items():
            out = self.out / name / key
            if not (out / "summary.json").is_file():
                samples, temperature = (1, 0) if benchmark.greedy else (self.samples, self.temperature)
                sampling = ("-n", samples, "--temperature", temperature, "--seed", 0)
                limit = ("--max-new-tokens", benchmark.max_new_tokens)
                checked = ("--check-references",) if benchmark.check_references else ()
                tasks = ("--tasks", benchmark.tasks, *checked)
                rlcf("evaluate", "--model", model, *tasks, *sampling, *limit, "--out", out)
        write_outcomes(self.out / name, self.outcomes, name, list(self.benchmarks))


def run_all(jobs: int, tasks: Iterable[Callable[[], None]]) -> None:
    """Runs all, `jobs` at a time on the same cores; one that fails stops no other one, and then the program."""
    if jobs > 1:  # one thread a process does more than two threads of two processes that wait for each other
        os.environ["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // jobs))
    with ThreadPoolExecutor(jobs) as threads:
        done = [threads.submit(task) for task in tasks]
    failed = [error for error in (each.exception() for each in done) if error]
    if failed:
        sys.exit("\n".join([*map(str, failed), "what is done is kept: the same command goes on from here"]))


def rlcf(*arguments: object) -> None:
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
