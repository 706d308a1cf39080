"""TRL's `GRPOTrainer`, as `benchmarks.step` times it: set to the work of a recipe, and stopped at each update."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.step_ours import Ours, Step
from rlcf.config import GRPOConfig, Recipe
from rlcf.integrations.trl import grounding_reward
from rlcf.models.loading import load_language_model

STOP_STRINGS = ["\n}"]
"""The brace at a line's beginning, which closes the class: as near to a Java program's end as stop strings come."""


class Theirs:
    """TRL's `GRPOTrainer` on the tasks of `ours`, with its grounding function and an adapter of the same shape.

    Args:
        updates: how many rounds there will be; `train` takes them all.
        stops: end its samples at `STOP_STRINGS`. TRL hands no tokenizer to `generate`, which needs it for that, so it
            is given here, as a user can. Without, samples end at the end of the text or at the limit.
    """

    def __init__(self, recipe: Recipe, ours: Ours, updates: int, folder: Path, stops: bool) -> None:
        import datasets
        import trl
        from transformers import PrinterCallback

        assert isinstance(recipe.algorithm, GRPOConfig)
        self.updates = updates
        self.optimizer_steps = recipe.algorithm.epochs * recipe.algorithm.minibatches
        tasks = [task for update in range(1, updates + 1) for task in ours.tasks(update)]
        dtype = next(p.dtype for p in ours.trainer.policy.model.parameters() if not p.requires_grad)
        model, tokenizer = load_language_model(recipe.policy.model, dtype)
        model.set_attn_implementation("sdpa")
        torch.manual_seed(recipe.train.seed)
        self.trainer = trl.GRPOTrainer(
            model=model,
            processing_class=tokenizer,
            peft_config=ours.trainer.policy.model.peft_config["default"],
            reward_funcs=self._watched(grounding_reward(ours.trainer.grounding, tasks)),
            train_dataset=datasets.Dataset.from_list(
                [{"prompt": t.prompt.rstrip(), "task_id": t.task_id} for t in tasks]
            ),
            args=_arguments(recipe, updates * self.optimizer_steps, folder, stops),
        )
        self.trainer.remove_callback(PrinterCallback)
        self._seconds: dict[str, float] = {}
        self._lengths: list[int] = []
        self._learned = 0
        self._time("_generate", "generate")
        self._time("_calculate_rewards", "reward")
        trained = self.trainer.model
        if stops:
            trained.generate = functools.partial(trained.generate, tokenizer=tokenizer)

    def _watched(self, reward: Callable[..., list[float | None]]) -> Callable[..., list[float | None]]:
        """Counts the tokens that TRL hands to its reward function; it has masked what is behind the end of a text."""

        @functools.wraps(reward)
        def watched(**arguments: Any) -> list[float | None]:
            rewards = reward(**arguments)
            self._lengths = [len(ids) for ids in arguments["completion_ids"]]
            self._learned = sum(n for n, r in zip(self._lengths, rewards, strict=True) if r is not None)
            return rewards

        return watched

    def _time(self, method: str, phase: str) -> None:
        inner = getattr(self.trainer, method)

        def timed(*positional: Any, **named: Any) -> Any:
            started = time.perf_counter()
            result = inner(*positional, **named)
            self._seconds[phase] = self._seconds.get(phase, 0.0) + time.perf_counter() - started
            return result

        setattr(self.trainer, method, timed)

    def train(self, before: Callable[[int], None], after: Callable[[int, Step], None]) -> None:
        """Takes all steps; calls `before` and `after` with the number of each update, from 1, outside the timing.

        TRL has no step to call from outside, so what is to run in turns with it runs inside its loop.
        """
        from transformers import TrainerCallback

        benchmark = self

        class Turns(TrainerCallback):
            def on_step_begin(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
                if state.global_step % benchmark.optimizer_steps == 0:
                    before(state.global_step // benchmark.optimizer_steps + 1)
                    benchmark._seconds = {}
                    self.started = time.perf_counter()

            def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
                if state.global_step % benchmark.optimizer_steps == 0:
                    total = time.perf_counter() - self.started
                    after(state.global_step // benchmark.optimizer_steps, benchmark._step(total))

        self.trainer.add_callback(Turns())
        self.trainer.train()

    def _step(self, total: float) -> Step:
        update = total - sum(self._seconds.values())
        return Step(
            seconds={**self._seconds, "update": update, "total": total},
            # `generate` computes every row until the last one of the batch has ended.
            computed=len(self._lengths) * max(self._lengths),
            learned=self._learned,
        )

    def attend(self, implementation: str) -> None:
        """Sets transformers' attention implementation for the steps to come: `sdpa` or `eager`."""
        self.trainer.model.get_base_model().set_attn_implementation(implementation)


def _arguments(recipe: Recipe, steps: int, folder: Path, stops: bool) -> Any:
    """`trl.GRPOConfig` for the work that `recipe` describes."""
    import trl

    algorithm = recipe.algorithm
    assert isinstance(algorithm, GRPOConfig)
    rows = recipe.train.tasks_per_update * recipe.train.group_size // algorithm.minibatches
    return trl.GRPOConfig(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=rows,
        steps_per_generation=algorithm.minibatches,
        gradient_accumulation_steps=1,
        num_iterations=algorithm.epochs,
        num_generations=recipe.train.group_size,
        max_completion_length=recipe.generation.max_new_tokens,
        temperature=recipe.generation.temperature,
        generation_kwargs={"stop_strings": STOP_STRINGS} if stops else None,
        beta=algorithm.kl_coefficient,
        epsilon=algorithm.clip,
        loss_type="dr_grpo",
        scale_rewards="group" if algorithm.divide_by_deviation else "none",
        learning_rate=algorithm.learning_rate,
        lr_scheduler_type="constant",
        max_grad_norm=algorithm.max_grad_norm,
        adam_beta1=0.9,
        adam_beta2=0.95,
        weight_decay=0.0,
        gradient_checkpointing=False,  # it would compute everything twice to save memory that is not short here
        bf16=False,  # the base is in bfloat16 and the adapter in float32, as ours: no autocast
        use_cpu=not torch.cuda.is_available(),
        shuffle_dataset=False,  # the same tasks in the same round
        disable_tqdm=True,
        logging_strategy="no",
        save_strategy="no",
        report_to=[],
        seed=recipe.train.seed,
    )
