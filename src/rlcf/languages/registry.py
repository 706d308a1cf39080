"""The languages rlcf knows, by name: its own, those of installed packages, and those of tables."""

import functools
import importlib
from importlib.metadata import entry_points
from pathlib import Path

from rlcf.errors import UserError, unknown
from rlcf.languages.base import Language

LANGUAGES = {
    "go": "rlcf.languages.go:Go",
    "c": "rlcf.languages.c:C",
    "cpp": "rlcf.languages.cpp:Cpp",
    "java": "rlcf.languages.java:Java",
    "javascript": "rlcf.languages.javascript:JavaScript",
    "kotlin": "rlcf.languages.kotlin:Kotlin",
    "python": "rlcf.languages.python:Python",
    "rust": "rlcf.languages.rust:Rust",
    "typescript": "rlcf.languages.typescript:TypeScript",
    "sql": "rlcf.languages.sql:Sql",
    "systemverilog": "rlcf.languages.systemverilog:SystemVerilog",
}
"""Name: `module:class`. A new language adds one line here; the module is imported when the language is first used."""

_ENTRY_POINTS = "rlcf.languages"
"""The group in which other packages name languages in the same way."""
_TABLE = ".toml"


def language_names() -> list[str]:
    """The names that `load_language` takes."""
    return sorted({**_installed(), **LANGUAGES})


@functools.cache
def _installed() -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=_ENTRY_POINTS)}


def load_language(name: str) -> Language:
    """The language called `name`, or the one whose table is in the file of this name, which ends in `.toml`.

    Raises:
        UserError: there is none, and the message lists those there are; or the table is wrong.
    """
    if name.endswith(_TABLE):
        from rlcf.languages.table import load_table

        return load_table(name)
    languages = {**_installed(), **LANGUAGES}
    if name not in languages:
        known = [*language_names(), "the file of a language table, such as ./ocaml.toml"]
        raise UserError(unknown("language", name, known))
    module, _, attribute = languages[name].partition(":")
    language: Language = getattr(importlib.import_module(module), attribute)()
    return language


def spoken_name(name: str) -> str:
    """What a language that `load_language` takes is called among people: of a table's file, the name in the table."""
    return load_language(name).name if name.endswith(_TABLE) else name


def language_of_file(path: Path) -> str | None:
    """The name of the language that a file's suffix belongs to, or `None`."""
    return next((name for name in language_names() if path.name.endswith(load_language(name).suffixes)), None)
