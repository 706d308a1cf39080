"""What compiled Java classes say of themselves: the sources that they come from, and the version of Java."""

import re
import shutil
import zipfile
from collections.abc import Collection
from pathlib import Path

_SOURCE_NAME = re.compile(rb"\x01(?=(?P<length>..)(?P<name>[\w$-]+\.java))", re.DOTALL)
"""A constant of a class file that is the name of a Java source."""

_NO_CLASS = re.compile(r"META-INF/|(?:.*/)?module-info\.class$")
_HEAD = 8
_OLDEST = 44
"""The version of a class file less that of Java."""


def java_of(classes: Path) -> int:
    """The version of Java that the first class in a jar or a folder was compiled for; 0 where there is none.

    A compiler of an older version would reject every program that uses such a class.
    """
    if classes.is_dir():
        found = next((p for p in sorted(classes.rglob("*.class")) if not _NO_CLASS.match(p.name)), None)
        head = found.open("rb").read(_HEAD) if found else b""
    else:
        with zipfile.ZipFile(classes) as jar:
            names = (n for n in jar.namelist() if n.endswith(".class") and not _NO_CLASS.match(n))
            head = jar.open(name).read(_HEAD) if (name := next(names, None)) else b""
    return int.from_bytes(head[6:8], "big") - _OLDEST if len(head) == _HEAD else 0


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
