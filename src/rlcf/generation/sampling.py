"""Completions of tasks from an engine, written to a file as they come, so that an interrupted run goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rlcf.generation.engine import Engine, Progress, Request, Sample, SamplingParams, batch_ends, request_seed
from rlcf.generation.extraction import completion_of
from rlcf.generation.prompts import Prompting, check_room
from rlcf.generation.samples import SamplesFile
from rlcf.generation.stopping import answer_stop, program_stop
from rlcf.languages.base import Language
from rlcf.models.policy import Policy
from rlcf.records import Task


def sample_tasks(
    engine: Engine,
    policy: Policy,
    language: Language,
    tasks: Sequence[Task],
    samples: int,
    params: SamplingParams,
    seed: int,
    out: Path,
    prompting: Prompting | None = None,
    on_progress: Progress = lambda *_: None,
) -> list[dict[str, Any]]:
    """Draws `samples` completions of each task into `out`; returns the rows of the file, in task order.

    Batches are cut from the list of all samples, the longest prompts first, and written as they are finished. An
    interrupted run goes on after its last whole batch, so it ends in the same file as one that was not interrupted.
    What a sample draws is decided by `seed`, its task's id and its number.

    Args:
        engine: samples from the weights of `policy`.
        language: that of all tasks.
        out: beside it, `OUT.settings.json` says how it was sampled.
        on_progress: its count of samples includes those of an earlier run, and the first call says how many those are.

    Raises:
        ConfigError: `out` was sampled with other settings; a task does not fit into the model's context; the model has
            no chat template and `prompting` needs one.
        ModelTooLarge: not even one sample fits into memory.
        KeyboardInterrupt: its text says what is kept.
    """
    prompting = prompting or Prompting()
    by_id = {t.task_id: t for t in tasks}
    requests = task_requests(policy, tasks, samples, params, seed, prompting)
    file = SamplesFile(out, list(by_id), samples, [request.id for request in requests])
    file.claim(_settings(policy, tasks, samples, params, seed, prompting))
    ends = list(batch_ends(requests, params.batch_size))
    done = file.resume(ends)
    on_progress(done, 0)
    stop = answer_stop(policy) if prompting.chat else program_stop(policy, language)
    try:
        for end in (end for end in ends if end > done):
            batch = requests[done:end]
            drawn = engine.generate(batch, params, stop, partial(_report, on_progress, done))
            file.append(
                _row(by_id[request.id], sample, language, prompting.chat)
                for request, sample in zip(batch, drawn, strict=True)
            )
            done = end
    except KeyboardInterrupt:
        kept = f"{done} of {len(requests)} samples are kept in {out}; the same command goes on after them"
        raise KeyboardInterrupt(kept) from None
    return file.finish()


def task_requests(
    policy: Policy, tasks: Sequence[Task], samples: int, params: SamplingParams, seed: int, prompting: Prompting
) -> list[Request]:
    """All samples to draw: neighbours have prompts of similar length, so that little of a batch is padding.

    The longest come first: what does not fit into memory shows early, and the time left is not underestimated.
    """
    prompts = []
    for task in tasks:
        ids = prompting.ids(policy.tokenizer, task)
        check_room(policy.model, task.task_id, ids, params.max_new_tokens)
        prompts.append((task, ids))
    return [
        Request(
            task.task_id,
            ids,
            context="" if prompting.chat else task.context,
            seed=request_seed(seed, task.task_id, number),
            suffix="" if prompting.chat else task.suffix,
        )
        for task, ids in sorted(prompts, key=lambda pair: -len(pair[1]))
        for number in range(samples)
    ]


def _report(on_progress: Progress, done: int, ended: int, tokens: int) -> None:
    on_progress(done + ended, tokens)


def _row(task: Task, sample: Sample, language: Language, chat: bool) -> dict[str, Any]:
    """One line of the file; `docs/generating.md` names the fields."""
    completion = completion_of(sample.text, task, language, sample.finished) if chat else sample.text
    row = {
        "task_id": task.task_id,
        "language": task.language,
        "completion": completion,
        "tokens": len(sample.token_ids),
        "finished": _is_finished(task, completion, language) if chat and language.end_marks else sample.finished,
    }
    return row | {"answer": sample.text} if chat else row


def _is_finished(task: Task, completion: str, language: Language) -> bool:
    return language.program_end(task.context, completion, task.suffix) is not None


def _settings(
    policy: Policy, tasks: Sequence[Task], samples: int, params: SamplingParams, seed: int, prompting: Prompting
) -> dict[str, Any]:
    """All that decides what is drawn. The batch size is not part of it."""
    return {
        "model": policy.source,
        "tasks": _digest("".join(f"{t.task_id}\0{_texts(t)}\0" for t in tasks)),
        "samples": samples,
        "seed": seed,
        "max_new_tokens": params.max_new_tokens,
        "temperature": params.temperature,
        "top_p": params.top_p,
        "few_shot": _digest(prompting.examples) if prompting.examples else None,
        "chat": prompting.chat,
    }


def _texts(task: Task) -> str:
    parts = [task.prompt] if task.context == task.prompt else [task.prompt, task.context]
    return "\0".join([*parts, task.suffix] if task.suffix else parts)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
