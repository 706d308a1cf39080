"""Java: checked by the JDK's own compiler, run in sandboxed virtual machines."""

from collections.abc import Collection, Sequence
from pathlib import Path

from rlcf.config.languages import JavaOptions, LanguageOptions
from rlcf.errors import CheckerUnavailable
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
from rlcf.languages.java import checks, ends, jdk
from rlcf.languages.java.judged import judged_code, written_code
from rlcf.languages.java.stub import stub
from rlcf.languages.projects import SourceError, SourceProject, Surveyor
from rlcf.records import Task


class Java(Language):
    """Java in the version of the JDK, 17 or newer; one source file for each program."""

    name = "java"
    suffixes = (".java",)
    options_type = JavaOptions
    end_marks = ends.END_MARKS
    build_files = ("pom.xml", "build.gradle", "build.gradle.kts")
    archive = "classes.jar"
    project_hint = "name what it needs with --class-path JARS, or @FILE with the list of the build tool"

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        from rlcf.languages.java.checker import JavaChecker

        return JavaChecker(workers, timeout_s, options_as(JavaOptions, options))

    def runner(self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True) -> Runner:
        from rlcf.languages.java.runner import JavaRunner

        return JavaRunner(workers, timeout_s, memory_mib, sandbox)

    def driver(
        self,
        workers: int = 2,
        timeout_s: float = 1.0,
        memory_mib: int = 256,
        sandbox: bool = True,
        options: LanguageOptions | None = None,
    ) -> Driver:
        from rlcf.languages.java.driver import JavaDriver

        return JavaDriver(workers, timeout_s, memory_mib, sandbox, options=options_as(JavaOptions, options))

    def find_project(
        self,
        folder: Path,
        options: LanguageOptions | None = None,
        exclude: Sequence[str] = (),
        ask_build_tool: bool = False,
    ) -> SourceProject:
        from rlcf.languages.java.layout import find_project

        return find_project(folder, options_as(JavaOptions, options), exclude, ask_build_tool)

    def project_files(self, project: SourceProject, exclude: Sequence[str] = ()) -> list[Path]:
        from rlcf.languages.java.layout import java_files
        from rlcf.languages.java.modules import DECLARATION

        folders = [*project.sources, *project.generated]
        found = dict.fromkeys(f for folder in folders for f in java_files(folder, exclude, project.root))
        return [path for path in found if path.name != DECLARATION]

    def current_classes(self, project: SourceProject, target: Path) -> list[Path]:
        from rlcf.languages.java.classes import copy_current

        folders = [*project.sources, *project.generated]
        sources = {
            f.relative_to(folder) for f in self.project_files(project) for folder in folders if folder in f.parents
        }
        copies = [target / str(number) for number in range(len(project.built))]
        for built, copy in zip(project.built, copies, strict=True):
            copy.mkdir(parents=True)
            copy_current(built, copy, sources)
        return copies

    def source_options(self, project: SourceProject) -> JavaOptions:
        folders = (*project.sources, *project.generated)
        return options_as(JavaOptions, project.options).model_copy(update={"source_path": folders})

    def mined_options(self, project: SourceProject, archive: Path) -> JavaOptions:
        options = options_as(JavaOptions, project.options)
        jars = [path.absolute() for path in options.class_path]
        return options.model_copy(update={"class_path": (archive, *jars)})

    def surveyor(self, project: SourceProject) -> Surveyor:
        from rlcf.languages.java.survey import JavaSurveyor

        return JavaSurveyor(options_as(JavaOptions, project.options))

    def advice(self, errors: Collection[SourceError], texts: Collection[str], is_built: bool) -> list[str]:
        from rlcf.languages.java.advice import advice

        return advice(errors, texts, is_built)

    def written_code(self, task: Task, completion: str) -> str:
        return written_code(task, completion)

    def code_alone(self, text: str) -> str:
        return ends.without_prose(text)

    def single_checks(self, test: str) -> list[str]:
        return checks.single_checks(test)

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:
        return ends.program_end(context, completion, suffix)

    def closing(self, source: str) -> str:
        return "}" * ends.open_braces(source)

    def stub(self, task: Task) -> str | None:
        return stub(task)

    def judged_code(self, task: Task, completion: str) -> str:
        return judged_code(task, completion)

    def requirements(self) -> list[Requirement]:
        try:
            found = jdk.find_jdk()
            java: str | None = f"{found.version} in {found.home}"
        except CheckerUnavailable:
            java = None
        return [Requirement("jdk", java, jdk.REMEDY, CHECKING), sandbox_requirement(RUNNING)]
