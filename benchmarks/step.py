"""One training step, rlcf's beside that of TRL's `GRPOTrainer`: generate, score, update, at equal rollouts.

python -m benchmarks.step [--json [F]] [--rounds N] [--prompts P] [--group G] [--max-new-tokens T] [--minibatches M]
                          [--mode compiler|hybrid] [--attention auto|sdpa|eager] [--no-stop-strings] [--profile]

The same model (SmolLM2-135M, bfloat16, LoRA of the same shape), tasks, rollouts, limit of tokens, temperature, passes
over the rollouts, reference model and reward function, in one process with one number of threads, in turns (ours,
TRL's, ours, …). Steps to warm up are not counted. Quoted are medians, and medians of ratios within a round.

The two draw different samples, and TRL computes on until the last row has ended, so tokens are counted on both sides
and a ratio per token stands beside that per step. TRL has the faster of transformers' attention implementations (with
`--attention auto` both are tried first), no gradient checkpointing, and stop strings.

With `--mode hybrid` ours also fits its discriminator to the new rollouts (in `discriminate`), which TRL never does.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import sys
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from benchmarks.programs import DATA
from benchmarks.step_ours import LEARNING_RATE, Ours, Step, profiled
from benchmarks.step_summary import faster, show, summary, trial_ms
from rlcf.config import Recipe
from rlcf.errors import ConfigError, RlcfError
from rlcf.records import Task
from rlcf.tasks.loading import load_tasks
from rlcf.tasks.mathqa.conversion import read_mathqa

_NO_TRL = "TRL is not installed, and this compares with it: pip install 'trl==1.16.0' -c constraints.txt"
_TRIAL = ("sdpa", "eager", "sdpa", "eager")
"""What TRL attends with before the rounds; of the trial's steps the first two warm up, the others are compared."""


def main() -> None:
    """Prints a table, or with --json one object."""
    options = _options()
    if importlib.util.find_spec("trl") is None:
        print(_NO_TRL, file=sys.stderr)
        sys.exit(2)
    try:
        result = measure(options)
    except RlcfError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    if options.json == "-":
        print(json.dumps(result))
        return
    show(result)
    if options.json:
        Path(options.json).write_text(json.dumps(result) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", nargs="?", const="-", metavar="F", help="one object, into a file or instead")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prompts", type=int, default=6, help="tasks in a step")
    parser.add_argument("--group", type=int, default=8, help="rollouts of a task")
    parser.add_argument("--max-new-tokens", type=int, default=96)
    parser.add_argument("--minibatches", type=int, default=3, help="must divide the prompts: TRL's are all of one size")
    parser.add_argument("--mode", choices=("compiler", "hybrid"), default="compiler", help="of the reward")
    parser.add_argument("--attention", choices=("auto", "sdpa", "eager"), default="auto", help="TRL's")
    parser.add_argument(
        "--no-stop-strings", action="store_true", help="TRL samples to the end of the text or the limit"
    )
    parser.add_argument("--profile", action="store_true", help="then list where one more step of ours goes")
    parser.add_argument("--data", type=Path, default=DATA, help="where mathqa-dev.jsonl is (default: %(default)s)")
    return parser.parse_args()


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """What both took in each phase, their tokens, and the ratios; see `benchmarks.step_summary` for what each is.

    Raises:
        ConfigError: the minibatches do not divide the prompts, or there is no round.
    """
    from benchmarks.step_trl import Theirs  # needs TRL

    trial = _TRIAL if options.attention == "auto" else (options.attention,)
    updates = len(trial) + options.rounds
    recipe = _recipe(options, updates + 1)
    origin, tasks = _tasks(options.data, (updates + 1) * options.prompts)
    steps: tuple[list[Step], list[Step]] = ([], [])
    with tempfile.TemporaryDirectory() as folder, closing(Ours(recipe, tasks, Path(folder) / "ours")) as ours:
        theirs = Theirs(recipe, ours, updates, Path(folder) / "trl", not options.no_stop_strings)

        def our_turn(update: int) -> None:
            theirs.attend(trial[update - 1] if update <= len(trial) else faster(trial, steps[1]))
            steps[0].append(ours.step(update))

        def after_theirs(update: int, step: Step) -> None:
            steps[1].append(step)
            own, other = steps[0][-1].seconds["total"], step.seconds["total"]
            print(f"step {update} of {updates}: ours {own:.1f} s, TRL's {other:.1f} s", file=sys.stderr, flush=True)

        theirs.train(our_turn, after_theirs)
        profile = {"profile": profiled(ours, updates + 1)} if options.profile else {}
    return {
        "tasks": origin,
        "rollouts": f"{options.prompts} x {options.group}, at most {options.max_new_tokens} tokens each",
        "optimizer_steps": theirs.optimizer_steps,
        "reward": options.mode,
        "trl": version("trl"),
        "trl_stop_strings": not options.no_stop_strings,
        "trl_attention": faster(trial, steps[1]),
        **trial_ms(trial, steps[1]),
        "threads": torch.get_num_threads(),
        "omp_num_threads": os.environ.get("OMP_NUM_THREADS"),
        "rounds": options.rounds,
        **summary(*(each[len(trial) :] for each in steps)),
        **profile,
    }


def _recipe(options: argparse.Namespace, updates: int) -> Recipe:
    if options.rounds < 1:
        raise ConfigError(f"--rounds is {options.rounds}: expected 1 or more")
    if options.minibatches < 1 or options.prompts % options.minibatches:
        raise ConfigError(
            f"--minibatches is {options.minibatches}: expected a divisor of the {options.prompts} prompts of a step"
        )
    return Recipe.model_validate(
        {
            "generation": {"max_new_tokens": options.max_new_tokens, "batch_size": options.prompts * options.group},
            # No verdict is remembered: the two share a checker, and whoever came second would find the other's.
            "grounding": {"mode": options.mode, "cache_verdicts": False},
            "algorithm": {
                "name": "grpo",
                "learning_rate": LEARNING_RATE,
                "anneal_to": 1.0,
                "minibatches": options.minibatches,
            },
            "train": {"updates": updates, "tasks_per_update": options.prompts, "group_size": options.group},
        }
    )


def _tasks(data: Path, count: int) -> tuple[str, list[Task]]:
    """Where they come from, and `count` training tasks: MathQA's, or built-in ones where the file is missing."""
    path = data / "mathqa-dev.jsonl"
    origin, tasks = ("MathQA", read_mathqa(path).tasks) if path.is_file() else ("built-in", load_tasks("builtin:java"))
    usable = [task for task in tasks if task.split != "heldout"]
    return origin, random.Random(0).sample(usable, min(count, len(usable)))


if __name__ == "__main__":
    main()
