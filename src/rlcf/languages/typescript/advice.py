"""What can be done where sources of a project have errors."""

import re
from collections import Counter
from collections.abc import Iterable

from rlcf.languages.projects import SourceError, first_of
from rlcf.languages.typescript.layout import package_of

MODULES = {"TS2307", "TS2792", "TS2882", "TS7016"}
"""Codes of a module that is not there, or has no types: all that is imported from it may be anything."""
_MODULE = re.compile(r"module(?: or type declarations for side-effect import of)? '([^']+)'")
_GLOBALS = re.compile(
    r"Cannot find name '(?:process|Buffer|require|module|__dirname|__filename)'|npm i --save-dev @types/node"
)


def advice(errors: Iterable[SourceError]) -> list[str]:
    """A line for each cause that is known: what is missing, and how to get it."""
    elsewhere, own = Counter[str](), Counter[str]()
    needs_node = False
    for error in errors:
        needs_node |= bool(_GLOBALS.search(error.message))
        told = _MODULE.search(error.message) if error.code in MODULES else None
        if told is None:
            continue
        if told[1].startswith((".", "/", "#", "@/", "~/")):
            own[told[1]] += 1
        elif told[1].startswith("node:"):
            needs_node = True
        else:
            elsewhere[_wanted(package_of(told[1]), error.code)] += 1
    if needs_node:
        elsewhere["@types/node"] += 1
    lines = []
    if elsewhere:
        names = [name for name, _ in elsewhere.most_common()]
        lines.append(f"packages that are missing: {first_of(names)}; npm install {' '.join(names[:_NAMED])}")
    if own:
        named = first_of([name for name, _ in own.most_common()])
        lines.append(f"no source file is {named}; if the build makes it, build the project first")
    return lines


_NAMED = 5


def _wanted(package: str, code: str) -> str:
    """The package to install: that with the types, where the code is there."""
    return f"@types/{package.removeprefix('@').replace('/', '__')}" if code == "TS7016" else package
