"""What C and C++ share: the checker by libclang, and what tree-sitter knows of the text."""

from __future__ import annotations

import importlib.metadata
from typing import ClassVar

from rlcf.config.languages import ClangOptions, LanguageOptions
from rlcf.errors import SandboxUnavailable
from rlcf.languages.base import CHECKING, RUNNING, Checker, Language, Requirement, Runner, options_as
from rlcf.languages.clang import ends
from rlcf.languages.clang.headers import COMPILERS, find_compiler, version_of
from rlcf.languages.packages import Package
from rlcf.languages.syntax import Grammar
from rlcf.records import Task


class ClangLanguage(Language):
    """C or C++."""

    clang_name: ClassVar[str]
    """The language's name for the compiler: `c` or `c++`."""
    grammar: Grammar
    options_type: type[ClangOptions] = ClangOptions
    end_marks = "};"

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        from rlcf.languages.clang.checker import ClangChecker

        return ClangChecker(self.clang_name, workers, timeout_s, options_as(self.options_type, options))

    def runner(self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True) -> Runner:
        from rlcf.languages.clang.runner import ClangRunner

        checker = self.checker(workers, max(timeout_s, 10.0))
        return ClangRunner(self.clang_name, checker, workers, timeout_s, memory_mib, sandbox)

    def requirements(self) -> list[Requirement]:
        from rlcf.languages.clang.checker import REMEDY
        from rlcf.workers import sandbox

        name, remedy = COMPILERS[self.clang_name]
        compiler = find_compiler(name)
        try:
            confined: str | None = f"bubblewrap {sandbox.find_sandbox().version}"
        except SandboxUnavailable:
            confined = None
        return [
            Requirement("libclang", _version("libclang"), REMEDY, CHECKING),
            Requirement(name, f"{version_of(compiler)} in {compiler}" if compiler else None, remedy, CHECKING),
            Requirement("sandbox", confined, sandbox.REMEDY, CHECKING),
            Package(self.grammar.module.replace("_", "-"), oldest=(0, 23)).requirement(RUNNING),
        ]

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:
        return ends.program_end(self.grammar, context, completion, suffix)

    def closing(self, source: str) -> str:
        return ends.closing(self.grammar, source)

    def stub(self, task: Task) -> str | None:
        return ends.stub(self.grammar, task)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
