"""JavaScript: checked by TypeScript's compiler, which sees syntax, names and some types; run by Node in a sandbox."""

from __future__ import annotations

from rlcf.config.languages import JavaScriptOptions, LanguageOptions
from rlcf.languages.base import Checker, Driver, Requirement, Runner, options_as
from rlcf.languages.braces import BraceLanguage
from rlcf.languages.javascript.facts import GRAMMAR
from rlcf.languages.typescript.requirements import requirements

_SETTINGS = {"allowJs": True, "checkJs": True, "strict": False}


class JavaScript(BraceLanguage):
    """JavaScript of 2023; one module for each program."""

    name = "javascript"
    suffixes = (".js", ".mjs", ".cjs")
    fence_labels = ("javascript", "js", "node")
    grammar = GRAMMAR
    options_type = JavaScriptOptions

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        from rlcf.languages.typescript.checker import TypeScriptChecker
        from rlcf.languages.typescript.workspace import Dialect

        chosen = options_as(JavaScriptOptions, options)
        dialect = Dialect(".js", "javascript", _SETTINGS)
        return TypeScriptChecker(dialect, GRAMMAR, workers, timeout_s, chosen, chosen.strictness == "syntax")

    def runner(self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True) -> Runner:
        from rlcf.languages.javascript.runner import JavaScriptRunner

        checker = self.checker(workers, max(timeout_s, 10.0), JavaScriptOptions(strictness="syntax"))
        return JavaScriptRunner(checker, workers, timeout_s, memory_mib, sandbox)

    def driver(
        self,
        workers: int = 2,
        timeout_s: float = 1.0,
        memory_mib: int = 256,
        sandbox: bool = True,
        options: LanguageOptions | None = None,  # noqa: ARG002
    ) -> Driver:
        from rlcf.languages.javascript.driver import JavaScriptDriver

        return JavaScriptDriver(workers, timeout_s, memory_mib, sandbox)

    def requirements(self) -> list[Requirement]:
        return requirements()
