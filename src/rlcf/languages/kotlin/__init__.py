"""Kotlin: checked by its own compiler for the JVM, many programs at a time."""

from __future__ import annotations

from rlcf.config.languages import KotlinOptions, LanguageOptions
from rlcf.errors import CheckerUnavailable
from rlcf.languages.base import CHECKING, Checker, Requirement, options_as
from rlcf.languages.braces import BraceLanguage
from rlcf.languages.java import jdk
from rlcf.languages.kotlin.compiler import REMEDY, find_compiler
from rlcf.languages.kotlin.facts import GRAMMAR


class Kotlin(BraceLanguage):
    """Kotlin for the JVM; one file for each program."""

    name = "kotlin"
    suffixes = (".kt",)
    fence_labels = ("kotlin", "kt")
    options_type = KotlinOptions
    grammar = GRAMMAR
    stub_body = "throw NotImplementedError()"

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
