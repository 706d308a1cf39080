"""Kotlin: checked by its own compiler for the JVM, many programs at a time."""

from __future__ import annotations

from rlcf.config.languages import KotlinOptions, LanguageOptions
from rlcf.errors import CheckerUnavailable
from rlcf.languages.base import CHECKING, Checker, Language, Requirement, options_as
from rlcf.languages.java import jdk
from rlcf.languages.javascript import braces
from rlcf.languages.kotlin.compiler import REMEDY, find_compiler
from rlcf.languages.kotlin.facts import GRAMMAR
from rlcf.records import Task

_STUB = "throw NotImplementedError()"


class Kotlin(Language):
    """Kotlin for the JVM; one file for each program."""

    name = "kotlin"
    suffixes = (".kt",)
    fence_labels = ("kotlin", "kt")
    options_type = KotlinOptions
    end_marks = "}"
    grammar = GRAMMAR

    def checker(self, workers: int = 2, timeout_s: float = 10.0, options: LanguageOptions | None = None) -> Checker:
        from rlcf.languages.kotlin.checker import KotlinChecker

        return KotlinChecker(workers, timeout_s, options_as(KotlinOptions, options))

    def requirements(self) -> list[Requirement]:
        try:
            found = find_compiler()
            compiler = f"{found.version} in {found.home}"
        except CheckerUnavailable:
            compiler = None
        try:
            java = jdk.find_jdk()
            machine = f"{java.version} in {java.home}"
        except CheckerUnavailable:
            machine = None
        return [
            Requirement("kotlin-compiler", compiler, REMEDY, CHECKING),
            Requirement("jdk", machine, jdk.REMEDY, CHECKING),
        ]

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:
        return braces.program_end(GRAMMAR, context, completion, suffix)

    def closing(self, source: str) -> str:
        return braces.closing(GRAMMAR, source)

    def stub(self, task: Task) -> str | None:
        return braces.stub(GRAMMAR, task, _STUB)
