"""GRPO by TRL with rlcf's reward: for models that one device cannot hold.

accelerate launch --config_file recipes/accelerate/fsdp.yaml recipes/trl/grpo.py \
    --model_name_or_path Qwen/Qwen2.5-Coder-7B --tasks tasks.jsonl --grounding runs/demo --output_dir out

All options of GRPOConfig and ModelConfig are there (--help). Needs TRL: pip install trl==1.16.0 -c constraints.txt
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer, ModelConfig, TrlParser, get_peft_config

import rlcf
from rlcf.errors import ConfigError, RlcfError
from rlcf.integrations.trl import grounding_reward
from rlcf.tasks.loading import load_tasks, the_language
from rlcf.tasks.projects import project_options
from rlcf.training.run import training_tasks


@dataclass
class RewardConfig:
    """What to train on, and what rewards it."""

    tasks: str = field(default="builtin:java", metadata={"help": "A file of tasks; those held out are left out."})
    grounding: str | None = field(
        default=None, metadata={"help": "A run of rlcf train, for its grounding function; else the compiler is all."}
    )
    workers: int = field(default=2, metadata={"help": "Compiler processes, for each process of the trainer."})


def main(reward: RewardConfig, training: GRPOConfig, model: ModelConfig) -> None:
    """Trains, and saves the model, or with --use_peft its adapter, in --output_dir."""
    tasks = training_tasks(load_tasks(reward.tasks), needs_references=reward.grounding is not None)
    at_once = training.generation_batch_size // training.num_generations
    if len(tasks) < at_once:  # TRL would take no step, and save the model as it was
        raise ConfigError(
            f"{reward.tasks} has {len(tasks)} training tasks, and a step takes {at_once}: lower a batch size"
        )
    rows = Dataset.from_list([{"prompt": t.prompt.rstrip(), "task_id": t.task_id} for t in tasks])
    mode = "hybrid" if reward.grounding else "compiler"
    with rlcf.Grounding.load(
        reward.grounding,
        mode=mode,
        language=the_language(tasks),
        workers=reward.workers,
        options=project_options(tasks),
    ) as grounding:
        trainer = GRPOTrainer(
            model=model.model_name_or_path,
            args=training,
            reward_funcs=grounding_reward(grounding, tasks),
            train_dataset=rows,
            peft_config=get_peft_config(model),
        )
        trainer.train()
        trainer.save_model()


if __name__ == "__main__":
    try:
        main(*TrlParser((RewardConfig, GRPOConfig, ModelConfig)).parse_args_and_config())
    except RlcfError as error:
        sys.exit(f"rlcf: {error}")
