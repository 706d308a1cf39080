"""A whole run: evaluate, coarse-tune, evaluate again, report. Every step that is done already is passed over."""

from __future__ import annotations

import json
import platform
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlcf import __version__
from rlcf.cli.progress import Display
from rlcf.config import Recipe
from rlcf.errors import ConfigError, DataError
from rlcf.evaluation.evaluate import Scorer, evaluate, with_references, write_evaluation
from rlcf.evaluation.execute import ExecutionOptions
from rlcf.languages.registry import load_language
from rlcf.records import Completion, Task
from rlcf.storage.atomic import write_json
from rlcf.storage.jsonl import read_jsonl
from rlcf.storage.rundir import RunDir
from rlcf.tasks.loading import load_tasks, the_language, write_tasks

if TYPE_CHECKING:
    from rlcf.training.trainer import Trainer


def open_run(root: Path, recipe: Recipe, resume: bool) -> RunDir:
    """The run directory of a new run, or of one that goes on.

    Raises:
        ConfigError: the folder holds a run and `resume` is not set, or was made by another recipe.
    """
    run = RunDir(root)
    wanted = recipe.model_dump(mode="json")
    if run.config.exists():
        if not resume:
            raise ConfigError(f"{root} holds a run already: add --resume to go on with it, or name another --out")
        found = json.loads(run.config.read_text(encoding="utf-8"))
        if found != wanted:
            raise ConfigError(f"{root} was made by another recipe ({_differences(found, wanted)}): name another --out")
    elif root.exists() and any(root.iterdir()):
        raise ConfigError(f"{root} is not empty and holds no run: name another --out")
    write_json(run.config, wanted)
    return run


def run_pipeline(run: RunDir, recipe: Recipe, display: Display) -> None:
    """Leaves all that `rlcf.storage.rundir` lists, but for the report.

    Of several processes the first one writes, evaluates and goes on alone when training is done; the others return.
    """
    import torch

    from rlcf.generation.torch_engine import TorchEngine
    from rlcf.models.policy import Policy
    from rlcf.training import distributed
    from rlcf.training.run import make_trainer

    first, together = distributed.is_main(), distributed.world_size()
    started = _write_run(run, recipe, None, "running", together) if first else None
    tasks = load_tasks(recipe.tasks.train)
    heldout = evaluation_tasks(recipe)
    _try_tools(recipe, heldout)
    if first:
        write_tasks(run.evaluation_tasks, heldout)
    display.say(f"loading {recipe.policy.model}")
    torch.manual_seed(recipe.train.seed)  # the adapter's first weights
    policy = Policy.from_config(recipe.policy)
    engine = TorchEngine(policy, display.say)
    trainer, warnings = make_trainer(recipe, run, tasks, policy, engine)
    try:
        for warning in warnings:
            display.say(warning)
        with distributed.main_process_first():
            if first:
                _sample(run, recipe, "before", trainer, heldout, display)
        resumed = trainer.resume()
        if resumed:
            display.say(f"going on behind update {resumed}")
        with display.training(recipe, resumed) as watcher:
            trainer.run(watcher)
        distributed.leave()
        if not first:
            return
        trainer.save()
        _sample(run, recipe, "after", trainer, heldout, display)
        for when in ("before", "after"):
            _evaluate(run, recipe, when, trainer, heldout, display)
        _write_rewards(run, trainer, heldout)
    finally:
        trainer.grounding.close()
    _write_run(run, recipe, started, "finished", together)
    display.summary(run)


def _try_tools(recipe: Recipe, tasks: list[Task]) -> None:
    """Fails now, not after training, where the compiler or the sandbox is missing.

    Raises:
        CheckerUnavailable: no usable compiler.
        SandboxUnavailable: tests are to be run and cannot be run safely here.
    """
    language = load_language(the_language(tasks))
    with language.checker(workers=1, options=recipe.language) as checker:
        checker.check([tasks[0].prompt])
    if recipe.evaluation.execute:
        language.runner(workers=1).close()


def evaluation_tasks(recipe: Recipe) -> list[Task]:
    """The tasks to evaluate on: the held-out ones where the file has splits, else all."""
    tasks = load_tasks(recipe.tasks.evaluate)
    if any(t.split is not None for t in tasks):
        tasks = [t for t in tasks if t.split == "heldout"]
        if not tasks:
            raise DataError(f"{recipe.tasks.evaluate}: no task has the split 'heldout'")
    return tasks[: recipe.evaluation.max_tasks]


def _sample(run: RunDir, recipe: Recipe, when: str, trainer: Trainer, tasks: list[Task], display: Display) -> None:
    from rlcf.generation.engine import SamplingParams
    from rlcf.generation.sampling import sample_tasks

    params = SamplingParams(
        max_new_tokens=recipe.generation.max_new_tokens,
        temperature=recipe.evaluation.temperature,
        batch_size=recipe.generation.batch_size,
    )
    total = len(tasks) * recipe.evaluation.samples
    with display.sampling(f"samples {when} training", total) as watcher:
        out = run.evaluation(when) / "samples.jsonl"
        trainer.engine.sync(trainer.policy)
        sample_tasks(
            trainer.engine,
            trainer.policy,
            tasks,
            recipe.evaluation.samples,
            params,
            recipe.train.seed,
            out,
            on_progress=watcher.on_progress,
        )


def _evaluate(run: RunDir, recipe: Recipe, when: str, trainer: Trainer, tasks: list[Task], display: Display) -> None:
    """Both evaluations come after training, so that one and the same discriminator looks at both."""
    display.say(f"checking and running the samples {when} training")
    rows = [row for _, row in read_jsonl(run.evaluation(when) / "samples.jsonl")]
    results = evaluate(
        tasks,
        [Completion(row["task_id"], row["completion"], finished=row.get("finished")) for row in rows],
        ExecutionOptions(
            execute=recipe.evaluation.execute,
            workers=recipe.grounding.workers,
            timeout_s=recipe.evaluation.timeout_s,
            language=recipe.language,
        ),
        tokens=[row["tokens"] for row in rows],
        score=_scorer(trainer),
    )
    write_evaluation(run.evaluation(when), results, tasks)


def _scorer(trainer: Trainer) -> Scorer | None:
    grounding = trainer.grounding
    return None if grounding.discriminator is None else with_references(grounding.score_checked)


def _write_rewards(run: RunDir, trainer: Trainer, tasks: list[Task]) -> None:
    """What the final grounding function gives to each kind of program on the held-out tasks."""
    with_reference = [t for t in tasks if t.canonical_solution]
    language = trainer.language
    by_id = {t.task_id: t for t in with_reference}
    kinds: dict[str, list[float | None]] = {k: [] for k in ("rejected", "trivial", "accepted", "reference", "stub")}
    for when in ("before", "after"):
        rows = [row for _, row in read_jsonl(run.evaluation(when) / "samples.jsonl") if row["task_id"] in by_id]
        scores = trainer.grounding.score([by_id[r["task_id"]] for r in rows], [r["completion"] for r in rows])
        for score in scores:
            if score.verdict is not None:
                kind = "trivial" if score.trivial else ("accepted" if score.verdict.accepted else "rejected")
                kinds[kind].append(score.reward)
    references = [t.canonical_solution or "" for t in with_reference]
    stubs = [language.stub(t) or "" for t in with_reference]
    kinds["reference"] = [s.reward for s in trainer.grounding.score(with_reference, references)]
    kinds["stub"] = [s.reward for s in trainer.grounding.score(with_reference, stubs)]
    write_json(run.rewards, {k: [r for r in v if r is not None] for k, v in kinds.items()})


def _write_run(run: RunDir, recipe: Recipe, started: str | None, state: str, processes: int) -> str:
    """Writes run.json; returns the time the run was (first) started."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if started is None and run.run.exists():
        started = json.loads(run.run.read_text(encoding="utf-8")).get("started")
    started = started or now
    write_json(
        run.run,
        {
            "command": shlex.join(["rlcf", *sys.argv[1:]]),
            "state": state,
            "started": started,
            "finished": now if state == "finished" else None,
            "seed": recipe.train.seed,
            "processes": processes,
            "machine": _machine(),
            "versions": _versions(),
        },
    )
    return started


def _machine() -> str:
    import os

    import torch

    name = torch.cuda.get_device_name() if torch.cuda.is_available() else (platform.processor() or platform.machine())
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    packages = {p: version(p) for p in ("torch", "transformers", "peft")}
    return {"rlcf": __version__, "python": platform.python_version(), **packages}


def _differences(found: dict[str, Any], wanted: dict[str, Any]) -> str:
    keys = [
        f"{table}.{key}"
        for table in wanted
        for key in wanted[table]
        if found.get(table, {}).get(key) != wanted[table][key]
    ]
    return ", ".join(keys[:3]) + (" …" if len(keys) > 3 else "")
