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
import statistics
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.programs import DATA
from rlcf.config import Recipe
from rlcf.corpus.mathqa.tasks import read_mathqa
from rlcf.corpus.tasks import load_tasks
from rlcf.errors import ConfigError, RlcfError
from rlcf.records import Task

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
    _print(result)
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
    """What both took in each phase, their tokens, and the ratios.

    Raises:
        ConfigError: the minibatches do not divide the prompts, or there is no round.
    """
    from benchmarks.trainers import Step, both, profiled

    trial = _TRIAL if options.attention == "auto" else (options.attention,)
    updates = len(trial) + options.rounds
    recipe = _recipe(options, updates + 1)
    origin, tasks = _tasks(options.data, (updates + 1) * options.prompts)
    rows: list[tuple[Step, Step]] = []

    with (
        tempfile.TemporaryDirectory() as folder,
        both(recipe, tasks, updates, Path(folder), not options.no_stop_strings) as (ours, theirs),
    ):

        def before(update: int) -> None:
            theirs.attend(trial[update - 1] if update <= len(trial) else _faster(trial, [t for _, t in rows]))
            own.append(ours.step(update))

        def after(update: int, step: Step) -> None:
            rows.append((own[-1], step))
            _tell(f"{update}/{updates}: ours {own[-1].seconds['total']:.1f} s, TRL's {step.seconds['total']:.1f} s")

        own: list[Step] = []
        theirs.train(before, after)
        profile = profiled(ours, updates + 1) if options.profile else None
    return {
        "tasks": origin,
        "rollouts": f"{options.prompts} x {options.group}, up to {options.max_new_tokens} tokens",
        "optimizer_steps": theirs.optimizer_steps,
        "reward": options.mode,
        "trl": version("trl"),
        "trl_attention": _faster(trial, [t for _, t in rows]),
        "trl_stop_strings": not options.no_stop_strings,
        **_trial_seconds(trial, [t for _, t in rows]),
        **_threads(),
        "rounds": options.rounds,
        **_summary(rows[len(trial) :]),
        **({"profile": profile} if profile else {}),
    }


def _recipe(options: argparse.Namespace, updates: int) -> Recipe:
    from benchmarks.trainers import LEARNING_RATE

    if options.rounds < 1:
        raise ConfigError(f"--rounds is {options.rounds}: expected 1 or more")
    if options.minibatches < 1 or options.prompts % options.minibatches:
        raise ConfigError(
            f"--minibatches is {options.minibatches}: expected a divisor of the {options.prompts} prompts of a step"
        )
    return Recipe.model_validate(
        {
            "generation": {"max_new_tokens": options.max_new_tokens, "batch_rows": options.prompts * options.group},
            # No verdict is remembered: the two share a checker, and whoever came second would find the other's.
            "grounding": {"mode": options.mode, "remember_verdicts": False},
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


def _trial_seconds(trial: Sequence[str], steps: Sequence[Any]) -> dict[str, float]:
    """Of a trial of both, the milliseconds for each token computed, by attention; nothing where there was no choice."""
    behind = list(zip(trial, steps, strict=False))[len(set(trial)) :]
    return {f"trl_{name}_ms_a_token": round(1000 * s.seconds["total"] / s.computed, 2) for name, s in behind}


def _faster(trial: Sequence[str], steps: Sequence[Any]) -> str:
    measured = _trial_seconds(trial, steps)
    return min(trial, key=lambda name: measured.get(f"trl_{name}_ms_a_token", 0.0))


def _threads() -> dict[str, Any]:
    import torch

    return {"threads": torch.get_num_threads(), "omp_num_threads": os.environ.get("OMP_NUM_THREADS")}


def _summary(rows: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
    """Medians over the rounds, and medians of the ratios within a round: TRL's to ours, so above 1 ours is faster."""

    def each(of: int) -> dict[str, float]:
        steps = [row[of] for row in rows]
        names = dict.fromkeys(name for step in steps for name in step.seconds)
        seconds = {f"{name}_s": statistics.median(s.seconds.get(name, 0.0) for s in steps) for name in names}
        return {
            **{name: round(value, 2) for name, value in seconds.items()},
            "tokens_computed": statistics.median(s.computed for s in steps),
            "tokens_learned": statistics.median(s.learned for s in steps),
            "ms_a_token_computed": round(statistics.median(_ms(s, "computed") for s in steps), 2),
            "ms_a_token_learned": round(statistics.median(_ms(s, "learned") for s in steps), 2),
        }

    def ratio(value: Any) -> float:
        return round(statistics.median(value(theirs) / value(ours) for ours, theirs in rows), 2)

    return {
        "ours": each(0),
        "theirs": each(1),
        "ratio_step": ratio(lambda s: s.seconds["total"]),
        "ratio_generate": ratio(lambda s: s.seconds["generate"]),
        "ratio_update": ratio(lambda s: s.seconds["update"]),
        "ratio_a_token_computed": ratio(lambda s: _ms(s, "computed")),
        "ratio_a_token_learned": ratio(lambda s: _ms(s, "learned")),
    }


def _ms(step: Any, kind: str) -> float:
    """Milliseconds of the step for each token; nan where no token was learned from."""
    tokens = getattr(step, kind)
    return 1000 * step.seconds["total"] / tokens if tokens else float("nan")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _print(result: dict[str, Any]) -> None:
    ours, theirs = result["ours"], result["theirs"]
    for name, value in result.items():
        if name == "ours":
            print(f"\n{'medians of a step':<28} {'rlcf':>10} {'TRL':>10}")
            for phase in dict.fromkeys([*ours, *theirs]):
                print(f"{phase:<28} {ours.get(phase, '-'):>10} {theirs.get(phase, '-'):>10}")
            print()
        elif name == "profile":
            print(f"\n{value}")
        elif name != "theirs":
            print(f"{name:<28} {value}")


if __name__ == "__main__":
    main()
