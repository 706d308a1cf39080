"""The options of a language: the `[language]` table, whose key `name` says which of these it is.

A language that has options of its own adds a table here; one that has none uses `LanguageOptions`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import PlainSerializer

from rlcf.config.table import Table

_Path = Annotated[Path, PlainSerializer(str)]
"""A path that is written to JSON as text."""


class LanguageOptions(Table):
    """What every language has."""

    name: str
    """A name in the language registry."""


class JavaOptions(LanguageOptions):
    """The project that Java programs are checked as a part of, as it is on disk when the checker starts."""

    name: Literal["java"] = "java"
    class_path: tuple[_Path, ...] = ()
    """Compiled code: archives (jars) and folders of classes."""
    source_path: tuple[_Path, ...] = ()
    """Folders of sources. A program replaces the file of its own name there."""
    release: int | None = None
    """The version of Java to check for, such as 11; by default the version of the JDK."""


LANGUAGE_TABLES: dict[str, type[LanguageOptions]] = {"java": JavaOptions}
