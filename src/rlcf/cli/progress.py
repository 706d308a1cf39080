"""What a person sees while rlcf works: progress bars with rate and time left, a line for each update."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from rlcf.cli.terminal import printable
from rlcf.evaluation.metrics import UPDATE_METRICS

_LINE_EVERY_S = 60

_UPDATE = ("reward", "compile_rate", "trivial_rate", "mean_tokens", "kl", "preference")


class Display:
    """The terminal, as `rlcf.training.run.RunListener`. On a terminal the bars move; in a log there are lines only."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    def say(self, text: str) -> None:
        """One line."""
        self.console.print(printable(text), markup=False, soft_wrap=True)

    @contextlib.contextmanager
    def sampling(self, title: str, total: int) -> Iterator[Callable[[int, int], None]]:
        """A bar over samples. Call what it gives with the samples that have ended, and the tokens just drawn."""
        tokens = 0
        with self._bar(title, total, "samples") as bar:

            def on_progress(done: int, drawn: int) -> None:
                nonlocal tokens
                tokens += drawn
                bar.move(done, f"{tokens / bar.seconds():.0f} tokens/s")

            yield on_progress
        earlier = f", {bar.earlier} of them from an earlier run" if bar.earlier else ""
        rate = f", {tokens / bar.seconds():.0f} tokens/s" if tokens else ""
        self.say(f"{title}: {total} samples{earlier}, {tokens} tokens{rate}")

    @contextlib.contextmanager
    def evaluating(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar over programs. Call what it gives with the programs evaluated so far."""
        with self._bar(title, total, "programs") as bar:

            def on_progress(done: int) -> None:
                bar.move(done, f"{(done - (bar.earlier or 0)) / bar.seconds():.0f} programs/s")

            yield on_progress

    @contextlib.contextmanager
    def training(self, updates: int, done: int) -> Iterator[_Training]:
        """A bar over updates, and a line for each."""
        with self._bar("training", updates, "updates") as bar:
            bar.move(done, "")
            yield _Training(bar, self.say)

    @contextlib.contextmanager
    def _bar(self, title: str, total: int, unit: str) -> Iterator[_Bar]:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left:"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[rate]}"),
        )
        on_terminal = self.console.is_terminal
        with Progress(*columns, console=self.console, transient=True, disable=not on_terminal) as progress:
            yield _Bar(progress, printable(title), total, unit, None if on_terminal else self.say)


class _Bar:
    """One bar. What an earlier run has done does not count as speed; in a log there is a line a minute."""

    def __init__(
        self, progress: Progress, title: str, total: int, unit: str, say: Callable[[str], None] | None
    ) -> None:
        self.title, self.total, self.unit = title, total, unit
        self.progress = progress
        self.say = say
        self.bar = progress.add_task(title, total=total, rate="")
        self.earlier: int | None = None
        """Where the work stood at the first call of `move`."""
        self._started = self._last_line = time.monotonic()

    def seconds(self) -> float:
        """Since the first call of `move`; never 0."""
        return max(time.monotonic() - self._started, 1e-3)

    def move(self, done: int, rate: str) -> None:
        if self.earlier is None:
            self.earlier = done
            self._started = time.monotonic()
            self.progress.reset(self.bar, completed=done, rate="")
        self.progress.update(self.bar, completed=done, rate=rate)
        if self.say is not None and time.monotonic() - self._last_line >= _LINE_EVERY_S:
            self._last_line = time.monotonic()
            self.say(f"{self.title}: {done} of {self.total} {self.unit}, {rate}, {self._left(done)} left")

    def _left(self, done: int) -> str:
        """The time that the rest takes at the present rate."""
        new = done - (self.earlier or 0)
        return str(timedelta(seconds=round(self.seconds() / new * (self.total - done)))) if new else "unknown time"


class _Training:
    """See `rlcf.training.trainer.TrainingListener`."""

    def __init__(self, bar: _Bar, say: Callable[[str], None]) -> None:
        self.bar = bar
        self.say = say
        self.tokens = 0

    def on_tokens(self, count: int) -> None:
        """More tokens were sampled."""
        self.tokens += count
        self.bar.progress.update(self.bar.bar, rate=f"{self.tokens} tokens sampled")

    def on_update(self, metrics: dict[str, Any]) -> None:
        """One line: the update's main metrics; without rollouts, the loss."""
        self.bar.progress.update(self.bar.bar, completed=metrics["update"])
        if not metrics["rollouts"]:
            self._line(metrics, ("cross_entropy",), "")
            return
        self._line(metrics, _UPDATE, f", {metrics['unscored']} unscored" if metrics["unscored"] else "")

    def _line(self, row: dict[str, Any], keys: Sequence[str], more: str) -> None:
        metrics = [UPDATE_METRICS[key] for key in keys]
        shown = [f"{m.label if m.label.isupper() else m.label.lower()} {m.value(row.get(m.key))}" for m in metrics]
        self.say(f"update {row['update']:3d}: {', '.join(shown)}, {row['seconds']['total']:.0f} s{more}")
