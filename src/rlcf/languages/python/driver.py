"""Calls functions of Python programs on generated inputs."""

from __future__ import annotations

from pathlib import Path

from rlcf.languages.driving.plain import PlainDriver
from rlcf.languages.driving.target import Signature
from rlcf.languages.python.runner import python_command
from rlcf.languages.python.signature import signature_of
from rlcf.records import Task


class PythonDriver(PlainDriver):
    """See `PlainDriver`."""

    tool = "Python"
    suffix = ".py"

    def signature(self, task: Task) -> Signature | str:
        return signature_of(task)

    def command(self, file: Path) -> list[str]:
        return python_command("program.py", file, self._memory_mib, self._sandbox)
