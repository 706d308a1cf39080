"""The layout of a run directory: the one place that knows its file names.

RUN/
  run.json                  what was run: command, machine, versions, seed, start, state
  config.json               the recipe with every default filled in
  data.json                 where the training tasks come from
  metrics.jsonl             one object per update (see `docs/run-directory.md`)
  samples/update-0003.jsonl the rollouts of one update with their rewards
  checkpoints/update-0003/  all that `--resume` needs
  judge/                    the grounding function: the reward's scale, and its judge
  adapter/ or model/        the trained policy, in Hugging Face format
  evaluation/tasks.jsonl    the held-out tasks evaluated
  evaluation/before/        results.jsonl and summary.json
  evaluation/after/         the same, for the trained policy
  evaluation/rewards.json   rewards under the final grounding function, by kind of program
  report.html
  run.lock                  held by the process that writes; what is in it names that process
"""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from rlcf.errors import ConfigError, StorageError


class RunDir:
    """Paths inside one run directory. Creates nothing but its lock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lock = root / "run.lock"
        self.run = root / "run.json"
        self.config = root / "config.json"
        self.data = root / "data.json"
        self.metrics = root / "metrics.jsonl"
        self.checkpoints = root / "checkpoints"
        self.judge = root / "judge"
        self.adapter = root / "adapter"
        self.model = root / "model"
        self.evaluation_tasks = root / "evaluation" / "tasks.jsonl"
        self.rewards = root / "evaluation" / "rewards.json"
        self.report = root / "report.html"

    def samples(self, update: int) -> Path:
        return self.root / "samples" / f"update-{update:04d}.jsonl"

    def checkpoint(self, update: int) -> Path:
        return self.checkpoints / f"update-{update:04d}"

    def checkpoint_updates(self) -> list[int]:
        """The updates that a checkpoint is there of, ascending."""
        names = (path.name.removeprefix("update-") for path in self.checkpoints.glob("update-*"))
        return sorted(int(name) for name in names if name.isdecimal())

    def evaluation(self, when: str) -> Path:
        """`when` is `before` or `after`."""
        return self.root / "evaluation" / when

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Makes the directory where there is none, and holds its lock: nobody else writes there.

        The lock ends with the process, however that ends; the file stays and means nothing by itself.

        Raises:
            ConfigError: another process holds the lock; names it.
            StorageError: the directory cannot be written.
        """
        with self._open_locked() as file:
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}")
            file.flush()
            yield

    def _open_locked(self) -> TextIO:
        while True:
            try:
                self.root.mkdir(parents=True, exist_ok=True)
                file = self.lock.open("a+", encoding="utf-8", errors="replace")
            except OSError as error:
                raise StorageError(f"cannot write {self.lock}: {error.strerror}") from error
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                with file:
                    file.seek(0)
                    holder = file.read(200) or "another process"
                raise ConfigError(f"{holder} is training in {self.root}: wait for it, or name another --out") from error
            except OSError:  # a file system without locks: there is nobody to ask
                return file
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), self.lock.stat()):
                    return file
            file.close()  # its last holder has removed it meanwhile
