"""What can be done where modules of a project have errors."""

import re
from collections import Counter
from collections.abc import Iterable

from rlcf.languages.projects import SourceError, first_of

_IMPORTS = {"unresolved-import", "import-not-found"}
_MODULE = re.compile(r"module `(\.*)([\w.]*)`")
_NEWER = re.compile(r"on Python 3\.\d+ \(.*added in Python (3\.\d+)\)")


def advice(errors: Iterable[SourceError]) -> list[str]:
    """A line for each cause that is known: what is missing, and how to get it."""
    elsewhere, own = Counter[str](), Counter[str]()
    newer: set[tuple[int, ...]] = set()
    for error in errors:
        if error.code in _IMPORTS and (told := _MODULE.search(error.message)):
            if told[1]:
                own[told[1] + told[2]] += 1
            else:
                elsewhere[told[2].partition(".")[0]] += 1
        if version := _NEWER.search(error.message):
            newer.add(tuple(map(int, version[1].split("."))))
    lines = []
    if elsewhere:
        lines.append(
            f"packages that are missing: {_most_named(elsewhere)}; install them into a virtual environment, and name "
            "it with --environment"
        )
    if own:
        lines.append(f"no source file is {_most_named(own)}; if the build makes it, build the project first")
    if newer:
        needed = ".".join(map(str, max(newer)))
        lines.append(f"some code is for a newer Python; name its version with --python-version {needed}")
    return lines


def _most_named(counts: Counter[str]) -> str:
    return first_of([name for name, _ in counts.most_common()])
