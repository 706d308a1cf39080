"""Python: checked by ty, which sees syntax, names and types; run by the interpreter in a sandbox."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from functools import cache
from pathlib import Path

from rlcf.config.languages import LanguageOptions, PythonOptions
from rlcf.languages.base import (
    CHECKING,
    RUNNING,
    Checker,
    Driver,
    Language,
    Requirement,
    Runner,
    options_as,
    sandbox_requirement,
)
from rlcf.languages.python import ends
from rlcf.languages.python.facts import GRAMMAR
from rlcf.records import Task

REMEDY = "pip install 'rlcf[python]'"


class Python(Language):
    """Python of version 3.12; one module for each program."""

    name = "python"
    suffixes = (".py", ".pyi")
    fence_labels = ("python", "py", "python3")
    options_type = PythonOptions
    end_marks = ""
    ends_with_text = True
    grammar = GRAMMAR

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        from rlcf.languages.python.checker import PythonChecker

        return PythonChecker(find_ty(), workers, timeout_s, options_as(PythonOptions, options))

    def runner(self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True) -> Runner:
        from rlcf.languages.python.runner import PythonRunner

        checker = self.checker(workers, max(timeout_s, 10.0), PythonOptions(strictness="syntax"))
        return PythonRunner(checker, workers, timeout_s, memory_mib, sandbox)

    def driver(
        self,
        workers: int = 2,
        timeout_s: float = 1.0,
        memory_mib: int = 256,
        sandbox: bool = True,
        options: LanguageOptions | None = None,  # noqa: ARG002
    ) -> Driver:
        from rlcf.languages.python.driver import PythonDriver

        return PythonDriver(workers, timeout_s, memory_mib, sandbox)

    def requirements(self) -> list[Requirement]:
        found = find_ty()
        version = f"{_version(found)} in {found}" if found else None
        return [Requirement("ty", version, REMEDY, CHECKING), sandbox_requirement(RUNNING)]

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:  # noqa: ARG002
        return ends.program_end(context, completion)

    def stub(self, task: Task) -> str | None:
        return ends.stub(task)


def find_ty() -> Path | None:
    """The program `ty`: that of this environment, or else the one on the path."""
    here = Path(sysconfig.get_path("scripts")) / "ty"
    found = str(here) if here.is_file() else shutil.which("ty")
    return Path(found) if found else None


@cache
def _version(ty: Path) -> str:
    told = subprocess.run([ty, "--version"], capture_output=True, text=True, check=False)
    return told.stdout.strip().removeprefix("ty ") or "unknown version"
