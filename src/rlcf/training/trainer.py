"""The coarse-tuning loop: roll out, score, update the policy, refresh a judge that learns. Blind to the algorithm.

Of several processes each runs this loop; what is the work of one is the first one's (`rlcf.training.distributed`).
"""

import time
from collections.abc import Sequence
from typing import Any, Protocol

import torch

from rlcf.config import Recipe
from rlcf.config.algorithms import PenaltyTable, ReferencesTable, RolloutsTable
from rlcf.errors import ConfigError
from rlcf.generation.engine import Engine
from rlcf.generation.prompts import Prompting
from rlcf.grounding import Grounding
from rlcf.grounding.judge.training import DiscriminatorTrainer
from rlcf.languages.base import Language
from rlcf.models.policy import Policy
from rlcf.records import Task
from rlcf.storage.atomic import write_jsonl
from rlcf.storage.jsonl import append_jsonl, read_jsonl_tail_safe
from rlcf.storage.rundir import RunDir
from rlcf.training import distributed
from rlcf.training.checkpoint import newest_checkpoint, save_checkpoint
from rlcf.training.learner import Learner, TrainingBatch
from rlcf.training.references import reference_batch
from rlcf.training.rollouts import Rollouts, draw_tasks, roll_out
from rlcf.training.update_metrics import measure


class TrainingListener(Protocol):
    """Is called back as training goes on; the terminal's progress display is one."""

    def on_tokens(self, count: int) -> None:
        """`count` more tokens were sampled."""

    def on_warm_start(self, measured: dict[str, float]) -> None:
        """The supervised updates before the first one are done; `measured` is `warm_start` in the first row."""

    def on_update(self, metrics: dict[str, Any]) -> None:
        """An update is done; `metrics` is its row of metrics.jsonl."""


class Trainer:
    """Trains one policy and writes a run directory. It is given its parts: `rlcf.training.run` makes them."""

    def __init__(
        self,
        recipe: Recipe,
        run_dir: RunDir,
        *,
        tasks: Sequence[Task],
        language: Language,
        policy: Policy,
        engine: Engine,
        grounding: Grounding,
        discriminator_trainer: DiscriminatorTrainer | None = None,
    ) -> None:
        """
        Args:
            tasks: all of them are trained on.
            grounding: scores the rollouts. It is the caller's to close.
            discriminator_trainer: refreshes the grounding function's discriminator after each update; `None`: the
                judge is frozen, or there is none.
        """
        self.recipe, self.run_dir, self.tasks = recipe, run_dir, list(tasks)
        self.language, self.policy, self.engine = language, policy, engine
        self.prompting = Prompting(fim=recipe.policy.fim, kind=policy.kind)
        self.grounding, self.discriminator_trainer = grounding, discriminator_trainer
        self.learner = Learner(policy, recipe.algorithm, recipe.generation.temperature, recipe.train.seed)
        self.update = 0
        """The number of the last update that was done."""
        self.tokens = 0
        """What was learnt from so far: tokens that were sampled, or those of references."""

    @property
    def remaining(self) -> float:
        """The share of the training that is still to do: of its updates or, where that is less, of its tokens."""
        train = self.recipe.train
        of_tokens = 1.0 if train.max_tokens is None else 1 - self.tokens / train.max_tokens
        return max(0.0, min(of_tokens, 1 - self.update / train.updates))

    def resume(self) -> int:
        """Goes back to the newest checkpoint; returns its update (0 when there is none).

        Raises:
            ModelError: the checkpoint cannot be read or does not fit the recipe.
        """
        with newest_checkpoint(self.run_dir) as state:
            if state is not None:
                self._restore(state)
        if distributed.is_main():
            self._drop_metrics_after(self.update)
        return self.update

    def _restore(self, state: dict[str, Any]) -> None:
        found, wanted = state["algorithm"], self.recipe.algorithm.name
        if found != wanted:
            raise ConfigError(
                f"the checkpoint is of algorithm {found!r}, the recipe names {wanted!r}: name another --out"
            )
        self.policy.load_trainable_state(state["policy"])
        self.policy.fixed_reference = state["reference"]
        self.learner.load_state_dict(state["learner"])
        if self.discriminator_trainer is not None:
            self.discriminator_trainer.load_state_dict(state["discriminator"])
        torch.set_rng_state(state["torch_rng"])
        self.update, self.tokens = int(state["update"]), int(state["tokens"])

    def _drop_metrics_after(self, update: int) -> None:
        """Of updates that were measured but are in no checkpoint."""
        rows = read_jsonl_tail_safe(self.run_dir.metrics)
        kept = [r for r in rows if isinstance(r.get("update"), int) and r["update"] <= update]
        write_jsonl(self.run_dir.metrics, kept)

    def run(self, listener: TrainingListener) -> None:
        """Trains from where it stands to the end that `[train]` sets. Interrupt it at any moment: `resume` goes on.

        Raises:
            TrainingError: a loss is not finite.
            StorageError: a file cannot be written.
            ProcessLost: another process of this training ended.
        """
        distributed.require_same_update(self.update, self.run_dir.root)
        distributed.broadcast_parameters(self.policy.trainable_parameters())
        if self.update == 0 and self.discriminator_trainer is not None:
            if distributed.is_main():
                self.discriminator_trainer.warm_up()
            self._broadcast_discriminator(self.discriminator_trainer)
        warm_start = self._warm_start(listener) if self.update == 0 and self.recipe.warm_start.updates else {}
        while self.remaining > 0:
            metrics = self._one_update(self.update + 1, listener)
            if warm_start and self.update == 0:
                metrics["warm_start"] = warm_start
            self.update += 1
            if distributed.is_main():
                self._write(metrics)
            listener.on_update(metrics)

    def _warm_start(self, listener: TrainingListener) -> dict[str, float]:
        """Supervised updates on references; the policy is then the reference model of the KL penalty.

        A run that is cut off before its first checkpoint repeats them. A `ConfigError` where they leave nothing to do.
        """
        started, table, seed = time.perf_counter(), self.recipe.warm_start, self.recipe.train.seed
        learner = Learner(self.policy, table, 1.0, seed)
        losses = []
        for update in range(1, table.updates + 1):
            tasks = draw_tasks(self.tasks, table.tasks_per_update, update, seed)
            batch = self._references(tasks, table.max_tokens)
            self.tokens += _count(batch)
            losses.append(learner.update(batch, remaining=1 - (update - 1) / table.updates)["cross_entropy"])
        if self.remaining == 0:
            raise ConfigError(
                f"the warm start alone reads {self.tokens} tokens of references, and train.max_tokens is "
                f"{self.recipe.train.max_tokens}: raise it, or lower warm_start.updates"
            )
        self.policy.fix_reference()
        measured = {"updates": table.updates, "first_cross_entropy": losses[0], "last_cross_entropy": losses[-1]}
        measured["seconds"] = round(time.perf_counter() - started, 3)
        listener.on_warm_start(measured)
        return measured

    def _write(self, metrics: dict[str, Any]) -> None:
        """The update's metrics, then a checkpoint when it is due."""
        append_jsonl(self.run_dir.metrics, metrics)
        train, trainer = self.recipe.train, self.discriminator_trainer
        if self.update % train.checkpoint_every and self.remaining > 0:
            return
        state = {
            "policy": self.policy.trainable_state(),
            "tokens": self.tokens,
            "reference": self.policy.fixed_reference,
            "algorithm": self.recipe.algorithm.name,
            "learner": self.learner.state_dict(),
            "discriminator": None if trainer is None else trainer.state_dict(),
            "torch_rng": torch.get_rng_state(),
        }
        save_checkpoint(self.run_dir, self.update, state, train.keep_checkpoints)

    def _one_update(self, update: int, listener: TrainingListener) -> dict[str, Any]:
        started = time.perf_counter()
        train = self.recipe.train
        tasks = draw_tasks(self.tasks, train.tasks_per_update, update, train.seed, train.shuffle)
        rollouts, batch = self._gather(tasks, update, listener)
        gathered = time.perf_counter()
        learned = self.learner.update(batch, self.remaining, self._imitated(update, tasks))
        self.tokens += _count(batch)
        updated = time.perf_counter()
        discriminator = self._refresh_discriminator(rollouts)
        finished = time.perf_counter()
        seconds = {**rollouts.seconds, "update": updated - gathered, "total": finished - started}
        seconds["discriminate"] += finished - updated
        return measure(update, rollouts, learned, discriminator, seconds)

    def _gather(self, tasks: Sequence[Task], update: int, listener: TrainingListener) -> tuple[Rollouts, TrainingBatch]:
        """What the algorithm learns from; no rollouts where that is the tasks' references."""
        config = self.recipe.algorithm
        if isinstance(config, ReferencesTable):
            return Rollouts(), self._references(tasks, config.max_tokens)
        own = distributed.shard(len(tasks))
        part = roll_out(
            self.policy, self.engine, self.grounding, tasks[own], self.recipe, update, listener.on_tokens, own.start
        )
        rollouts = Rollouts.joined(distributed.all_gather([part]))
        if distributed.is_main():
            write_jsonl(self.run_dir.samples(update), [r.row() for r in rollouts.rollouts])
        weight = config.weight_before_error if isinstance(config, PenaltyTable) else 1.0
        masked = isinstance(config, RolloutsTable) and config.mask_truncated
        return rollouts, rollouts.batch(self.policy, weight, masked)

    def _imitated(self, update: int, tasks: Sequence[Task]) -> TrainingBatch | None:
        """The references that the algorithm imitates beside learning from rollouts, if it does."""
        config = self.recipe.algorithm
        if isinstance(config, RolloutsTable) and config.imitation_coefficient:
            if config.imitated:
                tasks = draw_tasks(self.tasks, config.imitated, update, self.recipe.train.seed)
            return self._references(tasks, self.recipe.generation.max_new_tokens)
        return None

    def _references(self, tasks: Sequence[Task], max_tokens: int) -> TrainingBatch:
        return reference_batch(self.policy, self.language, tasks, max_tokens, self.prompting)

    def _refresh_discriminator(self, rollouts: Rollouts) -> dict[str, float | None] | None:
        """Measures the discriminator on programs that it was not trained on, then trains it on them."""
        trainer = self.discriminator_trainer
        if trainer is None or not rollouts.rollouts:
            return None
        measured = None
        if distributed.is_main():
            examples = rollouts.examples(self.language)
            measured = trainer.measure(examples)
            measured["loss"] = trainer.refresh(examples).loss
        self._broadcast_discriminator(trainer)
        return measured

    def _broadcast_discriminator(self, trainer: DiscriminatorTrainer) -> None:
        """From the first process, which trains it, to the others, to score with."""
        mlp = trainer.discriminator.mlp
        if distributed.world_size() > 1:
            mlp.load_state_dict(distributed.broadcast(mlp.state_dict()))

    def save(self) -> None:
        """Writes the trained policy and the grounding function for use elsewhere."""
        lora = self.recipe.policy.training == "lora"
        self.policy.save(self.run_dir.adapter if lora else self.run_dir.model)
        self.grounding.save(self.run_dir.judge)


def _count(batch: TrainingBatch) -> int:
    """The tokens of all its completions."""
    return int(batch.completions.mask.sum())
