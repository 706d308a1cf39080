"""rlcf's reward for OpenRLHF: copy this file, say here what to train, and give its path to OpenRLHF.

python reward.py train.jsonl
python -m openrlhf.cli.train_ppo_ray --reward.remote_url "$PWD/reward.py" \
    --actor.model_name_or_path HuggingFaceTB/SmolLM2-135M --data.prompt_dataset train.jsonl --data.label_key label \
    --algo.advantage.estimator group_norm --rollout.n_samples_per_prompt 8 --rollout.max_new_tokens 128

Not tried with an installed OpenRLHF: it is tested against the calls in the source of 0.11.
"""

from __future__ import annotations

import sys
from pathlib import Path

from transformers import AutoTokenizer

from rlcf.integrations.openrlhf import grounding_reward, openrlhf_row
from rlcf.storage.atomic import write_jsonl
from rlcf.tasks.loading import load_tasks

MODEL = "HuggingFaceTB/SmolLM2-135M"
TASKS = "builtin:java"
GROUNDING = None
"""A run of rlcf train, for its grounding function; else the compiler is all."""

tasks = [task for task in load_tasks(TASKS) if task.split != "heldout"]
reward_func = grounding_reward(tasks, AutoTokenizer.from_pretrained(MODEL).all_special_tokens, GROUNDING)

if __name__ == "__main__":  # not in OpenRLHF, which loads the file under another name
    write_jsonl(Path(sys.argv[1]), (openrlhf_row(task) for task in tasks))
