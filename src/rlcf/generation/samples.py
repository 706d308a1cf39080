"""The file that samples are written to: what an earlier run left in it, and in which order it is kept."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rlcf.errors import ConfigError, DataError
from rlcf.storage.atomic import write_json, write_jsonl
from rlcf.storage.jsonl import append_jsonl, read_json, read_jsonl, read_jsonl_tail_safe


class SamplesFile:
    """`samples.jsonl`: in the order of drawing while it grows, in task order when it is finished.

    Args:
        tasks: the ids of all tasks, in their order.
        samples: of each task.
        queue: the task of each sample, in the order in which they are drawn.
    """

    def __init__(self, path: Path, tasks: Sequence[str], samples: int, queue: Sequence[str]) -> None:
        self.path = path
        self.tasks = tasks
        self.finished = [task for task in tasks for _ in range(samples)]
        self.queue = list(queue)
        self.rows: list[dict[str, Any]] = []

    def claim(self, settings: dict[str, Any]) -> None:
        """Writes beside the file how it is sampled, so that it never mixes samples of two models or seeds.

        A file that was sampled with other settings is a `ConfigError`.
        """
        note = self.path.with_name(self.path.name + ".settings.json")
        if note.exists():
            found = read_json(note)
            changed = [k for k in settings if found.get(k) != settings[k]]
            if changed:
                raise ConfigError(
                    f"{self.path} was sampled with other values of {', '.join(changed)}: name another file"
                )
        elif self.path.exists():
            raise ConfigError(f"{self.path} is there already and was not sampled by rlcf: name another file")
        write_json(note, settings)

    def resume(self, ends: Sequence[int]) -> int:
        """Keeps the whole batches, which end at `ends`, that an earlier run wrote; how many rows those are."""
        self.rows = read_jsonl_tail_safe(self.path)
        ids = [row.get("task_id") for row in self.rows]
        if ids != self.finished:
            kept = next((i for i, (a, b) in enumerate(zip(ids, self.queue, strict=False)) if a != b), len(ids))
            self.rows = self.rows[: max((end for end in ends if end <= kept), default=0)]
            write_jsonl(self.path, self.rows)
        return len(self.rows)

    def append(self, rows: Iterable[dict[str, Any]]) -> None:
        """Adds a batch, in one write."""
        self.rows += (new := list(rows))
        append_jsonl(self.path, *new)

    def finish(self) -> list[dict[str, Any]]:
        """Puts the file in task order; its rows."""
        place = {task: i for i, task in enumerate(self.tasks)}
        ordered = sorted(self.rows, key=lambda row: place[row["task_id"]])
        if ordered != self.rows:
            self.rows = ordered
            write_jsonl(self.path, ordered)
        return ordered


def sampled_tokens(path: Path) -> list[int] | None:
    """The lengths that `sample_tasks` wrote, in file order; `None` for a file from elsewhere, which says none.

    Raises:
        DataError: names the line where `tokens` is no number of tokens.
    """
    rows = list(read_jsonl(path))
    for number, row in rows:
        told = row.get("tokens")
        if told is not None and (type(told) is not int or told < 0):
            raise DataError(f"{path}:{number}: 'tokens' must be a number of tokens, found {told!r}")
    known = [row["tokens"] for _, row in rows if row.get("tokens") is not None]
    return known if len(known) == len(rows) else None
