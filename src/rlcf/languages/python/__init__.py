"""Python: checked by ty, which sees syntax, names and types; run by the interpreter in a sandbox."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from collections.abc import Collection, Sequence
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
from rlcf.languages.projects import Notation, SourceError, SourceProject, Surveyor
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
    build_files = ("pyproject.toml", "setup.cfg", "setup.py")
    archive = "modules.zip"
    project_hint = "name a virtual environment that has what it needs with --environment"
    grammar = GRAMMAR

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        from rlcf.languages.python.checker import PythonChecker
        from rlcf.languages.python.in_project import ProjectChecker

        told = options_as(PythonOptions, options)
        kind = PythonChecker if told.project is None else ProjectChecker
        return kind(find_ty(), workers, timeout_s, told)

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

    def find_project(
        self,
        folder: Path,
        options: LanguageOptions | None = None,
        exclude: Sequence[str] = (),
        ask_build_tool: bool = False,  # noqa: ARG002 - nothing has to be asked
    ) -> SourceProject:
        from rlcf.languages.python.layout import find_project

        return find_project(folder, options_as(PythonOptions, options), exclude)

    def project_files(self, project: SourceProject, exclude: Sequence[str] = ()) -> list[Path]:
        from rlcf.languages.python.layout import project_files

        return project_files(project, exclude)

    def source_options(self, project: SourceProject) -> PythonOptions:
        return options_as(PythonOptions, project.options).model_copy(update={"project": project.root})

    def mined_options(self, project: SourceProject, archive: Path) -> PythonOptions:
        options = options_as(PythonOptions, project.options)
        environment = options.environment and options.environment.absolute()
        search_path = tuple(path.absolute() for path in options.search_path)
        return options.model_copy(update={"project": archive, "environment": environment, "search_path": search_path})

    def surveyor(self, project: SourceProject) -> Surveyor:
        from rlcf.languages.python.survey import PythonSurveyor

        return PythonSurveyor(find_ty(), project.root, options_as(PythonOptions, project.options))

    def advice(self, errors: Collection[SourceError], texts: Collection[str], is_built: bool) -> list[str]:  # noqa: ARG002
        from rlcf.languages.python.advice import advice

        return advice(errors)

    @property
    def notation(self) -> Notation:
        from rlcf.languages.python.outline import NOTATION

        return NOTATION

    def requirements(self) -> list[Requirement]:
        found = find_ty()
        version = f"{_version(found)} in {found}" if found else None
        return [Requirement("ty", version, REMEDY, CHECKING), sandbox_requirement(RUNNING)]

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:
        return ends.program_end(context, completion, suffix)

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
