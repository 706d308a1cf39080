"""Rust: checked by its compiler, a process for each program."""

from __future__ import annotations

from rlcf.config.languages import LanguageOptions, RustOptions
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
from rlcf.languages.rust import syntax
from rlcf.languages.syntax import block_end, open_blocks
from rlcf.records import Task


class Rust(Language):
    """Rust; one crate of one file for each program."""

    name = "rust"
    suffixes = (".rs",)
    fence_labels = ("rust", "rs")
    end_marks = "}"
    grammar = syntax.GRAMMAR
    options_type = RustOptions

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        from rlcf.languages.rust.checker import RustChecker

        return RustChecker(workers, timeout_s, options_as(RustOptions, options))

    def runner(self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True) -> Runner:
        from rlcf.languages.rust.runner import RustRunner

        return RustRunner(workers, timeout_s, memory_mib, sandbox)

    def requirements(self) -> list[Requirement]:
        from rlcf.languages.rust.toolchain import LINKER_REMEDY, REMEDY, find_linker, find_rust

        try:
            rust = find_rust()
            found = f"{rust.version} in {rust.root}"
        except CheckerUnavailable:
            found = None
        linker = find_linker()
        return [
            Requirement("rustc", found, REMEDY, CHECKING),
            sandbox_requirement(CHECKING),
            Requirement("cc", str(linker) if linker else None, LINKER_REMEDY, RUNNING),
        ]

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:
        return block_end(syntax.GRAMMAR, context, completion, suffix)

    def closing(self, source: str) -> str:
        return "}" * open_blocks(syntax.GRAMMAR, source)

    def stub(self, task: Task) -> str | None:
        return syntax.stub(task)
