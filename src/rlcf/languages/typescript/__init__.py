"""TypeScript: checked by its own compiler, and run by Node in a sandbox."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from rlcf.config.languages import LanguageOptions, TypeScriptOptions
from rlcf.languages.base import Checker, Driver, Requirement, Runner, options_as
from rlcf.languages.braces import BraceLanguage
from rlcf.languages.projects import Notation, SourceError, SourceProject, Surveyor
from rlcf.languages.source_tree import matches
from rlcf.languages.typescript.facts import GRAMMAR
from rlcf.languages.typescript.requirements import requirements


class TypeScript(BraceLanguage):
    """TypeScript as its compiler 7 or newer checks it; one module for each program."""

    name = "typescript"
    suffixes = (".ts", ".mts", ".cts")
    fence_labels = ("typescript", "ts")
    grammar = GRAMMAR
    options_type = TypeScriptOptions
    build_files = ("tsconfig.json",)
    archive = "modules.zip"
    project_hint = "install its packages: npm install"

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        from rlcf.languages.typescript.checker import TypeScriptChecker
        from rlcf.languages.typescript.workspace import Dialect

        chosen = options_as(TypeScriptOptions, options)
        if chosen.project is not None:
            from rlcf.languages.typescript.in_project import ProjectChecker

            return ProjectChecker(workers, timeout_s, chosen)
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

    def find_project(
        self,
        folder: Path,
        options: LanguageOptions | None = None,
        exclude: Sequence[str] = (),
        ask_build_tool: bool = False,  # noqa: ARG002 - nothing has to be asked
    ) -> SourceProject:
        from rlcf.languages.typescript.layout import find_project

        return find_project(folder, options_as(TypeScriptOptions, options), exclude)

    def project_files(self, project: SourceProject, exclude: Sequence[str] = ()) -> list[Path]:
        return [path for path in project.files if not matches(path.relative_to(project.root), exclude)]

    def source_options(self, project: SourceProject) -> TypeScriptOptions:
        return options_as(TypeScriptOptions, project.options).model_copy(update={"project": project.root})

    def mined_options(self, project: SourceProject, archive: Path) -> TypeScriptOptions:
        options = options_as(TypeScriptOptions, project.options)
        return options.model_copy(update={"project": archive, "tsconfig": None})

    def surveyor(self, project: SourceProject) -> Surveyor:
        from rlcf.languages.typescript.survey import TypeScriptSurveyor

        return TypeScriptSurveyor(project)

    def advice(self, errors: Collection[SourceError], texts: Collection[str], is_built: bool) -> list[str]:  # noqa: ARG002
        from rlcf.languages.typescript.advice import advice

        return advice(errors)

    @property
    def notation(self) -> Notation:
        from rlcf.languages.typescript.outline import NOTATION

        return NOTATION

    def requirements(self) -> list[Requirement]:
        return requirements()
