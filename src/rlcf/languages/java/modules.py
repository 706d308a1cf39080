"""What of the platform a Java project sees, by its module declarations. It is compiled without them, as one module."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from rlcf.languages.java.comments import without_comments
from rlcf.languages.java.jdk import FIRST_WITH_MODULES

DECLARATION = "module-info.java"
_REQUIRES = re.compile(r"\brequires\s+(?:(?:static|transitive)\s+)*([\w.]+)\s*;")


def required_modules(sources: Sequence[Path], release: int | None, platform: Collection[str]) -> tuple[str, ...]:
    """The platform's modules that the declarations in the source folders require, sorted.

    Empty, which means all of them: before Java 9, and where a source folder has no declaration.

    Args:
        release: the version of Java; `None`: that of the JDK.
        platform: the names of the JDK's modules.
    """
    declared = [folder / DECLARATION for folder in sources]
    if not declared or not all(path.is_file() for path in declared):
        return ()
    if release is not None and release < FIRST_WITH_MODULES:
        return ()
    named = {name for path in declared for name in _requires(path)}
    return tuple(sorted(({"java.base"} | named) & set(platform)))


def _requires(declaration: Path) -> list[str]:
    return _REQUIRES.findall(without_comments(declaration.read_text(encoding="utf-8", errors="replace")))
