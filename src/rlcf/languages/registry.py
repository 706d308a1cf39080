"""The languages rlcf knows, by name."""

from __future__ import annotations

import difflib
import importlib
from pathlib import Path

from rlcf.errors import UserError
from rlcf.languages.base import Language

# name: "module:class". A new language adds one line here.
_LANGUAGES = {
    "java": "rlcf.languages.java:Java",
}


def language_names() -> list[str]:
    """The names that `load_language` takes."""
    return sorted(_LANGUAGES)


def load_language(name: str) -> Language:
    """The language called `name`.

    Raises:
        UserError: there is none; the message lists those there are.
    """
    if name not in _LANGUAGES:
        close = difflib.get_close_matches(name, _LANGUAGES, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise UserError(f"unknown language {name!r}{hint}: known are {', '.join(language_names())}")
    module, _, attribute = _LANGUAGES[name].partition(":")
    language: Language = getattr(importlib.import_module(module), attribute)()
    return language


def language_of_file(path: Path) -> str | None:
    """The name of the language that a file's suffix belongs to, or `None`."""
    for name in language_names():
        if path.suffix in load_language(name).suffixes:
            return name
    return None
