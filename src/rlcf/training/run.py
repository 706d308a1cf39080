"""A whole run: evaluate, coarse-tune, evaluate again. Its parts are made here, each of them once, and handed down."""

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import torch

from rlcf.config import AlignedConfig, DiscriminatorConfig, Recipe
from rlcf.config.algorithms import ReferencesTable, RolloutsTable
from rlcf.config.languages import LanguageOptions
from rlcf.errors import ConfigError, DataError
from rlcf.evaluation.evaluate import evaluate, with_references, write_evaluation
from rlcf.evaluation.execute import ExecutionOptions
from rlcf.evaluation.results import load_results
from rlcf.generation.engine import Engine, Progress, SamplingParams
from rlcf.generation.prompts import Prompting, cut_note, fit_prompts
from rlcf.generation.sampling import sample_tasks
from rlcf.generation.torch_engine import TorchEngine
from rlcf.generation.writable import unwritable_note
from rlcf.grounding import Grounding
from rlcf.grounding.components import needs_reference
from rlcf.grounding.judge import AlignedJudge, Discriminator, Encoder, Judge
from rlcf.grounding.judge.training import DiscriminatorTrainer
from rlcf.grounding.recipe import recipe_of
from rlcf.languages.base import Language
from rlcf.languages.registry import load_language, spoken_name
from rlcf.models.policy import Policy
from rlcf.records import Completion, Task
from rlcf.storage.atomic import write_json
from rlcf.storage.jsonl import read_jsonl
from rlcf.storage.rundir import RunDir
from rlcf.tasks.counts import count_origins
from rlcf.tasks.loading import load_tasks, the_language, write_tasks
from rlcf.tasks.projects import checker_options
from rlcf.training import distributed
from rlcf.training.claim import claimed, is_finished, mark_finished, require_claimable
from rlcf.training.references import with_sound_references
from rlcf.training.trainer import Trainer, TrainingListener


class RunListener(Protocol):
    """Is told how a run goes; the terminal's display is one."""

    def say(self, text: str) -> None:
        """One line for people."""

    def sampling(self, title: str, total: int) -> AbstractContextManager[Progress]:
        """While `total` samples are drawn."""

    def evaluating(self, title: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
        """While `total` samples are checked and run; what it gives is called with the number of those done."""

    def training(self, updates: int, done: int) -> AbstractContextManager[TrainingListener]:
        """While the policy is trained; `done` of the updates belong to an earlier process."""


def train(root: Path, recipe: Recipe, listener: RunListener, *, resume: bool = False, command: str = "") -> None:
    """Writes all that `rlcf.storage.rundir` lists, but for the report. Steps that are done already are left out.

    A run that is finished stays as it is, and one line says so.

    Of several processes the first one writes and evaluates, and goes on alone after training; the others return.
    Until tools, tasks and model are there nothing is written, and a new run that fails before its first update is
    removed.

    Args:
        root: the run directory.
        resume: go on with the run in it, if there is one.
        command: what a person typed, for `run.json`.

    Raises:
        ConfigError: the directory holds something else, belongs to a run of another recipe, or to another process.
        KeyboardInterrupt: its text says what is kept.
    """
    directory, main = RunDir(root), distributed.is_main()
    if main:
        require_claimable(directory, recipe, resume)
    if distributed.broadcast(main and is_finished(directory)):
        listener.say(f"{root} holds this run, and it is finished: name another --out to run it again")
        return
    training, evaluated = _tasks(recipe)
    language = _language(recipe, [*training, *evaluated])
    _try_tools(recipe, language, evaluated)
    listener.say(f"loading {recipe.policy.model}")
    torch.manual_seed(recipe.train.seed)  # the adapter's first weights
    policy = Policy.load(recipe.policy)
    training, evaluated = _fitted(policy, recipe, training, listener), _fitted(policy, recipe, evaluated, listener)
    trainer, warnings = make_trainer(recipe, directory, training, policy, TorchEngine(policy, listener.say), language)
    with trainer.grounding, claimed(directory, recipe, resume, command) if main else contextlib.nullcontext():
        for warning in warnings:
            listener.say(warning)
        with distributed.main_process_first():
            if main:
                write_tasks(directory.evaluation_tasks, evaluated)
                write_json(directory.data, {"trained_on": count_origins(trainer.tasks)})
                _sample(trainer, evaluated, "before", listener)
        resumed = trainer.resume()
        if resumed:
            listener.say(f"going on after update {resumed}")
        with listener.training(recipe.train.updates, resumed) as on_training:
            trainer.run(on_training)
        distributed.leave()
        if not main:
            return
        trainer.save()
        _sample(trainer, evaluated, "after", listener)
        for when in ("before", "after"):
            _evaluate(trainer, evaluated, when, listener)
        _write_rewards(trainer, evaluated)
        mark_finished(directory)


def make_trainer(
    recipe: Recipe,
    directory: RunDir,
    tasks: Sequence[Task],
    policy: Policy,
    engine: Engine | None = None,
    language: Language | None = None,
) -> tuple[Trainer, list[str]]:
    """The trainer of a recipe, and what a person should know before training starts, a line each.

    Close the trainer's `grounding` when you are done.

    Args:
        tasks: those that must not be trained on are left out.
        engine: samples the rollouts; by default in this process.
        language: that of the tasks; by default it is loaded.

    Raises:
        ConfigError: the tasks are not in the recipe's language.
        DataError: there is no task to train on.
    """
    imitates = isinstance(recipe.algorithm, ReferencesTable) or recipe.warm_start.updates > 0
    imitates |= isinstance(recipe.algorithm, RolloutsTable) and recipe.algorithm.imitation_coefficient > 0
    needs_references = imitates or needs_reference(recipe.grounding)
    tasks = training_tasks(tasks, needs_references)
    language = language or _language(recipe, tasks)
    grounding = _make_grounding(recipe, language, policy, checker_options(tasks, recipe.language))
    warnings = grounding.warnings()
    if needs_references:
        try:
            sound = with_sound_references(grounding, tasks) if distributed.is_main() else None
        except DataError:
            grounding.close()
            raise
        tasks, warning = distributed.broadcast(sound) or (tasks, None)
        warnings += [warning] if warning else []
    trainer = Trainer(
        recipe,
        directory,
        tasks=tasks,
        language=language,
        policy=policy,
        engine=engine or TorchEngine(policy),
        grounding=grounding,
        discriminator_trainer=DiscriminatorTrainer(grounding.judge, tasks, language, recipe.judge, recipe.train.seed)
        if isinstance(grounding.judge, Discriminator) and isinstance(recipe.judge, DiscriminatorConfig)
        else None,
    )
    unwritable = unwritable_note(policy.tokenizer, tasks, trainer.prompting)
    return trainer, [*warnings, unwritable] if unwritable else warnings


def training_tasks(tasks: Sequence[Task], needs_references: bool = True) -> list[Task]:
    """The tasks that may be trained on: none with split `heldout`, and only those with a reference where one is needed.

    A `DataError` where nothing is left.
    """
    usable = [t for t in tasks if t.split != "heldout" and (t.canonical_solution or not needs_references)]
    if not usable:
        raise DataError("no task to train on: each needs a canonical_solution, and a split other than 'heldout'")
    return usable


def _tasks(recipe: Recipe) -> tuple[list[Task], list[Task]]:
    """Those of the training file, and those evaluated: the held-out ones where the file has splits, else all.

    If fewer are to be evaluated, they are drawn by their ids, so that files in any order and runs of any seed agree.
    """
    train, evaluate = recipe.tasks.train, recipe.tasks.evaluate
    training = load_tasks(train)
    evaluated = training if evaluate == train else load_tasks(evaluate)
    if any(t.split is not None for t in evaluated):
        evaluated = [t for t in evaluated if t.split == "heldout"]
        if not evaluated:
            raise DataError(f"{evaluate}: no task has the split 'heldout'")
    drawn = sorted(evaluated, key=lambda task: hashlib.sha256(task.task_id.encode()).digest())
    chosen = {task.task_id for task in drawn[: recipe.evaluation.max_tasks]}
    return training, [task for task in evaluated if task.task_id in chosen]


def _fitted(policy: Policy, recipe: Recipe, tasks: list[Task], listener: RunListener) -> list[Task]:
    prompting = Prompting(fim=recipe.policy.fim, kind=policy.kind)
    fitted, cut = fit_prompts(policy.model, policy.tokenizer, tasks, recipe.generation.max_new_tokens, prompting)
    if cut:
        listener.say(cut_note(cut))
    return fitted


def _language(recipe: Recipe, tasks: Sequence[Task]) -> Language:
    name = the_language(tasks)
    if name not in (recipe.language.name, spoken_name(recipe.language.name)):
        raise ConfigError(
            f"the tasks are in {name!r} and language.name is {recipe.language.name!r}: "
            f"add --set language.name={name}, or name other tasks"
        )
    return load_language(recipe.language.name)


def _try_tools(recipe: Recipe, language: Language, tasks: Sequence[Task]) -> None:
    """Fails now, not after training, where the compiler is missing, or the sandbox for tests that are to be run."""
    with language.checker(workers=1, options=checker_options(tasks, recipe.language)) as checker:
        checker.check([tasks[0].context])
    if recipe.evaluation.execute and language.can_run and any(t.test for t in tasks):
        language.runner(workers=1).close()


def _make_grounding(recipe: Recipe, language: Language, policy: Policy, options: LanguageOptions) -> Grounding:
    judge = _make_judge(recipe, policy) if "judge" in recipe_of(recipe.grounding).weights else None
    return Grounding(recipe.grounding, judge, language, options)


def _make_judge(recipe: Recipe, policy: Policy) -> Judge:
    config = recipe.judge
    if isinstance(config, DiscriminatorConfig):
        torch.manual_seed(recipe.train.seed)  # the MLP's first weights and its dropout
        return Discriminator(Encoder.load(config.encoder), config.hidden)
    assert isinstance(config, AlignedConfig)
    if config.model == "policy":
        return AlignedJudge.of_policy(policy, config.layer)
    return AlignedJudge.load(config.model, config.layer)


def _sample(trainer: Trainer, tasks: Sequence[Task], when: str, listener: RunListener) -> None:
    recipe, samples = trainer.recipe, trainer.recipe.evaluation.samples
    params = SamplingParams(
        max_new_tokens=recipe.generation.max_new_tokens,
        temperature=recipe.evaluation.temperature,
        batch_size=recipe.generation.batch_size,
    )
    out = trainer.run_dir.evaluation(when) / "samples.jsonl"
    engine, policy = trainer.engine, trainer.policy
    languages = {task.language: trainer.language for task in tasks}
    engine.sync(policy)
    with listener.sampling(f"samples {when} training", len(tasks) * samples) as on_progress:
        seed, prompting = recipe.train.seed, trainer.prompting
        sample_tasks(engine, policy, languages, tasks, samples, params, seed, out, prompting, on_progress)


def _evaluate(trainer: Trainer, tasks: Sequence[Task], when: str, listener: RunListener) -> None:
    """Both evaluations come after training, so that the same judge sees both."""
    recipe, score, folder = trainer.recipe, trainer.grounding.score_checked, trainer.run_dir.evaluation(when)
    rows = [row for _, row in read_jsonl(folder / "samples.jsonl")]
    options = ExecutionOptions(
        execute=recipe.evaluation.execute,
        workers=recipe.grounding.workers,
        timeout_s=recipe.evaluation.timeout_s,
        language=checker_options(tasks, recipe.language),
    )
    with listener.evaluating(f"checking, running and scoring the samples {when} training", len(rows)) as on_progress:
        results = evaluate(
            tasks,
            [Completion(row["task_id"], row["completion"], finished=row.get("finished")) for row in rows],
            options,
            tokens=[row["tokens"] for row in rows],
            score=with_references(score) if needs_reference(recipe.grounding) else score,
            on_progress=on_progress,
            language=trainer.language,
        )
    write_evaluation(folder, results, tasks)


def _write_rewards(trainer: Trainer, tasks: Sequence[Task]) -> None:
    """What the final grounding function gives to each kind of program on the tasks evaluated."""
    compared = [t for t in tasks if t.canonical_solution]
    ids = {t.task_id for t in compared}
    rewards: dict[str, list[float | None]] = {k: [] for k in ("rejected", "trivial", "accepted", "reference", "stub")}
    for when in ("before", "after"):
        for row in load_results(trainer.run_dir.evaluation(when)):
            if row["task_id"] in ids and row["compiled"] is not None:
                kind = "rejected" if not row["compiled"] else "trivial" if row["trivial"] else "accepted"
                rewards[kind].append(row["reward"])
    for kind, written in (("reference", lambda task: task.canonical_solution), ("stub", trainer.language.stub)):
        pairs = [(task, text) for task in compared if (text := written(task)) is not None]
        scores = trainer.grounding.score([task for task, _ in pairs], [text for _, text in pairs])
        rewards[kind] += [s.reward for s in scores]
    write_json(trainer.run_dir.rewards, {k: [r for r in v if r is not None] for k, v in rewards.items()})
