"""`rlcf tasks`: task files made from what others have published."""

from pathlib import Path
from typing import Annotated

import typer

from rlcf.cli.terminal import printable

app = typer.Typer(help="Makes task files from published data sets.", no_args_is_help=True)


@app.callback()
def _tasks() -> None:
    """Makes `mathqa` the name of a command, and not the only thing that `rlcf tasks` does."""


@app.command("mathqa")
def mathqa(
    source: Annotated[Path, typer.Argument(metavar="MATHQA", help="MathQA's train or dev file (.json or .jsonl).")],
    out: Annotated[Path, typer.Option(help="The task file (.jsonl) to write.")],
    without: Annotated[
        list[Path] | None,
        typer.Option(help="Task file to evaluate on: its problems are left out, also with other numbers. Repeatable."),
    ] = None,
) -> None:
    """Makes Java training tasks from MathQA's formulas, in the form of the benchmark MathQA-X.

    Example: rlcf tasks mathqa dev.json --without mathqa-java.jsonl --out mathqa-train.jsonl
    """
    from rlcf.tasks.loading import load_tasks, write_tasks
    from rlcf.tasks.mathqa import read_mathqa

    made = read_mathqa(source, [task for path in without or () for task in load_tasks(path)])
    write_tasks(out, made.tasks)
    tested = sum(task.test is not None for task in made.tasks)
    counts = f"{len(made.tasks)} tasks, {tested} of them with a test, from {made.rows} rows of {source}"
    typer.echo(printable(f"{out}: {counts}"))
    for reason, rows in made.dropped.most_common():
        typer.echo(printable(f"dropped {rows}: {reason}"))
    if not without:
        typer.echo("No problem was left out: name the files you evaluate on with --without.")
