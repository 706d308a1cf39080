"""TypeScript: checked by its own compiler, and run by Node in a sandbox."""

from __future__ import annotations

from rlcf.config.languages import LanguageOptions, TypeScriptOptions
from rlcf.languages.base import Checker, Driver, Requirement, Runner, options_as
from rlcf.languages.braces import BraceLanguage
from rlcf.languages.typescript.facts import GRAMMAR
from rlcf.languages.typescript.requirements import requirements


class TypeScript(BraceLanguage):
    """TypeScript as its compiler 7 or newer checks it; one module for each program."""

    name = "typescript"
    suffixes = (".ts", ".mts", ".cts")
    fence_labels = ("typescript", "ts")
    grammar = GRAMMAR
    options_type = TypeScriptOptions

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        from rlcf.languages.typescript.checker import TypeScriptChecker
        from rlcf.languages.typescript.workspace import Dialect

        chosen = options_as(TypeScriptOptions, options)
        strictness = chosen.strictness or ("strict" if chosen.tsconfig is None else None)
        settings = {} if strictness is None else {"strict": strictness == "strict"}
        dialect = Dialect(".ts", "typescript", settings)
        return TypeScriptChecker(dialect, GRAMMAR, workers, timeout_s, chosen, syntax_only=strictness == "syntax")

    def runner(self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True) -> Runner:
        from rlcf.languages.typescript.runner import TypeScriptRunner

        checker = self.checker(workers, max(timeout_s, 10.0), TypeScriptOptions(strictness="syntax"))
        return TypeScriptRunner(checker, workers, timeout_s, memory_mib, sandbox)

    def driver(
        self,
        workers: int = 2,
        timeout_s: float = 1.0,
        memory_mib: int = 256,
        sandbox: bool = True,
        options: LanguageOptions | None = None,  # noqa: ARG002
    ) -> Driver:
        from rlcf.languages.typescript.driver import TypeScriptDriver

        return TypeScriptDriver(workers, timeout_s, memory_mib, sandbox)

    def requirements(self) -> list[Requirement]:
        return requirements()
