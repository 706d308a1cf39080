"""Completions of tasks from a policy, appended to a file as they come, so that a cut run goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlcf.corpus.tasks import the_language
from rlcf.errors import ConfigError
from rlcf.jsonl import append_jsonl, read_jsonl, read_jsonl_tail_safe, write_json, write_jsonl
from rlcf.languages.registry import load_language
from rlcf.records import Task

if TYPE_CHECKING:
    from rlcf.policy.generate import SamplingOptions
    from rlcf.policy.policy import Policy


def sample_tasks(
    policy: Policy,
    tasks: Sequence[Task],
    samples: int,
    options: SamplingOptions,
    seed: int,
    out: Path,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> list[dict[str, Any]]:
    """Draws `samples` completions of each task and appends them to `out`; returns all rows of the file.

    Tasks whose samples stand in `out` already are not sampled again. Each turn of tasks has its own seed, so that an
    interrupted run ends in the same file as one that was not.

    Args:
        out: beside it, `OUT.settings.json` notes how it was sampled.
        on_progress: called with the samples finished so far and the tokens just drawn.
    """
    from rlcf.policy.generate import sample_groups, seeded

    per_turn = max(1, options.max_rows // samples)
    language = load_language(the_language(tasks))
    _claim(out, {"model": policy.source, "samples": samples, "seed": seed, **asdict(options)})
    rows = _complete_rows(out, samples)
    done = {row["task_id"] for row in rows}
    write_jsonl(out, rows)
    for start in range(0, len(tasks), per_turn):
        turn = tasks[start : start + per_turn]
        if all(t.task_id in done for t in turn):
            continue
        groups = sample_groups(
            policy,
            [t.prompt for t in turn],
            samples,
            language.program_end,
            language.end_marks,
            options,
            seeded(seed * 1_000_003 + start),
            lambda tokens: on_progress(len(rows), tokens),
        )
        for task, group in zip(turn, groups, strict=True):
            for sample in group if task.task_id not in done else ():
                row = {"task_id": task.task_id, "completion": sample.text, "tokens": len(sample.token_ids)}
                append_jsonl(out, row)
                rows.append(row)
        on_progress(len(rows), 0)
    return in_task_order(rows, tasks)


def sampled_tokens(path: Path) -> list[int] | None:
    """The lengths that `sample_tasks` noted, in file order; `None` for a file from elsewhere."""
    counts = [row.get("tokens") for _, row in read_jsonl(path)]
    known = [c for c in counts if isinstance(c, int)]
    return known if len(known) == len(counts) else None


def _claim(out: Path, settings: dict[str, Any]) -> None:
    """Notes how `out` is sampled, so that samples of another model or seed are never taken for it.

    Raises:
        ConfigError: the file was sampled in another way.
    """
    note = out.with_name(out.name + ".settings.json")
    if note.exists():
        found = json.loads(note.read_text(encoding="utf-8"))
        changed = [k for k in settings if found.get(k) != settings[k]]
        if changed:
            raise ConfigError(f"{out} was sampled with another {' and '.join(changed)}: name another file")
    elif out.exists():
        raise ConfigError(f"{out} is there already and was not sampled by rlcf: name another file")
    write_json(note, settings)


def in_task_order(rows: Iterable[dict[str, Any]], tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """The rows of `tasks`, in their order."""
    by_task: dict[str, list[dict[str, Any]]] = {t.task_id: [] for t in tasks}
    for row in rows:
        if row["task_id"] in by_task:
            by_task[row["task_id"]].append(row)
    return [row for task_rows in by_task.values() for row in task_rows]


def _complete_rows(path: Path, samples: int) -> list[dict[str, Any]]:
    """What an earlier run finished: tasks that have all their samples."""
    rows = read_jsonl_tail_safe(path)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["task_id"]] = counts.get(row["task_id"], 0) + 1
    return [row for row in rows if counts[row["task_id"]] >= samples]
