"""What a person sees while rlcf works: progress bars with rate and time left, a line for each update."""

from __future__ import annotations

import contextlib
import json
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
from rich.table import Table

from rlcf.config import Recipe
from rlcf.evaluation.metrics import UPDATE_METRICS, Metric, metrics_of
from rlcf.storage.rundir import RunDir

_LINE_EVERY_S = 60

_SUMMARY = ("compile_rate", "trivial_rate", "mean_tokens", "execute_rate", "pass@1", "preference", "pairwise")
_UPDATE = ("reward", "compile_rate", "trivial_rate", "mean_tokens", "kl", "preference")


class Display:
    """The terminal. On a terminal the bars move; in a log there are lines only."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    def say(self, text: str) -> None:
        """One line."""
        self.console.print(text, markup=False, soft_wrap=True)

    @contextlib.contextmanager
    def sampling(self, title: str, total: int) -> Iterator[SamplingWatcher]:
        """A bar over samples; in a log a line a minute."""
        with self._progress("{task.fields[rate]}") as progress:
            watcher = SamplingWatcher(title, total, progress, self)
            yield watcher
        self.say(watcher.summary())

    @contextlib.contextmanager
    def evaluating(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar over programs; in a log a line a minute. Call what it gives with the programs evaluated so far."""
        with self._progress("{task.fields[rate]}") as progress:
            bar = progress.add_task(title, total=total, rate="")
            pace = Pace()

            def on_progress(done: int) -> None:
                rate = f"{done / pace.seconds():.0f} programs/s"
                progress.update(bar, completed=done, rate=rate)
                if not self.console.is_terminal and pace.is_time_for_a_line():
                    self.say(f"{title}: {done} of {total} programs, {rate}, {pace.left(done, total)} left")

            yield on_progress

    @contextlib.contextmanager
    def training(self, recipe: Recipe, done: int) -> Iterator[TrainingWatcher]:
        """A bar over updates, and a line for each."""
        with self._progress("{task.fields[rate]}") as progress:
            bar = progress.add_task("training", total=recipe.train.updates, completed=done, rate="")
            yield TrainingWatcher(progress, bar, self)

    def summary(self, run: RunDir) -> None:
        """The table before/after, as measured."""
        before, after = (
            json.loads((run.evaluation(w) / "summary.json").read_text(encoding="utf-8")) for w in ("before", "after")
        )
        title = f"{after['tasks']} tasks, {after['samples']} samples each time (95 % intervals by task)"
        table = Table(title=title, title_justify="left")
        for column in ("", "before", "after", "change"):
            table.add_column(column, no_wrap=True, justify="left" if not column else "right")
        for metric in metrics_of(_SUMMARY, after.get("length_in", "tokens")):
            if metric.key in before and metric.key in after:
                table.add_row(metric.label, *_cells(before[metric.key], after[metric.key], metric))
        for when, summary in (("before", before), ("after", after)):
            if summary["unscored"]:
                table.add_row(f"unscored {when}", "", str(summary["unscored"]), "")
        self.console.print(table)

    def _progress(self, extra: str) -> Progress:
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left:"),
            TimeRemainingColumn(),
            TextColumn(extra),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )


class Pace:
    """How fast work goes, from the moment this is made."""

    def __init__(self) -> None:
        self._started = self._said = time.monotonic()

    def seconds(self) -> float:
        """Since the start; never 0."""
        return max(time.monotonic() - self._started, 1e-3)

    def is_time_for_a_line(self) -> bool:
        """Whether a minute has passed since it last was."""
        if time.monotonic() - self._said < _LINE_EVERY_S:
            return False
        self._said = time.monotonic()
        return True

    def left(self, done: int, total: int) -> str:
        """The time that the rest will take if it goes on like this."""
        return str(timedelta(seconds=round(self.seconds() / done * (total - done)))) if done else "unknown time"


class SamplingWatcher:
    """Shows sampling as it goes; see `rlcf.generation.sampling.sample_tasks`."""

    def __init__(self, title: str, total: int, progress: Progress, display: Display) -> None:
        self.title = title
        self.total = total
        self.progress = progress
        self.bar = progress.add_task(title, total=total, rate="")
        self.display = display
        self.found: int | None = None
        """Samples of an earlier run."""
        self.tokens = 0
        self.pace = Pace()

    def on_progress(self, done: int, tokens: int) -> None:
        """Moves the bar; what an earlier run has done does not count as speed."""
        if self.found is None:
            self.found = done
            self.pace = Pace()
            self.progress.reset(self.bar, completed=done, rate="")
        self.tokens += tokens
        self.progress.update(self.bar, completed=done, rate=self._rate())
        if not self.display.console.is_terminal and self.pace.is_time_for_a_line():
            left = self.pace.left(done - self.found, self.total - self.found)
            self.display.say(f"{self.title}: {done} of {self.total} samples, {self._rate()}, {left} left")

    def on_warning(self, text: str) -> None:
        """One line above the bar."""
        self.display.say(text)

    def summary(self) -> str:
        """What was done, in one line."""
        found = f", {self.found} of them found" if self.found else ""
        rate = f", {self._rate()}" if self.tokens else ""
        return f"{self.title}: {self.total} samples{found}, {self.tokens} tokens{rate}"

    def _rate(self) -> str:
        return f"{self.tokens / self.pace.seconds():.0f} tokens/s"


class TrainingWatcher:
    """Shows training as it goes; see `rlcf.training.trainer.TrainingListener`."""

    def __init__(self, progress: Progress, bar: Any, display: Display) -> None:
        self.progress = progress
        self.bar = bar
        self.display = display
        self.tokens = 0

    def on_tokens(self, count: int) -> None:
        """More tokens were sampled."""
        self.tokens += count
        self.progress.update(self.bar, rate=f"{self.tokens} tokens sampled")

    def on_update(self, metrics: dict[str, Any]) -> None:
        """One line: the update's main metrics; without rollouts, the loss."""
        self.progress.update(self.bar, completed=metrics["update"])
        if not metrics["rollouts"]:
            self._say(metrics, ("cross_entropy",), "")
            return
        self._say(metrics, _UPDATE, f", {metrics['unscored']} unscored" if metrics["unscored"] else "")

    def _say(self, row: dict[str, Any], keys: Sequence[str], more: str) -> None:
        shown = (f"{UPDATE_METRICS[key].label.lower()} {UPDATE_METRICS[key].value(row.get(key))}" for key in keys)
        self.display.say(f"update {row['update']:3d}: {', '.join(shown)}, {row['seconds']['total']:.0f} s{more}")


def _cells(before: dict[str, Any], after: dict[str, Any], metric: Metric) -> tuple[str, str, str]:
    def cell(found: dict[str, Any]) -> str:
        value, low, high = (found[key] for key in ("value", "low", "high"))
        return metric.value(value) + ("" if low is None else f" ({metric.bound(low)}…{metric.bound(high)})")

    known = before["value"] is not None and after["value"] is not None
    return cell(before), cell(after), metric.change(after["value"] - before["value"] if known else None)
