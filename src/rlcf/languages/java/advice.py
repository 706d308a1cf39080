"""What can be done where files of a project do not compile."""

import re
from collections import Counter
from collections.abc import Collection, Iterable

from rlcf.languages.projects import SourceError, first_of

_NO_PACKAGE = re.compile(r"package (\S+) does not exist")
_NO_CLASS = re.compile(r"symbol:\s+class (\S+)\s+location:\s+package (\S+)")
_NO_NAME = re.compile(
    r"symbol:\s+(?:class|variable) ([A-Z]\w*[a-z]\w*)\s+location:\s+(?:class|interface|enum) ([\w.]+)"
)
"""A name in the sources that looks like one of a class."""
_TOO_NEW = ("compiler.err.feature.not.supported.in.source", "compiler.err.preview.feature.disabled")
_SYNTAX = re.compile(
    r"compiler\.err\.(?:expected|illegal\.(?!char\.for)|not\.stmt|premature\.eof|unclosed|dot\.class|orphaned|else\.)"
)
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_DECLARED = re.compile(r"\b(?:class|interface|enum|record)\s+(\w+)")
_IMPORTED = re.compile(r"^\s*import\s+(?:static\s+)?([\w.]+)\.(\w+|\*)\s*;", re.MULTILINE)
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
    own_missing = {name for name in missing if any(f"{name}.".startswith(f"{package}.") for package in own)}
    generated = sorted(
        {name for name in absent if name.rpartition(".")[0] in own}
        | own_missing
        | _undeclared(found, texts, own, missing)
    )
    elsewhere = [name for name, _ in missing.most_common() if name not in own_missing and not name.startswith("lombok")]
    lines = []
    if elsewhere:
        lines.append(f"packages that are missing: {first_of(elsewhere)}; name their jars with --class-path")
    if generated:
        lines.append(
            f"no source declares {first_of(generated)}; if the build generates it, build the project first, else name "
            "its jar with --class-path"
        )
    if found and any(map(_LOMBOK.search, texts)):
        later = "files that do so make no tasks" if is_built else "build it first"
        lines.append(f"the project uses Lombok, which adds code when it is built; {later}")
    if any(error.code.startswith(_TOO_NEW) for error in found):
        lines.append("some code is for a newer Java; name its version with --release, or set JAVA_HOME to a newer JDK")
    if not lines and any(_SYNTAX.match(error.code) for error in found):
        lines.append(
            "files with errors of syntax: correct them; if they are for a newer Java, set JAVA_HOME to a newer JDK"
        )
    return lines


def _undeclared(
    errors: Iterable[SourceError], texts: Collection[str], own: Collection[str], missing: Collection[str]
) -> set[str]:
    """The classes that sources use as if they stood in their own package, and that are not there.

    None where packages are missing of which a source imports everything: the classes may be in one of them.
    """
    used = {match.groups() for error in errors if (match := _NO_NAME.search(error.message))}
    if not used:
        return set()
    imports = [match for text in texts for match in _IMPORTED.findall(text)]
    if any(package in missing for package, name in imports if name == "*"):
        return set()
    known = {name for _, name in imports} | {name for text in texts for name in _DECLARED.findall(text)}
    packages = sorted(own, key=len, reverse=True)
    found = set()
    for name, owner in used:
        package = next((p for p in packages if owner.startswith(f"{p}.")), None)
        if name not in known and package:
            found.add(f"{package}.{name}")
    return found
