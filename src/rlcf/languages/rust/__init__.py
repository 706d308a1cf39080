"""Rust: checked by its compiler, a process for each program."""

from __future__ import annotations

from rlcf.config.languages import LanguageOptions, RustOptions
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
from rlcf.languages.packages import Package
from rlcf.languages.rust import syntax
from rlcf.records import Task

PARSER = Package("tree-sitter-rust", oldest=(0, 23))


class Rust(BraceLanguage):
    """Rust; one crate of one file for each program."""

    name = "rust"
    suffixes = (".rs",)
    fence_labels = ("rust", "rs")
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
            PARSER.requirement(RUNNING),
        ]

    def stub(self, task: Task) -> str | None:
        return syntax.stub(task)
