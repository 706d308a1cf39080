"""`rlcf evaluate`."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rlcf.cli.generate import Generation, Split, chosen_tasks, sample, takes_generation
from rlcf.cli.terminal import printable
from rlcf.errors import ConfigError

if TYPE_CHECKING:
    from rlcf.evaluation.evaluate import Scorer
    from rlcf.evaluation.execute import ExecutionOptions
    from rlcf.evaluation.references import CheckedReferences
    from rlcf.records import Task


@takes_generation
def evaluate(
    generation: Generation,
    tasks: Annotated[str | None, typer.Option("--tasks", help="Task file (.jsonl) or built-in set.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results.jsonl, summary.json and report.html.")] = None,
    completions: Annotated[Path | None, typer.Option(help="samples.jsonl to evaluate.")] = None,
    split: Split = None,
    grounding: Annotated[
        Path | None, typer.Option(metavar="RUN", help="A run: adds its reward, preference and components.")
    ] = None,
    check_references: Annotated[
        bool,
        typer.Option(
            "--check-references",
            help="Run each reference with its test first: no pass@k and no execute rate counts tasks where it fails.",
        ),
    ] = False,
    workers: Annotated[int, typer.Option(min=1, max=1024)] = 2,
    timeout_s: Annotated[float, typer.Option(min=0.1, max=86400, help="Seconds for one program.")] = 10.0,
    no_sandbox: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="Run programs unprotected. Only for programs you trust.")
    ] = False,
    compare: Annotated[tuple[Path, Path] | None, typer.Option(hidden=True)] = None,
) -> None:
    """Compiles completions and runs their tests: compile rate, execute rate, pass@k, triviality, length.

    An interrupted evaluation goes on where it stopped when the same command is given again.

    Example: rlcf evaluate --tasks builtin:java --completions samples.jsonl --out results

    Example: rlcf evaluate --tasks builtin:java --model builtin:smollm2-135m -n 4 --out results
    """
    if compare is not None:
        raise ConfigError(f"--compare is a command now: rlcf compare {compare[0]} {compare[1]}")
    if tasks is None or out is None:
        raise ConfigError(f"name {'the tasks with --tasks' if tasks is None else 'a folder with --out'}")
    if (completions is None) == (generation.model is None):
        raise ConfigError("name either --completions FILE or --model M")
    from rlcf import __version__
    from rlcf.cli.progress import Display
    from rlcf.evaluation.evaluate import evaluate as run_evaluation
    from rlcf.evaluation.evaluate import write_evaluation
    from rlcf.evaluation.execute import ExecutionOptions
    from rlcf.generation.samples import sampled_tokens
    from rlcf.report import write_evaluation_report
    from rlcf.tasks.loading import load_completions, write_tasks
    from rlcf.tasks.projects import project_options

    chosen = chosen_tasks(tasks, split)
    if completions is None:
        completions = out / "samples.jsonl"
        sample(generation, chosen, completions)
    loaded = load_completions(completions, chosen)
    about = {
        "tasks": tasks,
        "split": split,
        "model": generation.model,
        "completions": str(completions),
        "grounding": None if grounding is None else str(grounding),
        "timeout_s": timeout_s,
        "versions": {"rlcf": __version__, "python": sys.version.split()[0]},
        "command": shlex.join(["rlcf", *sys.argv[1:]]),
    }
    options = ExecutionOptions(
        sandbox=not no_sandbox, workers=workers, timeout_s=timeout_s, language=project_options(chosen)
    )
    references = _run_references(chosen, options) if check_references else None
    title = f"compiling and running {completions}"
    with _scorer(grounding, chosen, workers) as score, Display().evaluating(title, len(loaded)) as on_progress:
        rows = run_evaluation(
            references.without_tests(chosen) if references else chosen,
            loaded,
            options,
            tokens=sampled_tokens(completions),
            score=score,
            on_progress=on_progress,
            folder=out,
            about=about,
        )
    write_tasks(out / "tasks.jsonl", chosen)
    _print(write_evaluation(out, rows, chosen, references))
    typer.echo(printable(str(write_evaluation_report([out], out / "report.html"))))


def _run_references(tasks: list[Task], options: ExecutionOptions) -> CheckedReferences:
    from rlcf.cli.progress import Display
    from rlcf.evaluation.references import check_references, tested_references

    with Display().evaluating("running the references", len(tested_references(tasks))) as on_progress:
        return check_references(tasks, options, on_progress)


@contextlib.contextmanager
def _scorer(run: Path | None, tasks: list[Task], workers: int) -> Iterator[Scorer | None]:
    """The grounding function of a run, in the mode in which it was trained."""
    if run is None:
        yield None
        return
    from rlcf.evaluation.evaluate import with_references
    from rlcf.grounding import Grounding
    from rlcf.grounding.components import needs_reference
    from rlcf.tasks.loading import the_language
    from rlcf.tasks.projects import project_options

    with contextlib.closing(
        Grounding.load(run, language=the_language(tasks), workers=workers, options=project_options(tasks))
    ) as grounding:
        score = grounding.score_checked
        yield with_references(score) if needs_reference(grounding.config) else score


def _print(summary: dict[str, Any]) -> None:
    """The metrics with their intervals on stdout, what a reader has to know on stderr."""
    from rlcf.evaluation.metrics import metrics_of

    typer.echo(f"{summary['samples']} samples of {summary['tasks']} tasks, {summary['unscored']} unscored")
    for metric in metrics_of(summary, summary["length_in"]):
        found = summary[metric.key]
        if found["value"] is not None:
            interval = f"(95 % {found['low']:.4f} … {found['high']:.4f})"
            typer.echo(f"{metric.key:<15} {found['value']:8.4f}  {interval}")
    for name, one in summary.get("agreement", {}).items():
        shown = [f"{how} {one[how]['value']:.3f}" for how in ("pooled", "within") if one[how]]
        if shown:
            typer.echo(printable(f"agreement with the tests, {name}: {', '.join(shown)} ({one['samples']} programs)"))
    for line in summary["warnings"]:
        typer.echo(printable(f"rlcf: {line}"), err=True)
