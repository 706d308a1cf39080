"""What the tests have several processes do: `torchrun -m tests.training.together WHAT FOLDER`, or `main` for one."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from rlcf.config import Recipe, make_recipe
from rlcf.errors import ConfigError, TrainingError
from rlcf.models.policy import Policy
from rlcf.records import Task
from rlcf.storage.rundir import RunDir
from rlcf.training import distributed
from rlcf.training.algorithms import Algorithm
from rlcf.training.learner import Learner, TrainingBatch
from rlcf.training.run import make_trainer
from tests.tiny import TASK, tiny_policy
from tests.training.batches import shake, some_batch
from tests.training.listening import Silent
from tests.training.test_seam import GSPO, Pairwise, table_of

TASKS = [replace(TASK, task_id=word, prompt=TASK.prompt.replace("A", word)) for word in ("A", "f", "a", "b", "x")]
CASES: dict[str, dict[str, Any]] = {
    "ppo": {"minibatches": 2},
    "ppo in one minibatch": {"minibatches": 1, "baseline": "batch"},
    "grpo": {"minibatches": 2, "kl_target": 0.1},
    "grpo as published": {"minibatches": 1, "divide_by_deviation": True, "divide_by_length": True},
    "grpo that imitates": {"minibatches": 2, "imitation_coefficient": 0.5},
    "rloo": {"minibatches": 1},
    "raft": {"minibatches": 2},
    "sft": {"minibatches": 2},
    "pairwise": {},
    "gspo": {},
}
UNREGISTERED: dict[str, type[Algorithm]] = {"pairwise": Pairwise, "gspo": GSPO}
LATE_S = 2.0


def recipe(updates: int) -> Recipe:
    """A short run of all parts, of three of five tasks an update."""
    return make_recipe(
        {
            "generation": {"max_new_tokens": 6, "temperature": 1.0},
            "grounding": {"workers": 1},
            "judge": {"name": "discriminator", "warmup_steps": 2, "refresh_steps": 2},
            "algorithm": {"learning_rate": 1e-2, "minibatches": 2},
            "train": {"updates": updates, "tasks_per_update": 3, "group_size": 4},
        }
    )


def _learner(policy: Policy, name: str, settings: dict[str, Any]) -> Learner:
    if name in UNREGISTERED:
        algorithm = UNREGISTERED[name]
        config = table_of(algorithm, minibatches=2)
        return Learner(policy, config, 0.7, seed=0, algorithm=algorithm(config))
    config = make_recipe({"algorithm": {"name": name.split()[0], "max_grad_norm": 1e6, **settings}}).algorithm
    return Learner(policy, config, 0.7, seed=0)


def batches(name: str) -> dict[str, TrainingBatch]:
    """One with unscored rollouts; one with a single scored one, so that some process has nothing to learn from."""
    whole = some_batch(tiny_policy())
    alone = torch.zeros_like(whole.scored)
    alone[5] = True
    none = torch.zeros_like(whole.scored)
    if name == "sft":
        return {"whole": replace(whole, scored=torch.ones_like(whole.scored))}
    return {"whole": whole, "alone": replace(whole, scored=alone), "none": replace(whole, scored=none)}


def steps(folder: Path) -> None:
    """An update of each algorithm on the same batches: measurements, last gradient, state and weights."""
    found = {}
    for name, settings in CASES.items():
        for which, batch in batches(name).items():
            policy = tiny_policy()
            shake(policy)
            learner = _learner(policy, name, settings)
            measured = learner.update(batch, 1.0, batch if "imitation_coefficient" in settings else None)
            found[f"{name}, {which}"] = {
                "measured": measured,
                "gradients": [p.grad for p in policy.trainable_parameters() if p.grad is not None],
                "weights": policy.trainable_state(),
                "state": learner.state_dict(),
            }
    torch.save(found, folder / f"steps-{distributed.rank()}-of-{distributed.world_size()}.pt")


def learns(folder: Path) -> None:
    """A run on real verdicts and nothing else, with one and the same prompt for all processes."""
    settings = {
        "generation": {"max_new_tokens": 6, "temperature": 1.0},
        "grounding": {"mode": "compiler", "workers": 1},
        "algorithm": {
            "learning_rate": 1e-2,
            "kl_coefficient": 0.02,
            "minibatches": 1,
            "epochs": 2,
            "anneal_to": 1.0,
        },
        "train": {"updates": 10, "tasks_per_update": 2, "group_size": 24},
    }
    _train(folder / "learns", make_recipe(settings), [TASK, replace(TASK, task_id="twin")])


def whole(folder: Path) -> None:
    """Four updates."""
    _train(folder / "whole", recipe(4), TASKS)


def cut(folder: Path) -> None:
    """The last process is killed after its second update."""
    _train(folder / "cut", recipe(4), TASKS, killed_after=2)


def resumed(folder: Path) -> None:
    """Goes on with what was cut."""
    _train(folder / "cut", recipe(4), TASKS, resume=True)


def spoiled(folder: Path) -> None:
    """The last process's weights are not finite; what each says of it."""
    policy = tiny_policy()
    learner = Learner(policy, make_recipe({"algorithm": {"name": "sft"}}).algorithm, 0.7, seed=0)
    if distributed.rank() == distributed.world_size() - 1:
        with torch.no_grad():
            policy.trainable_parameters()[-1].fill_(float("nan"))
    try:
        learner.update(batches("sft")["whole"])
    except TrainingError as error:
        _note(folder, "spoiled", error)


def apart(folder: Path) -> None:
    """Each has found another checkpoint; what each says of it."""
    try:
        distributed.require_same_update(distributed.rank(), folder)
    except ConfigError as error:
        _note(folder, "apart", error)


def _note(folder: Path, name: str, error: Exception) -> None:
    (folder / f"{name}-{distributed.rank()}.txt").write_text(str(error), encoding="utf-8")


def late(folder: Path) -> None:
    """The first takes its time where the others are to wait, and then one does not come."""
    with distributed.main_process_first():
        if distributed.is_main():
            time.sleep(LATE_S + 1)
    if distributed.is_main():
        (folder / "waited").touch()
        distributed.all_gather([1])
    else:
        time.sleep(300)


class Deadly(Silent):
    """Kills this process after an update when told to."""

    def __init__(self, killed_after: int | None) -> None:
        super().__init__()
        self.killed_after = killed_after

    def on_update(self, metrics: dict[str, Any]) -> None:
        if metrics["update"] == self.killed_after and distributed.rank() == distributed.world_size() - 1:
            os.kill(os.getpid(), signal.SIGKILL)


def _train(
    folder: Path, recipe: Recipe, tasks: list[Task], resume: bool = False, killed_after: int | None = None
) -> None:
    folder.mkdir(exist_ok=True)
    policy = tiny_policy()
    trainer, _ = make_trainer(recipe, RunDir(folder), tasks, policy)
    with trainer.grounding:
        if resume:
            trainer.resume()
        trainer.run(Deadly(killed_after))
    kept = {"policy": policy.trainable_state(), "learner": trainer.learner.state_dict()}
    if trainer.grounding.judge is not None:
        kept["discriminator"] = trainer.grounding.judge.mlp.state_dict()
    torch.save(kept, folder / f"weights-{distributed.rank()}.pt")


def _meet(folder: Path) -> None:
    """Returns when both processes are here."""
    (folder / f"here-{os.environ['RANK']}").touch()
    while len(list(folder.glob("here-*"))) < 2:
        time.sleep(0.05)


def main(folder: Path, *what: str) -> None:
    """Does each of `what`, by its name in this module."""
    if "late" in what:
        _meet(folder)  # or the slower start of one would be late already
    with distributed.process_group(LATE_S if "late" in what else 60.0):
        for name in what:
            globals()[name](folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
