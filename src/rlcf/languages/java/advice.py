"""What can be done where files of a project do not compile."""

import re
from collections import Counter
from collections.abc import Collection, Iterable

from rlcf.languages.projects import SourceError, first_of

_NO_PACKAGE = re.compile(r"package (\S+) does not exist")
_NO_CLASS = re.compile(r"symbol:\s+class (\S+)\s+location:\s+package (\S+)")
_TOO_NEW = "compiler.err.feature.not.supported.in.source"
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_LOMBOK = re.compile(r"^\s*import\s+(?:static\s+)?lombok\b", re.MULTILINE)


def advice(errors: Iterable[SourceError], texts: Collection[str], is_built: bool) -> list[str]:
    """A line for each cause that is known: what is missing, and how to get it.

    Args:
        errors: those of all files, found together.
        texts: all sources of the project.
        is_built: whether the classes of the build tool are there.
    """
    found = list(errors)
    own = {package[1] for text in texts if (package := _PACKAGE.search(text))}
    missing = Counter(name[1] for error in found if (name := _NO_PACKAGE.search(error.message)))
    absent = {".".join(name.groups()[::-1]) for error in found if (name := _NO_CLASS.search(error.message))}
    generated = sorted({name for name in absent if name.rpartition(".")[0] in own} | missing.keys() & own)
    elsewhere = [name for name, _ in missing.most_common() if name not in own and not name.startswith("lombok")]
    lines = []
    if elsewhere:
        lines.append(f"packages that are missing: {first_of(elsewhere)}; name their jars with --class-path")
    if generated:
        lines.append(f"no source declares {first_of(generated)}; if the build generates it, build the project first")
    if found and any(map(_LOMBOK.search, texts)):
        later = "files that do so make no tasks" if is_built else "build it first"
        lines.append(f"the project uses Lombok, which adds code when it is built; {later}")
    if any(error.code.startswith(_TOO_NEW) for error in found):
        lines.append("some code is for a newer Java; name its version with --release, or set JAVA_HOME to a newer JDK")
    return lines
