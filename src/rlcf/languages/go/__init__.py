"""Go: checked by its own type checker, `go/types`, in a process that stays warm."""

from __future__ import annotations

from rlcf.config.languages import GoOptions, LanguageOptions
from rlcf.errors import CheckerUnavailable
from rlcf.languages.base import (
    CHECKING,
    RUNNING,
    Checker,
    Language,
    Requirement,
    Runner,
    options_as,
    sandbox_requirement,
)
from rlcf.languages.go import syntax
from rlcf.languages.syntax import block_end, open_blocks
from rlcf.records import Task


class Go(Language):
    """Go; one package of one file for each program."""

    name = "go"
    suffixes = (".go",)
    fence_labels = ("go", "golang")
    end_marks = "}"
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

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:
        return block_end(syntax.GRAMMAR, context, completion, suffix)

    def closing(self, source: str) -> str:
        return "}" * open_blocks(syntax.GRAMMAR, source)

    def stub(self, task: Task) -> str | None:
        return syntax.stub(task)
