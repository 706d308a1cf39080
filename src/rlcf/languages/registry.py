"""The languages rlcf knows, by name."""

import importlib
from pathlib import Path

from rlcf.errors import UserError, unknown
from rlcf.languages.base import Language

LANGUAGES = {
    "go": "rlcf.languages.go:Go",
    "java": "rlcf.languages.java:Java",
    "javascript": "rlcf.languages.javascript:JavaScript",
    "python": "rlcf.languages.python:Python",
    "rust": "rlcf.languages.rust:Rust",
    "typescript": "rlcf.languages.typescript:TypeScript",
}
"""Name: `module:class`. A new language adds one line here; the module is imported when the language is first used."""


def language_names() -> list[str]:
    """The names that `load_language` takes."""
    return sorted(LANGUAGES)


def load_language(name: str) -> Language:
    """The language called `name`.

    Raises:
        UserError: there is none; the message lists those there are.
    """
    if name not in LANGUAGES:
        raise UserError(unknown("language", name, language_names()))
    module, _, attribute = LANGUAGES[name].partition(":")
    language: Language = getattr(importlib.import_module(module), attribute)()
    return language


def language_of_file(path: Path) -> str | None:
    """The name of the language that a file's suffix belongs to, or `None`."""
    return next((name for name in language_names() if path.name.endswith(load_language(name).suffixes)), None)
