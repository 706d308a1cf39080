"""Which of a Java project's compiled classes still have a source."""

import re
import shutil
from collections.abc import Collection
from pathlib import Path

_SOURCE_NAME = re.compile(rb"\x01(?=(?P<length>..)(?P<name>[\w$-]+\.java))", re.DOTALL)
"""A constant of a class file that is the name of a Java source."""


def copy_current(classes: Path, target: Path, sources: Collection[Path]) -> None:
    """Copies the classes in a folder, save those that were made from a Java source that is not there any more.

    Classes of other languages, which have no such source, are copied too.

    Args:
        sources: the paths of the Java sources, each relative to its source folder.
    """
    for file in sorted(classes.rglob("*.class")):
        path = file.relative_to(classes)
        names = _source_names(file.read_bytes())
        if not names or any(path.parent / name in sources for name in names):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target / path)


def _source_names(code: bytes) -> set[str]:
    found = _SOURCE_NAME.finditer(code)
    return {m["name"].decode() for m in found if len(m["name"]) == int.from_bytes(m["length"], "big")}
