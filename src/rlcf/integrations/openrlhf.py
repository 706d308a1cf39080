"""The grounding function as a custom reward function for OpenRLHF (read in the source of 0.11).

OpenRLHF takes the path of a Python file for `--reward.remote_url`, and calls `reward_func` in it with lists of one,
from many threads at a time; `recipes/openrlhf/reward.py` is such a file. No options are passed, so the file has them.

OpenRLHF logs what `reward_func` raises, and leaves the rollout without a reward; the run then ends with an error, for
it has no reward model. So a failing compiler is an exception here, after further tries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rlcf.errors import DataError
from rlcf.integrations.completions import facts, prompt_text
from rlcf.integrations.scoring import Rollout, score_later
from rlcf.records import Task

if TYPE_CHECKING:
    from rlcf.grounding.recipe import Mode

RewardFunction = Callable[..., dict[str, Any]]


def openrlhf_row(task: Task, chat: bool = False) -> dict[str, str]:
    """A row of OpenRLHF's data set: write a list of them as JSON Lines.

    Args:
        chat: put the task as a question to an instruct model: `grounding_reward` needs `chat`, too, and OpenRLHF
            `--data.apply_chat_template`.
    """
    return {"input": prompt_text(task, chat), "label": task.task_id}


def grounding_reward(
    tasks: Sequence[Task],
    special_tokens: Sequence[str],
    grounding: str | None = None,
    *,
    mode: Mode | None = None,
    workers: int = 2,
    chat: bool = False,
) -> RewardFunction:
    """What `reward_func` is to be.

    It gives tensors `(N,)`: `rewards` in −1 … 1; `scores`, the same in 0 … 1, for OpenRLHF's dynamic filtering; and in
    `extra_logs` `compile` (1 or 0) and `trivial` (1 or 0, NaN where not known).

    It may be called from many threads at a time. It raises what `rlcf.integrations.scoring.score_later` says, and a
    `DataError` where a label is no task's id, or a query does not begin with its prompt.

    Args:
        tasks: every task that the data set names.
        special_tokens: those of the model's tokenizer. What a model wrote ends at the first of them.
        grounding: a run directory, or its `judge` folder; without one there is only the compiler.
        mode: by default `hybrid` with a `grounding`, else `compiler`.
        workers: compiler processes, for each language and each project, in each of OpenRLHF's vLLM engines.
        chat: what the model wrote is an answer, which holds the program in a code fence.
    """
    by_id = {task.task_id: task for task in tasks}

    def reward_func(queries: Sequence[str], prompts: Sequence[str], labels: Sequence[str], **_: Any) -> dict[str, Any]:
        import torch

        unknown = [label for label in labels if label not in by_id]
        if unknown:
            raise DataError(f"the label {unknown[0]!r} is the id of no task that grounding_reward was given")
        rollouts = [
            Rollout(by_id[label], _response(query, prompt, special_tokens), chat)
            for query, prompt, label in zip(queries, prompts, labels, strict=True)
        ]
        scores = [f.result() for f in [score_later(each, grounding, mode, workers) for each in rollouts]]
        rewards = torch.tensor([score.reward for score in scores])
        logs = {name: torch.tensor([facts(score)[name] for score in scores]) for name in ("compile", "trivial")}
        return {"rewards": rewards, "scores": (rewards + 1) / 2, "extra_logs": logs}

    return reward_func


def _response(query: str, prompt: str, special_tokens: Sequence[str]) -> str:
    """What the model wrote: `query` is the text of the tokens of prompt and response, special ones included."""
    if not query.startswith(prompt):
        raise DataError(
            f"the query does not begin with its prompt {prompt[:40]!r} …: the prompt was cut (raise data.max_len), or "
            "the tokenizer does not give it back as it was"
        )
    response = query[len(prompt) :]
    return response[: min((response.find(t) for t in special_tokens if t and t in response), default=None)]
