"""`rlcf tasks`: task files made from what others have published."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from rlcf.cli import paths
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
    language: Annotated[str, typer.Option(help="Of the references: java, python or typescript.")] = "java",
) -> None:
    """Makes training tasks from MathQA's formulas, in the form of the benchmark MathQA-X.

    Example: rlcf tasks mathqa dev.json --without mathqa-java.jsonl --out mathqa-train.jsonl
    """
    from rlcf.tasks.loading import load_tasks, write_tasks
    from rlcf.tasks.mathqa import read_mathqa

    made = read_mathqa(source, [task for path in without or () for task in load_tasks(path)], language)
    write_tasks(out, made.tasks)
    tested = sum(task.test is not None for task in made.tasks)
    counts = f"{len(made.tasks)} tasks, {tested} of them with a test, from {made.rows} rows of {source}"
    typer.echo(printable(f"{out}: {counts}"))
    for reason, rows in made.dropped.most_common():
        typer.echo(printable(f"dropped {rows}: {reason}"))
    if not without:
        typer.echo("No problem was left out: name the files you evaluate on with --without.")


@app.command("mine")
def mine(
    folder: Annotated[
        Path, typer.Argument(metavar="PATH", help="The folder of a project in Java, Python or TypeScript.")
    ],
    out: Annotated[Path, typer.Option(help="The folder to write: tasks, project file, recipe, report.")],
    language: Annotated[str | None, typer.Option(help="Of the project. Told by its files if left out.")] = None,
    class_path: Annotated[
        str | None,
        typer.Option(
            help=f"Java: jars and folders joined by {os.pathsep!r}, or @FILE that holds them. Found if left out."
        ),
    ] = None,
    release: Annotated[
        int | None, typer.Option(help="Java: compile for this version. By default what the build says.")
    ] = None,
    environment: Annotated[
        str | None, typer.Option(help="Python: virtual environment with the packages it imports. Found if left out.")
    ] = None,
    python_version: Annotated[
        str | None, typer.Option(metavar="3.N", help="Python: of the language. By default what the project says.")
    ] = None,
    tsconfig: Annotated[
        str | None, typer.Option(help="TypeScript: the settings, where the project has several.")
    ] = None,
    context: Annotated[
        Literal["tail", "skeleton", "header", "file"], typer.Option(help="What of its file the model is shown.")
    ] = "tail",
    context_tokens: Annotated[int, typer.Option(min=16, max=1_000_000, help="Longest prompt.")] = 512,
    tokenizer: Annotated[str, typer.Option(help="The model whose tokens are counted, and which the recipe trains.")] = (
        "builtin:smollm2-135m"
    ),
    split: Annotated[
        Literal["file", "package", "time"], typer.Option(help="What is held out: whole groups of these.")
    ] = "file",
    heldout: Annotated[float, typer.Option(min=0, max=0.9, help="Share of the tasks that is held out.")] = 0.15,
    min_statements: Annotated[int, typer.Option(min=1)] = 1,
    max_statements: Annotated[int, typer.Option(min=1)] = 30,
    documented: Annotated[
        bool, typer.Option("--documented", help="Only methods with a comment that describes them.")
    ] = False,
    exclude: Annotated[list[str] | None, typer.Option(metavar="GLOB", help="Paths to leave out. Repeatable.")] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="TASKS", help="Task file: nothing that copies its references. Repeatable."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most this number of tasks.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the split and the limit.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and write nothing.")] = False,
) -> None:
    """Makes tasks of the functions of a project: the body is to be written, the rest of the file stays.

    Example: rlcf tasks mine ../service --out corpus && rlcf train corpus/recipe.toml
    """
    from rlcf.cli.progress import Display
    from rlcf.evaluation.checking import options_of
    from rlcf.languages.detect import project_language
    from rlcf.models.token_counts import token_counter
    from rlcf.report import render_mining
    from rlcf.tasks.loading import load_tasks
    from rlcf.tasks.mining.candidates import Wanted
    from rlcf.tasks.mining.mine import MiningOptions
    from rlcf.tasks.mining.mine import mine as mine_project
    from rlcf.tasks.mining.recipe import recipe_toml
    from rlcf.tasks.mining.writing import funnel, require_replaceable, write_mined

    require_replaceable(out)
    language = language or project_language(folder)
    given: dict[str, object] = {"class_path": paths.class_path(class_path), "release": release}
    given |= {"environment": environment, "version": python_version, "tsconfig": tsconfig}
    options = MiningOptions(
        language=language,
        options=options_of(language, {key: value for key, value in given.items() if value is not None}),
        exclude=tuple(exclude or ()),
        wanted=Wanted(min_statements, max_statements, documented),
        context=context,
        context_tokens=context_tokens,
        split=split,
        heldout=heldout,
        without={source: load_tasks(source) for source in without or ()},
        limit=limit,
        seed=seed,
    )
    say = Display().say
    say(f"reading the tokenizer of {tokenizer}")
    count = token_counter(tokenizer)
    mined = mine_project(folder, options, count, say)
    counts = funnel(mined, options)
    _print_funnel(counts)
    if not dry_run:
        page = render_mining(counts, mined.tasks)
        write_mined(out, mined, options, recipe_toml(out, mined, tokenizer, count), page)
        train = f"; train with: rlcf train {out}/recipe.toml" if counts["tasks"]["heldout"] else ""
        typer.echo(printable(f"{out}: see {out}/report.html{train}"))


def _print_funnel(counts: dict[str, Any]) -> None:
    """What was found, what was dropped and why, what is left."""
    for note in counts["notes"]:
        typer.echo(printable(f"note: {note}"))
    left_out = counts["files"]["left_out"]
    for path, why in list(left_out.items())[:5]:
        typer.echo(printable(f"left out {path}: {why}"))
    if len(left_out) > 5:
        typer.echo(f"… and {len(left_out) - 5} more files")
    typer.echo(f"{counts['found']:7} methods with a body in {counts['project']}")
    for reason, number in sorted(counts["dropped"].items(), key=lambda item: -item[1]):
        typer.echo(printable(f"{-number:7} {reason}"))
    kept = counts["tasks"]
    typer.echo(f"{kept['train'] + kept['heldout']:7} tasks: {kept['train']} to train on, {kept['heldout']} held out")
    if not kept["heldout"]:
        typer.echo("rlcf: nothing is held out, so the recipe needs other tasks in tasks.evaluate", err=True)
