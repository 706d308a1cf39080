"""Under what licence a file is: by its own header, else by the project's licence file."""

import re
from functools import lru_cache
from pathlib import Path

_SPDX = re.compile(r"SPDX-License-Identifier:\s*([\w.+() -]+?)\s*(?:\*/|-->|$)", re.MULTILINE)
_NUMBER = r"(\d(?:\.\d)?)(?!\d)"
_VERSION = rf"(?:,?\s?{_NUMBER}|.{{0,90}}?\b(?:version|v)\W{{0,2}}{_NUMBER})(.{{0,60}}?any later version)?"
_FAMILIES = tuple(
    (name, re.compile(rf"(?:version {_NUMBER} of the )?{title}(?:{_VERSION})?", re.IGNORECASE))
    for name, title in (
        ("Apache", r"Apache(?: Software)? License"),
        ("AGPL", r"GNU Affero General Public License"),
        ("LGPL", r"GNU (?:Lesser|Library) General Public License"),
        ("GPL", r"GNU General Public License"),
        ("EPL", r"Eclipse Public License"),
        ("MPL", r"Mozilla Public License"),
    )
)
_TEXTS = (
    ("Apache-2.0", re.compile(r"apache\.org/licenses/LICENSE-2\.0", re.IGNORECASE)),
    ("MIT", re.compile(r"\bMIT License\b|Permission is hereby granted, free of charge", re.IGNORECASE)),
    ("BSD-3-Clause", re.compile(r"Neither the name of .{0,200}? may be used to endorse", re.IGNORECASE)),
    ("BSD-2-Clause", re.compile(r"Redistributions in binary form must reproduce", re.IGNORECASE)),
)
_HEADER = re.compile(r"(?:\s+|/\*.*?\*/|//[^\n]*|#[^\n]*|(\"\"\"|''').*?\1)*", re.DOTALL)
_NAMED = re.compile(
    r"licen[sc]ed under|(?:under|governed by) (?:the|an?|this) [^.]{0,80}?\blicen[sc]e\b|public licen[sc]e"
    r"|\blicen[sc]e,? v(?:ersion)?\W{0,2}\d",
    re.IGNORECASE,
)
_POINTS_TO_FILE = re.compile(r"\b(?:in|[Ss]ee|the|file) LICEN[SC]E\b|\b(?i:licen[sc]e)(?:\.\w+| file)\b|\bCOPYING\b")
_LINE_BREAK = re.compile(r"[\s*/#]*\n[\s*/#;%!-]*")
_HEAD = 4000


def licence_of(text: str) -> str | None:
    """The SPDX identifier of the licence that a file's head names; `None` where it names none that is known.

    Where the head names no version, it is the licence's name only, such as `GPL`.
    """
    head = text[:_HEAD]
    if told := _SPDX.search(head):
        return told[1]
    folded = _folded(head)
    families = (_of_family(name, pattern, folded) for name, pattern in _FAMILIES)
    others = (name for name, pattern in _TEXTS if pattern.search(folded))
    return next(filter(None, (*families, *others)), None)


@lru_cache(maxsize=2)
def file_licence(text: str, project: str | None) -> str | None:
    """As `licence_of`; the project's licence where the file's header names none, known or not.

    Remembered for the last texts.
    """
    if (known := licence_of(text)) is not None:
        return known
    header = _HEADER.match(text[:_HEAD])
    folded = _folded(header[0]) if header else ""
    return None if _NAMED.search(folded) and not _POINTS_TO_FILE.search(folded) else project


def project_licence(root: Path) -> str | None:
    """That of a licence file in a project's folder, or in a folder above it up to the repository's."""
    for folder in (root, *root.parents):
        files = [f for f in sorted(folder.glob("LICEN[SC]E*")) + sorted(folder.glob("COPYING*")) if f.is_file()]
        if files:
            told = (licence_of(file.read_text(encoding="utf-8", errors="replace")) for file in files)
            return next(filter(None, told), None)
        if (folder / ".git").exists():
            return None
    return None


def _folded(text: str) -> str:
    """The text in one line, without the marks of comments at the ends of lines."""
    return re.sub(r"\s+", " ", _LINE_BREAK.sub(" ", text))


def _of_family(name: str, pattern: re.Pattern[str], head: str) -> str | None:
    """The licence of a family that a head names, with its version where it names that."""
    found = [match.groups() for match in pattern.finditer(head)]
    versions = (
        f"{name}-{version if '.' in version else version + '.0'}{'-or-later' if later else ''}"
        for before, after, further, later in found
        if (version := before or after or further)
    )
    return next(versions, name if found else None)
