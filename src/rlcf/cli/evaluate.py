"""`rlcf evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rlcf.cli.generate import Generation, Split, chosen_tasks, sample, takes_generation
from rlcf.errors import ConfigError
from rlcf.storage.atomic import make_folder


@takes_generation
def evaluate(
    generation: Generation,
    tasks: Annotated[str | None, typer.Option("--tasks", help="Task file (.jsonl) or built-in set.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results.jsonl, summary.json and report.html.")] = None,
    completions: Annotated[Path | None, typer.Option(help="samples.jsonl to evaluate.")] = None,
    split: Split = None,
    workers: Annotated[int, typer.Option(min=1)] = 2,
    timeout_s: Annotated[float, typer.Option(min=0.1, help="Seconds for one program.")] = 10.0,
    no_sandbox: Annotated[
        bool,
        typer.Option("--unsafe-no-sandbox", help="Run programs unprotected. Only for programs you trust."),
    ] = False,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option(metavar="A B", help="Compare two evaluations (folders or results files) on the tasks of both."),
    ] = None,
) -> None:
    """Compiles completions and runs their tests: compile rate, execute rate, pass@k, triviality, length.

    Example: rlcf evaluate --tasks builtin:java --completions samples.jsonl --out results

    Example: rlcf evaluate --tasks builtin:java --model builtin:smollm2-135m -n 4 --out results

    Example: rlcf evaluate --compare results-before results-after --out compared
    """
    if compare is not None:
        _compare(compare, out, tasks=tasks, completions=completions, model=generation.model)
        return
    if tasks is None or out is None:
        raise ConfigError(f"name {'the tasks with --tasks' if tasks is None else 'a folder with --out'}")
    from rlcf.cli.leave import leave_evaluation, print_summary
    from rlcf.cli.progress import Display
    from rlcf.evaluation.evaluate import evaluate as run_evaluation
    from rlcf.evaluation.evaluate import write_evaluation
    from rlcf.evaluation.execute import Judging
    from rlcf.generation.samples import sampled_tokens
    from rlcf.tasks.loading import load_completions

    if (completions is None) == (generation.model is None):
        raise ConfigError("name either --completions FILE or --model M")
    chosen = chosen_tasks(tasks, split)
    make_folder(out)
    if completions is None:
        completions = out / "samples.jsonl"
        sample(generation, chosen, completions)
    loaded = load_completions(completions, chosen)
    judging = Judging(sandbox=not no_sandbox, workers=workers, timeout_s=timeout_s)
    with Display().judging(f"compiling and running {completions}", len(loaded)) as on_progress:
        rows = run_evaluation(chosen, loaded, judging, tokens=sampled_tokens(completions), on_progress=on_progress)
    print_summary(write_evaluation(out, rows, chosen))
    about = {
        "tasks": tasks,
        "split": split,
        "model": generation.model,
        "completions": str(completions),
        "timeout_s": timeout_s,
    }
    typer.echo(str(leave_evaluation(out, chosen, about)))


def _compare(pair: tuple[Path, Path], out: Path | None, **others: object) -> None:
    given = [name for name, value in others.items() if value is not None]
    if given:
        raise ConfigError(f"--compare takes two evaluations that are there already: leave --{given[0]} out")
    from rlcf.cli.compare import compare_evaluations

    compare_evaluations(*pair, out)
