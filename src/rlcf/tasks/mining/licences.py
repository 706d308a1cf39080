"""Under what licence a file is: by its own header, else by the project's licence file."""

import re
from pathlib import Path

_SPDX = re.compile(r"SPDX-License-Identifier:\s*([\w.+() -]+?)\s*(?:\*/|-->|$)", re.MULTILINE)
_TEXTS = (
    ("Apache-2.0", re.compile(r"Apache License,?\s+Version 2\.0|apache\.org/licenses/LICENSE-2\.0", re.IGNORECASE)),
    ("MIT", re.compile(r"\bMIT License\b|Permission is hereby granted, free of charge", re.IGNORECASE)),
    ("AGPL-3.0", re.compile(r"GNU AFFERO GENERAL PUBLIC LICENSE", re.IGNORECASE)),
    ("LGPL", re.compile(r"GNU (?:LESSER|LIBRARY) GENERAL PUBLIC LICENSE", re.IGNORECASE)),
    ("GPL", re.compile(r"GNU GENERAL PUBLIC LICENSE", re.IGNORECASE)),
    ("EPL-2.0", re.compile(r"Eclipse Public License", re.IGNORECASE)),
    ("MPL-2.0", re.compile(r"Mozilla Public License", re.IGNORECASE)),
    ("BSD-3-Clause", re.compile(r"Neither the name of .{0,200}? may be used to endorse", re.IGNORECASE | re.DOTALL)),
    ("BSD-2-Clause", re.compile(r"Redistributions in binary form must reproduce", re.IGNORECASE)),
)
_HEAD = 4000


def licence_of(text: str) -> str | None:
    """The SPDX identifier of the licence that a file's head names; `None` where it names none that is known."""
    head = text[:_HEAD]
    told = _SPDX.search(head)
    if told:
        return told[1]
    return next((name for name, pattern in _TEXTS if pattern.search(head)), None)


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
