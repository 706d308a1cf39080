"""What each part of the grounding function is worth: a table of arms, on MathQA-Java and on MBJP.

python -m benchmarks.arms [--data FOLDER] [--out FOLDER] [--seeds N ...] [--arms NAME ...] [--tasks N] [--table]

Trains each arm with the same sizes on MathQA's development split, evaluates it on problems of both benchmarks, and
prints a table in Markdown: pooled over seeds, intervals that resample tasks, differences from the base model paired by
task. Takes hours; what is done is kept under --out and not done again, so it can be cut at any time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.programs import DATA
from rlcf.evaluation.compare import compare_rows
from rlcf.evaluation.metrics import Row
from rlcf.evaluation.results import is_evaluation, load_results

_MODEL = "builtin:smollm2-135m"
_SAMPLES = 4
_TEMPERATURE = 0.4
_BENCHMARKS = {"mathqa": 128, "mbjp": 160}
"""Benchmark → limit of new tokens in its evaluation."""
_TRAINING = {"generation.max_new_tokens": 128, "evaluation.max_tasks": 1, "evaluation.samples": 1}
"""The evaluations of `rlcf train` are kept down: those that count are made here."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One row of the table: a recipe, and what is laid over it."""

    name: str
    recipe: str
    settings: tuple[str, ...] = ()


ARMS = {
    "sft": Arm("SFT on the references", "sft"),
    "compiler": Arm("PPO, compiler only", "compiler-only"),
    "discriminator": Arm("PPO, discriminator only", "discriminator-only"),
    "ppo": Arm("PPO, hybrid", "demo"),
    "grpo": Arm("GRPO, hybrid", "grpo"),
    "credit": Arm("PPO, hybrid, token-level credit", "token-credit"),
}


def main() -> None:
    """Runs what is not done yet, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="where the benchmarks are (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("runs/arms"), help="(default: %(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--tasks", type=int, default=300, help="of each benchmark (default: %(default)s)")
    parser.add_argument("--updates", type=int, default=12, help="of each training (default: %(default)s)")
    parser.add_argument("--table", action="store_true", help="run nothing, print what is there")
    options = parser.parse_args()
    if not options.table:
        _prepare(options.data, options.out, options.tasks)
        _evaluate(_MODEL, options.out, options.out / "base")
        for seed in options.seeds:
            for arm in options.arms:
                _run_arm(ARMS[arm], options.out, options.out / f"{arm}-seed{seed}", seed, options.updates)
    for benchmark in _BENCHMARKS:
        print("\n".join(_table(options.out, benchmark, options.arms, options.seeds)))


def _prepare(data: Path, out: Path, tasks: int) -> None:
    """Training tasks without any problem of the benchmark; the first so many tasks of each benchmark."""
    out.mkdir(parents=True, exist_ok=True)
    train = out / "mathqa-train.jsonl"
    if not train.exists():
        benchmark = data / "mathqa-java.jsonl"
        _rlcf("tasks", "mathqa", data / "mathqa-dev.jsonl", "--without", benchmark, "--out", train)
    for name, file in (("mathqa", "mathqa-java.jsonl"), ("mbjp", "mbjp.jsonl")):
        lines = (data / file).read_text(encoding="utf-8").splitlines(keepends=True)
        (out / f"{name}.jsonl").write_text("".join(lines[:tasks]), encoding="utf-8")


def _run_arm(arm: Arm, out: Path, folder: Path, seed: int, updates: int) -> None:
    run = folder / "run"
    if not (run / "adapter").is_dir():
        settings = {"tasks.train": out / "mathqa-train.jsonl", "tasks.evaluate": out / "mathqa.jsonl", **_TRAINING}
        settings |= {"train.seed": seed, "train.updates": updates}
        laid = [f"--set={key}={value}" for key, value in settings.items()] + [f"--set={s}" for s in arm.settings]
        resumed = ["--resume"] if (run / "config.json").exists() else []
        _rlcf("train", f"recipes/{arm.recipe}.toml", *laid, *resumed, "--out", run)
    _evaluate(str(run / "adapter"), out, folder)


def _evaluate(model: str, out: Path, folder: Path) -> None:
    for benchmark, limit in _BENCHMARKS.items():
        if not is_evaluation(folder / benchmark):
            how = ("-n", _SAMPLES, "--temperature", _TEMPERATURE, "--max-new-tokens", limit, "--seed", 0)
            tasks = out / f"{benchmark}.jsonl"
            _rlcf("evaluate", "--model", model, "--tasks", tasks, *how, "--out", folder / benchmark)


def _rlcf(*arguments: object) -> None:
    """Runs the command line as a user would.

    Raises:
        SystemExit: it failed.
    """
    command = ["rlcf", *map(str, arguments)]
    print("$", *command, file=sys.stderr, flush=True)
    if subprocess.run([sys.executable, "-m", "rlcf.cli.main", *command[1:]], stdout=sys.stderr, check=False).returncode:
        sys.exit("\n".join(["failed:", " ".join(command), "what is done is kept: the same command goes on from here"]))


def _table(out: Path, benchmark: str, arms: list[str], seeds: list[int]) -> list[str]:
    base = load_results(out / "base" / benchmark)
    lines = [
        f"| {benchmark} | compile | by seed | executes | pass@1 | trivial | tokens | distinct | Δ compile | Δ pass@1 |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        _row("base", [base], base),
    ]
    for arm in arms:
        folders = [out / f"{arm}-seed{seed}" / benchmark for seed in seeds]
        results = [load_results(folder) for folder in folders if is_evaluation(folder)]
        if results:
            lines.append(_row(ARMS[arm].name, results, base))
    return [*lines, ""]


def _row(name: str, by_seed: list[list[Row]], base: list[Row]) -> str:
    pooled = [row for rows in by_seed for row in rows]
    measures = compare_rows(base, pooled, "base", name)["measures"]
    apart = [compare_rows(base, rows, "base", name)["measures"] for rows in by_seed]
    distinct = 1 - sum(m["repeated_rate"]["b"]["value"] for m in apart) / len(apart)
    cells = [
        name,
        _percent(measures, "compile_rate", "b"),
        " / ".join(f"{100 * m['compile_rate']['b']['value']:.1f}" for m in apart),
        _percent(measures, "execute_rate", "b"),
        _percent(measures, "pass@1", "b"),
        _percent(measures, "trivial_rate", "b"),
        f"{measures['mean_tokens']['b']['value']:.0f}",
        f"{100 * distinct:.0f} %",
        _percent(measures, "compile_rate", "difference", "+"),
        _percent(measures, "pass@1", "difference", "+"),
    ]
    return "| " + " | ".join(cells) + " |"


def _percent(measures: dict[str, Any], measure: str, side: str, sign: str = "") -> str:
    found = measures[measure][side]
    value, low, high = (100 * found[key] for key in ("value", "low", "high"))
    return f"{value:{sign}.1f} ({low:{sign}.1f} … {high:{sign}.1f})"


if __name__ == "__main__":
    main()
