"""Completions of tasks from an engine, written to a file as they come, so that an interrupted run goes on."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from rlcf.generation.engine import Engine, Progress, Request, Sample, SamplingParams, batch_ends, request_seed
from rlcf.generation.extraction import completion_of
from rlcf.generation.prompts import Prompt, Prompting, check_room
from rlcf.generation.samples import SamplesFile
from rlcf.generation.stopping import answer_stop, program_stop
from rlcf.languages.base import Language
from rlcf.models.policy import Policy
from rlcf.records import Task


def sample_tasks(
    engine: Engine,
    policy: Policy,
    languages: Mapping[str, Language],
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
        languages: those of the tasks, by name.
        out: beside it, `OUT.settings.json` says how it was sampled.
        on_progress: its count of samples includes those of an earlier run, and the first call says how many those are.

    Raises:
        ConfigError: `out` was sampled with other settings; a task does not fit into the model's context; the model has
            no chat template and `prompting` needs one.
        ModelTooLarge: not even one sample fits into memory.
        KeyboardInterrupt: its text says what is kept.
    """
    prompting = prompting or Prompting(kind=policy.kind)
    by_id = {t.task_id: t for t in tasks}
    requests = task_requests(policy, tasks, samples, params, seed, prompting)
    file = SamplesFile(out, list(by_id), samples, [request.id for request in requests])
    fim = any(request.end_ids for request in requests)  # no other prompt has end tokens of its own
    file.claim(_settings(policy, tasks, samples, params, seed, prompting, fim))
    ends = list(_batch_ends(requests, by_id, params.batch_size))
    done = file.resume(ends)
    on_progress(done, 0)
    stops = {
        name: answer_stop(policy) if prompting.chat else program_stop(policy, language)
        for name, language in languages.items()
    }

    def report(ended: int, tokens: int) -> None:
        on_progress(done + ended, tokens)

    try:
        for end in (end for end in ends if end > done):
            batch = requests[done:end]
            name = by_id[batch[0].id].language
            pairs = zip(batch, engine.generate(batch, params, stops[name], report), strict=True)
            file.append(_row(by_id[request.id], sample, languages[name], prompting.chat) for request, sample in pairs)
            done = end
    except KeyboardInterrupt:
        kept = f"{done} of {len(requests)} samples are kept in {out}; the same command goes on after them"
        raise KeyboardInterrupt(kept) from None
    return file.finish()


def task_requests(
    policy: Policy, tasks: Sequence[Task], samples: int, params: SamplingParams, seed: int, prompting: Prompting
) -> list[Request]:
    """All samples to draw: neighbours have prompts of similar length, so that little of a batch is padding.

    The longest come first: what does not fit into memory shows early, and the time left is not underestimated. Tasks
    of one language stay together.
    """
    order = {name: i for i, name in enumerate(dict.fromkeys(task.language for task in tasks))}
    prompts = [(task, prompting.prompt(policy.tokenizer, task)) for task in tasks]
    for task, prompt in prompts:
        check_room(policy.model, task.task_id, prompt.ids, params.max_new_tokens)
    if prompting.chat:  # an answer is a text of its own
        prompts = [(replace(task, prefix="", suffix=""), prompt) for task, prompt in prompts]
    return [
        task_request(task, prompt, request_seed(seed, task.task_id, number))
        for task, prompt in sorted(prompts, key=lambda pair: (order[pair[0].language], -len(pair[1].ids)))
        for number in range(samples)
    ]


def _batch_ends(requests: Sequence[Request], tasks: Mapping[str, Task], batch_size: int) -> Iterator[int]:
    """As `batch_ends`; no batch holds tasks of two languages, which end in different ways."""
    start = 0
    for _, group in groupby(requests, lambda request: tasks[request.id].language):
        of_language = list(group)
        yield from (start + end for end in batch_ends(of_language, batch_size))
        start += len(of_language)


def task_request(task: Task, prompt: Prompt, seed: int) -> Request:
    """One sample of a task."""
    return Request(task.task_id, prompt.ids, task.context, seed, task.suffix, prompt.end_ids)


def _row(task: Task, sample: Sample, language: Language, chat: bool) -> dict[str, Any]:
    """One line of the file; `docs/generating.md` names the fields."""
    completion, finished = sample.text, sample.finished
    if chat:
        completion = completion_of(sample.text, task, language, sample.finished)
        if language.end_marks is not None:
            ended = language.program_end(task.context, completion, task.suffix) is not None
            finished = ended or (language.ends_with_text and sample.finished)
    row = {
        "task_id": task.task_id,
        "language": task.language,
        "completion": completion,
        "tokens": len(sample.token_ids),
        "finished": finished,
    }
    return row | {"answer": sample.text} if chat else row


def _settings(
    policy: Policy,
    tasks: Sequence[Task],
    samples: int,
    params: SamplingParams,
    seed: int,
    prompting: Prompting,
    fim: bool,
) -> dict[str, Any]:
    """All that decides what is drawn. The batch size is not part of it.

    Args:
        fim: there are fill-in-the-middle prompts. What was sampled without any can be gone on with, whatever
            `prompting.fim` is.
    """
    return {
        "model": policy.source,
        "tasks": _digest("\0".join(text for t in tasks for text in (t.task_id, t.prompt, t.context, t.suffix))),
        "samples": samples,
        "seed": seed,
        "max_new_tokens": params.max_new_tokens,
        "temperature": params.temperature,
        "top_p": params.top_p,
        "few_shot": _digest(prompting.examples) if prompting.examples else None,
        "chat": prompting.chat,
        "fim": True if fim else None,
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
