"""Completions of tasks from a policy, written to a file as they come, so that a cut run goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rlcf.generation.extraction import completion_of
from rlcf.generation.queue import Prompting, batch_ends, queue_of, stops_of
from rlcf.generation.samples import SamplesFile
from rlcf.languages.base import Language
from rlcf.languages.registry import load_language
from rlcf.records import Task
from rlcf.storage.jsonl import read_jsonl
from rlcf.tasks.loading import the_language

if TYPE_CHECKING:
    from rlcf.generation.decoding import Sample, SamplingOptions
    from rlcf.models.policy import Policy


class Watcher(Protocol):
    """Someone who looks on while tasks are sampled."""

    def on_progress(self, done: int, tokens: int) -> None:
        """`done` samples have ended, those of an earlier run included; `tokens` were just drawn."""

    def on_notice(self, text: str) -> None:
        """One line for people."""


class Unwatched:
    """Nobody looks on."""

    def on_progress(self, done: int, tokens: int) -> None:
        pass

    def on_notice(self, text: str) -> None:
        pass


def sample_tasks(
    policy: Policy,
    tasks: Sequence[Task],
    samples: int,
    options: SamplingOptions,
    seed: int,
    out: Path,
    watcher: Watcher | None = None,
    prompting: Prompting | None = None,
) -> list[dict[str, Any]]:
    """Draws `samples` completions of each task into `out`; returns the rows of the file, in task order.

    Batches are cut from the list of all samples, the longest prompts first, and written as they are finished. A run
    that was cut goes on behind its last whole batch, so it ends in the same file as one that was not. What a sample
    draws is decided by `seed`, its task's id and its number.

    Args:
        out: beside it, `OUT.settings.json` notes how it was sampled.

    Raises:
        ConfigError: `out` was sampled in another way; a task does not fit into the model's context; the model has no
            chat template and is to be asked through it.
        ModelTooLarge: not even one sample fits into memory.
    """
    from rlcf.generation.requests import RowSampler

    watcher, prompting = watcher or Unwatched(), prompting or Prompting()
    language = load_language(the_language(tasks))
    by_id = {t.task_id: t for t in tasks}
    queue = queue_of(policy, tasks, samples, options, seed, prompting)
    file = SamplesFile(out, list(by_id), samples, [row.name for row in queue])
    file.claim(_settings(policy, tasks, samples, options, seed, prompting))
    ends = batch_ends(queue, options.max_rows)
    done = file.resume(ends)
    watcher.on_progress(done, 0)
    if done < len(queue):
        sampler = RowSampler(policy, stops_of(policy, language, prompting), options, watcher.on_notice)
    for end in (end for end in ends if end > done):
        batch = queue[done:end]
        drawn = sampler.sample(batch, partial(_report, watcher, done))
        file.append(
            _row(by_id[row.name], sample, language, prompting.chat) for row, sample in zip(batch, drawn, strict=True)
        )
        done = end
        watcher.on_progress(done, 0)
    return file.finish()


def sampled_tokens(path: Path) -> list[int] | None:
    """The lengths that `sample_tasks` noted, in file order; `None` for a file from elsewhere."""
    counts = [row.get("tokens") for _, row in read_jsonl(path)]
    known = [c for c in counts if isinstance(c, int)]
    return known if len(known) == len(counts) else None


def _report(watcher: Watcher, done: int, ended: int, tokens: int) -> None:
    watcher.on_progress(done + ended, tokens)


def _row(task: Task, sample: Sample, language: Language, chat: bool) -> dict[str, Any]:
    """One line of the file; `docs/generating.md` names the fields."""
    completion = completion_of(sample.text, task, language, sample.finished) if chat else sample.text
    row = {
        "task_id": task.task_id,
        "language": task.language,
        "completion": completion,
        "tokens": len(sample.token_ids),
        "finished": language.program_end(task.prompt, completion) is not None,
    }
    return row | {"answer": sample.text} if chat else row


def _settings(
    policy: Policy, tasks: Sequence[Task], samples: int, options: SamplingOptions, seed: int, prompting: Prompting
) -> dict[str, Any]:
    """All that decides what is drawn. How many rows are computed at once is not among it."""
    return {
        "model": policy.source,
        "tasks": _digest("".join(f"{t.task_id}\0{t.prompt}\0" for t in tasks)),
        "samples": samples,
        "seed": seed,
        "max_new_tokens": options.max_new_tokens,
        "temperature": options.temperature,
        "top_p": options.top_p,
        "few_shot": _digest(prompting.examples) if prompting.examples else None,
        "chat": prompting.chat,
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
