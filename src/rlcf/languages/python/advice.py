"""What can be done where modules of a project have errors."""

import re
from collections import Counter
from collections.abc import Iterable

from rlcf.languages.projects import SourceError

_IMPORTS = {"unresolved-import", "import-not-found"}
_MODULE = re.compile(r"module `(\.*)([\w.]*)`")
_NEWER = re.compile(r"on Python 3\.\d+ \(.*added in Python (3\.\d+)\)")
_NAMED = 5


def advice(errors: Iterable[SourceError]) -> list[str]:
    """A line for each cause that is known: what is missing, and how to get it."""
    elsewhere, own = Counter[str](), Counter[str]()
    newer: set[tuple[int, ...]] = set()
    for error in errors:
        if error.code in _IMPORTS and (named := _MODULE.search(error.message)):
            if named[1]:
                own[named[1] + named[2]] += 1
            else:
                elsewhere[named[2].partition(".")[0]] += 1
        if version := _NEWER.search(error.message):
            newer.add(tuple(map(int, version[1].split("."))))
    lines = []
    if elsewhere:
        lines.append(
            f"packages that are missing: {_named(elsewhere)}; install them into a virtual environment, and name it "
            "with --environment"
        )
    if own:
        lines.append(f"no source file is {_named(own)}; if the build makes it, build the project first")
    if newer:
        needed = ".".join(map(str, max(newer)))
        lines.append(f"some code is for a newer Python; name its version with --python-version {needed}")
    return lines


def _named(names: Counter[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(name for name, _ in names.most_common(_NAMED)) + (f" and {more} more" if more > 0 else "")
