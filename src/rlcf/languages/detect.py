"""Which language a project is in, where nobody says it."""

from __future__ import annotations

from pathlib import Path

from rlcf.errors import ConfigError, DataError
from rlcf.languages.base import Language
from rlcf.languages.registry import language_names, load_language
from rlcf.languages.source_tree import files_in, project_folder


def project_language(folder: Path) -> str:
    """The name of the language of a project: that whose build file stands in the folder, else that of all sources.

    Raises:
        UserError: there is no such folder, it has no sources of a project, or it has those of several languages.
    """
    root = project_folder(folder)
    known = [language for name in language_names() if (language := load_language(name)).can_mine]
    found = [each for each in known if any((root / name).is_file() for name in each.build_files)]
    found = found or [each for each in known if _has_sources(each, root)]
    if not found:
        names = " or ".join(suffix for each in known for suffix in each.suffixes)
        raise DataError(f"no project in {folder}: expected sources whose names end in {names}")
    if len(found) > 1:
        names = " and ".join(each.name for each in found)
        raise ConfigError(f"{folder} is a project in {names}: name one with --language")
    return found[0].name


def _has_sources(language: Language, root: Path) -> bool:
    return any(True for _ in files_in(root, language.suffixes, (), root, lambda each: each.name == "node_modules"))
