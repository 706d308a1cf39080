"""What a person sees while rlcf works: progress bars with rate and time left, a line for each update."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
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
from rlcf.storage.rundir import RunDir

_LINE_EVERY_S = 60

# Field of summary.json, what people call it, how it is shown.
_SUMMARY = (
    ("compile_rate", "compiles", "percent"),
    ("trivial_rate", "  of all: trivial", "percent"),
    ("mean_tokens", "length (tokens)", "number"),
    ("execute_rate", "executes", "percent"),
    ("pass@1", "passes (pass@1)", "percent"),
    ("preference", "preference", "signed"),
    ("pairwise", "  rejected as −1", "signed"),
)


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
    def judging(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar over programs; in a log a line a minute. Call what it gives with the programs judged so far."""
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
        for field, name, kind in _SUMMARY:
            if field in before and field in after:
                table.add_row(name, *_cells(before[field], after[field], kind))
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
    """Shows sampling as it goes; see `rlcf.generation.sampling.Watcher`."""

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

    def on_notice(self, text: str) -> None:
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
        """One line: reward, compile rate, triviality, length, KL, preference, time; without rollouts, the loss."""
        self.progress.update(self.bar, completed=metrics["update"])
        if not metrics["rollouts"]:
            self.display.say(
                f"update {metrics['update']:3d}: cross-entropy {_number(metrics.get('cross_entropy'), '.3f')}, "
                f"{metrics['seconds']['total']:.0f} s"
            )
            return
        unscored = f", {metrics['unscored']} unscored" if metrics["unscored"] else ""
        self.display.say(
            f"update {metrics['update']:3d}: reward {_number(metrics['reward'], '+.2f')}, "
            f"compiles {_number(metrics['compile_rate'], '.0%')}, trivial {_number(metrics['trivial_rate'], '.0%')}, "
            f"{_number(metrics['mean_tokens'], '.0f')} tokens, KL {_number(metrics.get('kl'), '.3f')}, "
            f"preference {_number(metrics['preference'], '+.2f')}, {metrics['seconds']['total']:.0f} s{unscored}"
        )


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _cells(before: dict[str, Any], after: dict[str, Any], kind: str) -> tuple[str, str, str]:
    scale, form = {"percent": (100.0, ".1f"), "number": (1.0, ".1f"), "signed": (1.0, "+.2f")}[kind]

    def cell(m: dict[str, Any]) -> str:
        if m["value"] is None:
            return "–"
        value, low, high = (format(m[k] * scale, form) for k in ("value", "low", "high"))
        return f"{value}{' %' if kind == 'percent' else ''} ({low}…{high})"

    if before["value"] is None or after["value"] is None:
        return cell(before), cell(after), "–"
    change = format((after["value"] - before["value"]) * scale, "+" + form.lstrip("+"))
    return cell(before), cell(after), change + (" points" if kind == "percent" else "")
