"""`rlcf train` and `rlcf demo`."""

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from rlcf.cli.terminal import printable
from rlcf.config import Recipe, demo_recipe, load_recipe

Settings = Annotated[list[str] | None, typer.Option("--set", metavar="TABLE.KEY=VALUE", help="Overrides the recipe.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")]


def train(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE.toml")],
    settings: Settings = None,
    out: Annotated[Path | None, typer.Option(help="Run directory; by default runs/RECIPE-seedN.")] = None,
    resume: Resume = False,
) -> None:
    """Coarse-tunes a model: evaluates it, trains it, evaluates it again, and writes a run directory with a report.

    Example: rlcf train recipes/demo.toml --set train.seed=1
    """
    loaded = load_recipe(recipe, settings or [])
    _run(loaded, out or Path("runs") / f"{recipe.stem}-seed{loaded.train.seed}", resume)


def demo(
    out: Annotated[
        Path | None,
        typer.Option(help="Run directory; by default runs/demo, or runs/demo-LANGUAGE.", show_default=False),
    ] = None,
    language: Annotated[str, typer.Option(help="Of the built-in tasks, such as python.")] = "java",
    settings: Settings = None,
) -> None:
    """The main job on the built-in model and tasks: 10 to 30 minutes on 2 cores.

    Example: rlcf demo

    Example: rlcf demo --language python
    """
    from rlcf.languages.registry import load_language
    from rlcf.storage.jsonl import read_json
    from rlcf.storage.rundir import RunDir
    from rlcf.tasks.builtin import require_builtin, task_format

    load_language(language)
    require_builtin(language)
    recipe = demo_recipe(settings or [], language)
    out = out or Path("runs") / ("demo" if language == "java" else f"demo-{language}")
    run = RunDir(out).run
    if run.is_file() and read_json(run).get("state") == "finished":
        typer.echo(f"{out} holds a finished demo: see {out}/report.html; delete it or name another --out to run again")
        return
    if os.environ.get("RANK", "0") == "0":  # the first of several processes
        minutes = "10 to 30 minutes on 2 cores" if language == "java" else "some minutes"
        typer.echo(
            f"This coarse-tunes {printable(recipe.policy.model)} on the built-in {task_format(language).name} tasks: "
            f"{recipe.train.updates} updates of {recipe.train.tasks_per_update * recipe.train.group_size} rollouts, an "
            "evaluation before and one after.\n"
            f"It takes {minutes} (cores here: {os.cpu_count()}). Ctrl-C is safe: the same command goes on."
        )
    _run(recipe, out, resume=True)


def _run(recipe: Recipe, out: Path, resume: bool) -> None:
    from rich.console import Console

    from rlcf.cli.compare import print_comparison
    from rlcf.cli.progress import Display
    from rlcf.evaluation.compare import compare
    from rlcf.report import write_report
    from rlcf.storage.rundir import RunDir
    from rlcf.training import distributed
    from rlcf.training.run import train

    with distributed.process_group():
        main = distributed.is_main()
        display = Display() if main else Display(Console(quiet=True))
        train(out, recipe, display, resume=resume, command=shlex.join(["rlcf", *sys.argv[1:]]))
    if main:
        run = RunDir(out)
        comparison = compare(run.evaluation("before"), run.evaluation("after"))
        print_comparison(display.console, comparison, ("before", "after", "change"))
        display.say(f"report: {write_report([out], run.report)}")
