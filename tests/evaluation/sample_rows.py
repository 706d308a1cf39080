"""Rows of results.jsonl as `rlcf evaluate` writes them."""

from __future__ import annotations

from typing import Any


def result(task: str, status: str | None = "passed", **more: Any) -> dict[str, Any]:
    """One sample; `status` decides whether it compiled, ran and passed."""
    compiled = None if status is None else status != "rejected"
    return {
        "task_id": task,
        "completion": f"return {task};",
        "compiled": compiled,
        "executed": None if status in (None, "accepted") else status in ("passed", "failed"),
        "passed": None if status in (None, "accepted") else status == "passed",
        "status": status,
        "detail": "",
        "seconds": 0.1,
        "trivial": False,
        "tokens": 7,
        "finished": None,
        "preference": None,
        "diagnostics": [],
        **more,
    }
