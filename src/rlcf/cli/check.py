"""`rlcf check`."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from rlcf.cli import paths
from rlcf.cli.sarif import sarif
from rlcf.cli.terminal import printable
from rlcf.cli.verdicts import as_json, as_text
from rlcf.errors import ConfigError
from rlcf.evaluation.checking import Checked, check, read_inputs
from rlcf.evaluation.project_checking import Wanted, check_in_project
from rlcf.languages.registry import load_language
from rlcf.workers.git import repository_of

Format = Literal["human", "json", "sarif"]


def check_command(
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="INPUT…", readable=False, help="Source files, folders, or completions (.jsonl)."),
    ] = None,
    project: Annotated[
        Path | None,
        typer.Option(help="The project that INPUT is a part of: its folder, or what rlcf tasks mine wrote."),
    ] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Check what git says has changed in --project.")] = False,
    since: Annotated[str | None, typer.Option(metavar="REV", help="Since this revision. By default HEAD.")] = None,
    language: Annotated[str | None, typer.Option(help="By default told by the file's suffix or the task.")] = None,
    tasks: Annotated[str | None, typer.Option(help="Task file or built-in set that the completions belong to.")] = None,
    output: Annotated[
        Format | None, typer.Option("--format", help="For people, JSON Lines, or SARIF 2.1.0 for code scanning.")
    ] = None,
    json_lines: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=1024, help="Compiler processes.")] = 2,
    timeout_s: Annotated[float, typer.Option(min=0.1, max=86400, help="Seconds for one program.")] = 10.0,
    class_path: Annotated[
        str | None, typer.Option(help=f"Java: jars and folders, joined by {os.pathsep!r}, or @FILE that holds them.")
    ] = None,
    source_path: Annotated[str | None, typer.Option(help="Java: folders of sources, joined likewise.")] = None,
    release: Annotated[int | None, typer.Option(help="Java: check for this version, such as 11.")] = None,
    environment: Annotated[
        str | None, typer.Option(help="Python: virtual environment with the packages that programs import.")
    ] = None,
    python_version: Annotated[
        str | None, typer.Option(metavar="3.N", help="Python: check for this version of the language.")
    ] = None,
    tsconfig: Annotated[
        str | None, typer.Option(help="TypeScript: the settings to check with, such as tsconfig.json.")
    ] = None,
) -> None:
    """Checks programs with the language's own compiler. Exit code: 0 all accepted, 1 some not.

    Example: rlcf check src/Main.java
    Example: rlcf check --project . --changed --since origin/main
    Example: rlcf check --source-path src/main/java --class-path lib/guava.jar src/main/java
    Example: rlcf check --tasks builtin:java samples.jsonl --json
    """
    _refuse_contradictions(inputs, project, changed, since, output, json_lines)
    if language is not None:
        load_language(language)
    told: dict[str, object] = {
        "class_path": paths.class_path(class_path),
        "source_path": paths.split_paths(source_path),
        "release": release,
    }
    told |= {"environment": environment, "version": python_version, "tsconfig": tsconfig}
    given = {key: value for key, value in told.items() if value is not None}
    if project is None:
        programs = [p for path in inputs or () for p in read_inputs(path, language, tasks)]
        checked = check(programs, workers, timeout_s, given)
    else:
        revision = (since or "HEAD") if changed else None
        wanted = Wanted(inputs or (), revision, language, tasks, given, workers, timeout_s)
        checked = check_in_project(project, wanted, _say)
    sys.stdout.write(_shown(checked, output or ("json" if json_lines else "human"), project, timeout_s))
    raise typer.Exit(0 if all(c.verdict.accepted for c in checked) else 1)


def _refuse_contradictions(
    inputs: list[Path] | None,
    project: Path | None,
    changed: bool,
    since: str | None,
    output: Format | None,
    json_lines: bool,
) -> None:
    if changed and project is None:
        raise ConfigError("--changed needs the folder that git knows: name it with --project FOLDER")
    if changed and inputs:
        raise ConfigError(f"--changed takes the files that git names: leave {inputs[0]} out")
    if since is not None and not changed:
        raise ConfigError(f"--since {since} says since when something has --changed: name both, or none")
    if not inputs and project is None:
        raise ConfigError("nothing to check: name files or folders, or a project with --project FOLDER")
    if json_lines and output not in (None, "json"):
        raise ConfigError(f"--json is short for --format json: leave it out, or --format {output}")


def _say(note: str) -> None:
    typer.echo(printable(f"note: {note}"), err=True)


def _shown(checked: list[Checked], output: Format, project: Path | None, timeout_s: float) -> str:
    """What is printed, whole."""
    if output == "sarif":
        folder = project if project is not None and project.is_dir() else Path()
        return sarif(checked, repository_of(folder) or folder.resolve(), timeout_s)
    return "".join(as_json(c) if output == "json" else as_text(c) for c in checked)
