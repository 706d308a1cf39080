"""What a person sees while rlcf works: progress bars with rate and time left, a line for each update."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from rich import progress as columns
from rich.console import Console

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
        bar = _Bar(self, title, total, "samples")
        with bar.progress:

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
        bar = _Bar(self, title, total, "programs")
        with bar.progress:
            yield lambda done: bar.move(done, f"{(done - (bar.earlier or 0)) / bar.seconds():.0f} programs/s")

    @contextlib.contextmanager
    def training(self, updates: int, done: int) -> Iterator[_TrainingBar]:
        """A bar over updates, and a line for each."""
        bar = _TrainingBar(self, "training", updates, "updates")
        with bar.progress:
            bar.move(done)
            yield bar


class _Bar:
    """One bar. What an earlier run has done does not count as speed; in a log there is a line a minute."""

    def __init__(self, display: Display, title: str, total: int, unit: str) -> None:
        self.display, self.title, self.total, self.unit = display, title, total, unit
        self.progress = columns.Progress(
            columns.TextColumn("{task.description}", markup=False),
            columns.BarColumn(),
            columns.MofNCompleteColumn(),
            columns.TimeElapsedColumn(),
            columns.TextColumn("left:"),
            columns.TimeRemainingColumn(),
            columns.TextColumn("{task.fields[rate]}"),
            console=display.console,
            transient=True,
            disable=not display.console.is_terminal,
        )
        self.bar = self.progress.add_task(printable(title), total=total, rate="")
        self.earlier: int | None = None
        """Where the work stood at the first call of `move`."""
        self._started = self._last_line = time.monotonic()

    def seconds(self) -> float:
        """Since the first call of `move`; never 0."""
        return max(time.monotonic() - self._started, 1e-3)

    def move(self, done: int, rate: str = "") -> None:
        if self.earlier is None:
            self.earlier = done
            self._started = time.monotonic()
            self.progress.reset(self.bar, completed=done, rate="")
        self.progress.update(self.bar, completed=done, rate=rate)
        if not self.display.console.is_terminal and time.monotonic() - self._last_line >= _LINE_EVERY_S:
            self._last_line = time.monotonic()
            self.display.say(f"{self.title}: {done} of {self.total} {self.unit}, {rate}, {self._left(done)} left")

    def _left(self, done: int) -> str:
        """The time that the rest takes at the present rate."""
        new = done - (self.earlier or 0)
        return str(timedelta(seconds=round(self.seconds() / new * (self.total - done)))) if new else "unknown time"


class _TrainingBar(_Bar):
    """See `rlcf.training.trainer.TrainingListener`."""

    tokens = 0

    def on_tokens(self, count: int) -> None:
        """More tokens were sampled."""
        self.tokens += count
        self.progress.update(self.bar, rate=f"{self.tokens} tokens sampled")

    def on_warm_start(self, measured: dict[str, float]) -> None:
        """One line."""
        losses = f"{measured['first_cross_entropy']:.2f} → {measured['last_cross_entropy']:.2f}"
        told = f"{measured['updates']:.0f} updates on references, cross-entropy {losses}"
        self.display.say(f"warm start: {told}, {measured['seconds']:.0f} s")

    def on_update(self, metrics: dict[str, Any]) -> None:
        """One line: the update's main metrics; without rollouts, the loss."""
        self.progress.update(self.bar, completed=metrics["update"])
        shown = [UPDATE_METRICS[key] for key in (_UPDATE if metrics["rollouts"] else ("cross_entropy",))]
        told = [f"{m.label if m.label.isupper() else m.label.lower()} {m.value(metrics.get(m.key))}" for m in shown]
        unscored = f", {metrics['unscored']} unscored" if metrics["unscored"] else ""
        seconds = f"{metrics['seconds']['total']:.0f} s"
        self.display.say(f"update {metrics['update']:3d}: {', '.join(told)}, {seconds}{unscored}")
