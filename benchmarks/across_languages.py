"""The demo's recipe in several languages, on the same tasks: MBXP's, divided by their numbers.

python -m benchmarks.across_languages [--data FOLDER] [--out FOLDER] [--outcomes FOLDER] [--languages NAME ...]
                                      [--seeds N ...] [--tasks N] [--jobs N] [--set KEY=VALUE ...] [--table]

Every fifth task is held out in all languages; the model is trained on the others whose references have at most 72
tokens. Execution and pass@1 are over the held-out tasks whose references pass their own tests. What is done is kept
under --out and not done again. What became of each sample goes to --outcomes. --table only prints what is there.
"""

from __future__ import annotations

import argparse
import re
from functools import partial
from pathlib import Path

from benchmarks.experiment import Benchmark, Experiment, run_all
from benchmarks.outcome_tables import table
from benchmarks.programs import DATA
from rlcf.models.loading import load_tokenizer
from rlcf.records import Task
from rlcf.storage.atomic import write_text
from rlcf.tasks.loading import load_tasks, write_tasks

_MODEL = "builtin:smollm2-135m"
_RECIPE = Path("recipes/demo.toml")
_OUTCOMES = Path(__file__).parent / "outcomes" / "languages"
_FILES = {"java": "mbjp.jsonl"} | {
    name: f"mbxp-{name}.jsonl" for name in ("python", "typescript", "javascript", "cpp", "go", "kotlin")
}
_TOKENS = 72
_HELD_OUT = 5
"""One task in so many."""


def main() -> None:
    """Runs what is not done yet, and prints a table for each language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="where MBXP's files are (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("runs/languages"), help="(default: %(default)s)")
    parser.add_argument("--outcomes", type=Path, default=_OUTCOMES, help="(default: %(default)s)")
    parser.add_argument("--languages", nargs="+", choices=_FILES, default=["java", "python", "typescript", "cpp"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--tasks", type=int, default=100, help="held out of each language (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="in parallel, on the same cores (default: %(default)s)")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="of all recipes")
    parser.add_argument("--table", action="store_true", help="run nothing, print what is there")
    options = parser.parse_args()
    if not options.table:
        jobs = []
        for language in options.languages:
            held_out = _divide(options.data, options.out, language, options.tasks)
            benchmarks = {language: Benchmark(held_out, _TOKENS, check_references=True)}
            experiment = Experiment(options.out, options.outcomes, benchmarks)
            recipe = _recipe(options.out, language)
            settings = _settings(options.out, language) | dict(each.split("=", 1) for each in options.set)
            jobs.append(partial(experiment.evaluate, "base", _MODEL))
            jobs += [
                partial(experiment.train, f"{language}-seed{seed}", recipe, {**settings, "train.seed": seed})
                for seed in options.seeds
            ]
        run_all(options.jobs, jobs)
    for language in options.languages:
        print("\n".join(table(options.outcomes, language, {language: "the demo's recipe"}, options.seeds)))


def _divide(data: Path, out: Path, language: str, count: int) -> Path:
    """Writes the tasks to train on, and `count` that are held out; gives the file of these."""
    tasks = load_tasks(str(data / _FILES[language]))
    tokenizer = load_tokenizer(_MODEL)
    held_out = [task for task in tasks if _number(task) % _HELD_OUT == 0]
    known = [task for task in tasks if _number(task) % _HELD_OUT and task.canonical_solution]
    write_tasks(out / f"{language}-train.jsonl", [t for t in known if _fits(tokenizer, t)])
    write_tasks(out / f"{language}.jsonl", held_out[:count])
    return out / f"{language}.jsonl"


def _number(task: Task) -> int:
    return int(task.task_id.rpartition("/")[2])


def _fits(tokenizer: object, task: Task) -> bool:
    return len(tokenizer(task.canonical_solution).input_ids) <= _TOKENS  # type: ignore[operator]


def _recipe(out: Path, language: str) -> Path:
    """The demo's, with the language in place of Java and of Java's options."""
    text = re.sub(r"(?s)\[language\].*?(?=\n\[)", f'[language]\nname = "{language}"\n', _RECIPE.read_text("utf-8"))
    write_text(out / f"{language}.toml", text)
    return out / f"{language}.toml"


def _settings(out: Path, language: str) -> dict[str, object]:
    """Beside the demo's recipe: the tasks; the evaluations that count are made by the benchmark."""
    return {
        "tasks.train": out / f"{language}-train.jsonl",
        "tasks.evaluate": out / f"{language}.jsonl",
        "evaluation.max_tasks": 1,
        "evaluation.samples": 1,
    }


if __name__ == "__main__":
    main()
