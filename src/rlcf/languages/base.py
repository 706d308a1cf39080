"""The contract of a language: what rlcf needs to know to check, run and complete programs in it.

A language must have a checker and say what it requires. Everything else is a capability that it may lack. What it lacks
is `None` or empty, never a guess. `docs/adding-a-language.md` adds one; `self_check.py` has the contract as checks.
"""

# ruff: noqa: ARG002 - what a language lacks takes its arguments and leaves them
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from rlcf.config.languages import LanguageOptions
from rlcf.errors import ConfigError, SandboxUnavailable, Unsupported
from rlcf.languages.syntax import Grammar
from rlcf.languages.written import judged_code, written_code
from rlcf.records import Driven, DrivenRun, Execution, Program, Task, Verdict

if TYPE_CHECKING:
    from rlcf.languages.projects import Notation, SourceError, SourceProject, Surveyor

Options = TypeVar("Options", bound=LanguageOptions)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing a language needs on the machine, as `rlcf doctor` reports it."""

    name: str
    """Such as `jdk`."""
    found: str | None
    """What is there (version, path); `None` when it is missing."""
    remedy: str
    """How to get it, in one line."""
    needed_for: str
    """`CHECKING`, `RUNNING`, or another purpose in a few words."""


CHECKING = "checking"
"""Purpose of a requirement without which no program gets a verdict."""
RUNNING = "running tests"
"""Purpose of a requirement without which programs are checked but not run."""


def sandbox_requirement(needed_for: str) -> Requirement:
    """The sandbox, tried."""
    from rlcf.workers.sandbox import REMEDY, find_sandbox

    try:
        found: str | None = f"bubblewrap {find_sandbox().version}"
    except SandboxUnavailable:
        found = None
    return Requirement("sandbox", found, REMEDY, needed_for)


class Resource(ABC):
    """Something with child processes: use it in a `with`, or call `close`."""

    @abstractmethod
    def close(self) -> None:
        """Ends the child processes; safe to call twice."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


class Checker(Resource):
    """Long-lived compiler processes that give verdicts."""

    @abstractmethod
    def check(self, sources: Sequence[str]) -> list[Verdict]:
        """One verdict for each source, in input order. Blocks; safe to call from several threads.

        A program is rejected because of an error only: warnings and notes may be reported, and never reject.

        Raises:
            CheckerUnavailable: the compiler is missing or keeps dying; says nothing about the sources.
        """

    def check_programs(self, programs: Sequence[Program]) -> list[Verdict]:
        """As `check`, for programs of which it is known where the completion stands.

        The verdicts are the same. They may come sooner, and may leave out the facts of methods that have no part in the
        completion.
        """
        return self.check([program.source for program in programs])


class Runner(Resource):
    """Compiles programs and runs them, their tests included, in a sandbox."""

    @abstractmethod
    def run(self, sources: Sequence[str | Program]) -> list[Execution]:
        """One execution for each source, in input order, with the compiler's verdict in it.

        A `Program` says with `test_start` where its test begins; the test of a plain string is what stands last.

        Raises:
            CheckerUnavailable: the compiler is missing or keeps dying.
            SandboxUnavailable: programs cannot be run safely here.
        """


class Driver(Resource):
    """Calls the method that a task asks for on generated inputs, in a sandbox.

    The outcome of a call is the language's own account of a value: no code of the program is asked to compare or to
    print it. A program sees nothing of another one's outcomes, and cannot change them.
    """

    @abstractmethod
    def drive(self, runs: Sequence[DrivenRun]) -> list[Driven]:
        """What the calls of each run come to, in input order. Blocks; safe to call from several threads.

        Raises:
            CheckerUnavailable: the compiler is missing or keeps dying.
            SandboxUnavailable: programs cannot be run safely here.
        """


class Language(ABC):
    """What a programming language is to rlcf. Instances are cheap and hold no processes."""

    name: str
    """The name in the registry and in a task's `language` field."""
    suffixes: tuple[str, ...]
    """Of its source files, such as `(".java",)`."""
    fence_labels: tuple[str, ...] = ()
    """Labels of code fences in a model's answer, in lower case; empty: the name alone."""
    options_type: type[LanguageOptions] = LanguageOptions
    """The table that `checker` takes its options from."""
    end_marks: str | None = None
    """`program_end` can only change when one of these characters was written; empty: at any character. `None`: programs
    have no closing mark, and a sample stops where the model ends its text."""

    grammar: Grammar | None = None
    """What the nodes of its syntax tree mean; with it a judge sees no prose. `None` where there is none."""
    ends_with_text: bool = False
    """Whether a program may also end where its text does, so that a sample that the model ends is finished."""
    build_files: tuple[str, ...] = ()
    """Of a project in this language, such as `pom.xml`: any of them tells that a folder holds one."""
    archive: str = ""
    """The name of the file that keeps a mined project's code for its tasks."""
    project_hint: str = ""
    """What to do where nothing of a project compiles, and `advice` knows no cause."""

    @abstractmethod
    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        """Starts `workers` compiler processes; a program that takes longer than `timeout_s` gets `timeout`.

        Args:
            options: an `options_type`; `None` for the defaults.

        Raises:
            CheckerUnavailable: no usable compiler; the message says how to get one.
            UserError: an option names a path that is not there, or a value that the compiler does not know.
        """

    @abstractmethod
    def requirements(self) -> list[Requirement]:
        """What checking and running need on this machine, found or not."""

    def runner(self, workers: int = 2, timeout_s: float = 10.0, memory_mib: int = 512, sandbox: bool = True) -> Runner:
        """Starts what is needed to run programs; `sandbox=False` runs them without protection.

        Raises:
            Unsupported: the language has no runner (`can_run` is false).
            CheckerUnavailable: no usable compiler or virtual machine.
            SandboxUnavailable: `sandbox` is true, and this machine has none.
        """
        raise Unsupported(f"programs in {self.name} can be checked but not run: the language has no runner")

    @property
    def can_run(self) -> bool:
        """Whether there is a runner."""
        return type(self).runner is not Language.runner

    def driver(
        self,
        workers: int = 2,
        timeout_s: float = 1.0,
        memory_mib: int = 256,
        sandbox: bool = True,
        options: LanguageOptions | None = None,
    ) -> Driver:
        """Starts what is needed to call methods on generated inputs; `timeout_s` is for all inputs of a run together.

        Args:
            options: as for `checker`; what a program uses of its project is there when it runs.

        Raises:
            Unsupported: the language has no driver (`can_drive` is false).
            CheckerUnavailable: no usable compiler or virtual machine.
            SandboxUnavailable: `sandbox` is true, and this machine has none.
        """
        raise Unsupported(f"methods in {self.name} cannot be called on generated inputs: the language has no driver")

    @property
    def can_drive(self) -> bool:
        """Whether there is a driver."""
        return type(self).driver is not Language.driver

    def find_project(
        self,
        folder: Path,
        options: LanguageOptions | None = None,
        exclude: Sequence[str] = (),
        ask_build_tool: bool = False,
    ) -> SourceProject:
        """The source tree in a folder, by the layouts that the language's build tools have.

        Args:
            options: what the user says of it; what is left out is looked for.
            exclude: patterns of paths that do not count; where there are no others, there are no sources.
            ask_build_tool: whether the project's build tool may be run, which runs what the project says.

        Raises:
            Unsupported: the language mines no tasks (`can_mine` is false).
            UserError: there are no sources in it.
        """
        raise Unsupported(f"no tasks can be made of projects in {self.name}: the language has no miner")

    def project_files(self, project: SourceProject, exclude: Sequence[str] = ()) -> list[Path]:
        """The source files of a project, sorted, those that its build tool has generated last.

        Raises:
            Unsupported: the language mines no tasks (`can_mine` is false).
        """
        raise Unsupported(f"no tasks can be made of projects in {self.name}: the language has no miner")

    def current_classes(self, project: SourceProject, target: Path) -> list[Path]:
        """Folders with what the project's build tool has compiled, without what has no source any more.

        Args:
            target: an empty folder for copies.
        """
        return list(project.built)

    def surveyor(self, project: SourceProject) -> Surveyor:
        """Starts what compiles the project as a whole.

        Raises:
            Unsupported: the language mines no tasks (`can_mine` is false).
            CheckerUnavailable: no usable compiler.
        """
        raise Unsupported(f"no tasks can be made of projects in {self.name}: the language has no miner")

    def source_options(self, project: SourceProject) -> LanguageOptions:
        """For a checker of programs that are no files of a project, and need its sources.

        Raises:
            Unsupported: the language mines no tasks (`can_mine` is false).
        """
        raise Unsupported(f"no tasks can be made of projects in {self.name}: the language has no miner")

    def mined_options(self, project: SourceProject, archive: Path) -> LanguageOptions:
        """For a checker of the tasks that were made of a project.

        Args:
            archive: the project's compiled code.

        Raises:
            Unsupported: the language mines no tasks (`can_mine` is false).
        """
        raise Unsupported(f"no tasks can be made of projects in {self.name}: the language has no miner")

    @property
    def notation(self) -> Notation:
        """How its sources look."""
        from rlcf.languages.projects import BRACES

        return BRACES

    def advice(self, errors: Collection[SourceError], texts: Collection[str], is_built: bool) -> list[str]:
        """What a user can do about the errors of a project's files, a line each; empty where nothing is known.

        Args:
            errors: those that were found when all files were compiled together.
            texts: all files of the project.
            is_built: whether what its build tool has compiled is there.
        """
        return []

    @property
    def can_mine(self) -> bool:
        """Whether tasks can be made of a source tree."""
        return type(self).surveyor is not Language.surveyor

    def single_checks(self, test: str) -> list[str]:
        """Tests with one check of `test` each, so that it can be told how many hold; `[test]` where that is not known.

        A program for which all of them pass passes the test.
        """
        return [test]

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:
        """How many characters of `completion` belong to the program; `None` while it is not finished, or not known.

        Strings, character literals, comments and text blocks with brackets in them do not count as structure.

        Args:
            context: what stands before the completion.
            suffix: what follows it. The completion ends where its blocks are back at the depth that the suffix closes.
        """
        return None

    def closing(self, source: str) -> str:
        """What would close all blocks that are open at the end of `source`, in one line; empty when none is."""
        return ""

    def stub(self, task: Task) -> str | None:
        """A completion that compiles and does nothing (empty or constant body); `None` if none can be made."""
        return None

    def judged_code(self, task: Task, completion: str) -> str:
        """What a discriminator sees of a completion: the written method only, without comments and its author's words.

        Strings are empty, and so are most names neutral: a judge that learns could be talked to by them.
        """
        if self.grammar is None:
            return completion
        return judged_code(self.grammar, task, completion, self.program_end(task.context, completion, task.suffix))

    def written_code(self, task: Task, completion: str) -> str:
        """What a judge that does not learn reads: the written method as it stands, no comments, strings emptied."""
        end = self.program_end(task.context, completion, task.suffix)
        return completion[:end] if self.grammar is None else written_code(self.grammar, task, completion, end)

    def code_alone(self, text: str) -> str:
        """A text, which may be a part of a program, without comments and with strings emptied."""
        return text if self.grammar is None else written_code(self.grammar, Task("", ""), text, None)


def options_as(kind: type[Options], options: LanguageOptions | None) -> Options:
    """`options`, or the defaults for `None`; raises `ConfigError` where they are another language's."""
    if options is None:
        return kind.model_validate({})
    if not isinstance(options, kind):
        raise ConfigError(f"the options are those of {options.name!r}: expected {kind.__name__}")
    return options
