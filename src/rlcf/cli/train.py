"""`rlcf train` and `rlcf demo`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rlcf.config import Recipe, load_recipe, make_recipe

if TYPE_CHECKING:
    from rlcf.storage.rundir import RunDir

Settings = Annotated[list[str] | None, typer.Option("--set", metavar="TABLE.KEY=VALUE", help="Overrides the recipe.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")]


def train(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE.toml")],
    settings: Settings = None,
    out: Annotated[Path | None, typer.Option(help="Run directory; by default runs/RECIPE-seedN.")] = None,
    resume: Resume = False,
) -> None:
    """Coarse-tunes a model: evaluates it, trains it, evaluates it again, and leaves a run directory with a report.

    Example: rlcf train recipes/demo.toml --set train.seed=1
    """
    loaded = load_recipe(recipe, settings or [])
    _run(loaded, out or Path("runs") / f"{recipe.stem}-seed{loaded.train.seed}", resume)


def demo(
    out: Annotated[Path, typer.Option(help="Run directory.")] = Path("runs/demo"),
    settings: Settings = None,
) -> None:
    """The main job on the built-in model and tasks: about 10 minutes on 2 cores.

    Example: rlcf demo
    """
    recipe = make_recipe({}, settings or [])
    if _finished(out):
        typer.echo(f"{out} holds a finished demo: see {out}/report.html; delete it or name another --out to run again")
        return
    say = typer.echo if os.environ.get("RANK", "0") == "0" else str  # the first of several processes speaks
    say(
        f"This coarse-tunes {recipe.policy.model} on the built-in Java tasks: {recipe.train.updates} updates of "
        f"{recipe.train.tasks_per_update * recipe.train.group_size} rollouts, an evaluation before and one after."
    )
    say(f"It takes about 10 minutes on 2 cores (here: {os.cpu_count()}). Ctrl-C is safe: the same command goes on.")
    _run(recipe, out, resume=True)


def _finished(out: Path) -> bool:
    import json

    from rlcf.storage.rundir import RunDir

    run = RunDir(out)
    return run.run.is_file() and json.loads(run.run.read_text(encoding="utf-8")).get("state") == "finished"


def _run(recipe: Recipe, out: Path, resume: bool) -> None:
    if (
        "MASTER_ADDR" not in os.environ
    ):  # no launcher: this process is alone, and its mistakes are told before torch loads
        _lead(recipe, out, resume)
        return
    from rlcf.training import distributed

    with distributed.process_group():
        if distributed.is_main():
            _lead(recipe, out, resume)
        else:
            _follow(recipe, out)


def _lead(recipe: Recipe, out: Path, resume: bool) -> None:
    """The whole run; with other processes, as the one that writes and speaks."""
    from rlcf.cli.pipeline import open_run, run_pipeline
    from rlcf.cli.progress import Display

    run: RunDir = open_run(out, recipe, resume)
    display = Display()
    try:
        run_pipeline(run, recipe, display)
    except KeyboardInterrupt:
        display.say(f"interrupted: `--out {out} --resume` goes on behind the last finished update")
        raise
    from rlcf.report import write_report

    display.say(f"report: {write_report([run.root], run.report)}")


def _follow(recipe: Recipe, out: Path) -> None:
    """This process's share of the training, in silence."""
    from rich.console import Console

    from rlcf.cli.pipeline import run_pipeline
    from rlcf.cli.progress import Display
    from rlcf.storage.rundir import RunDir

    run_pipeline(RunDir(out), recipe, Display(Console(quiet=True)))
