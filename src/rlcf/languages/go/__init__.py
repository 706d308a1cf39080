"""Go: checked by its own type checker, `go/types`, in a process that stays warm."""

from __future__ import annotations

from rlcf.config.languages import GoOptions, LanguageOptions
from rlcf.errors import CheckerUnavailable
from rlcf.languages.base import (
    CHECKING,
    RUNNING,
    Checker,
    Requirement,
    Runner,
    options_as,
    sandbox_requirement,
)
from rlcf.languages.braces import BraceLanguage
from rlcf.languages.go import syntax
from rlcf.records import Task


class Go(BraceLanguage):
    """Go; one package of one file for each program."""

    name = "go"
    suffixes = (".go",)
    fence_labels = ("go", "golang")
    grammar = syntax.GRAMMAR
    options_type = GoOptions

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        from rlcf.languages.go.checker import GoChecker

        return GoChecker(workers, timeout_s, options_as(GoOptions, options))

    def runner(self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True) -> Runner:
        from rlcf.languages.go.runner import GoRunner

        return GoRunner(workers, timeout_s, memory_mib, sandbox)

    def requirements(self) -> list[Requirement]:
        from rlcf.languages.go.toolchain import REMEDY, find_go

        try:
            go = find_go()
            found = f"{go.version} in {go.root}"
        except CheckerUnavailable:
            found = None
        return [Requirement("go", found, REMEDY, CHECKING), sandbox_requirement(RUNNING)]

    def stub(self, task: Task) -> str | None:
        return syntax.stub(task)
