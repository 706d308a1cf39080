"""A listener for trainers under test."""

from __future__ import annotations

from typing import Any


class Silent:
    """Watches, and cuts the run after an update when told to."""

    def __init__(self, cut_after: int | None = None) -> None:
        self.cut_after = cut_after

    def on_tokens(self, count: int) -> None:
        pass

    def on_warm_start(self, measured: dict[str, float]) -> None:
        pass

    def on_update(self, metrics: dict[str, Any]) -> None:
        if metrics["update"] == self.cut_after:
            raise KeyboardInterrupt
