"""A child that checks C or C++ with libclang, the front end of the compiler clang, through its Python package.

Each program is a translation unit of its own, so nothing of one is left for the next. What makes it fast: the block of
`#include` lines that a program begins with is parsed once, into a precompiled header. A program that begins with such a
block is parsed behind that header, its include lines blanked out, so that all places stay where they are.

Includes see the folders of headers and nothing else: libclang is given a file system of its own, a virtual one in which
there are no other files.
"""

from __future__ import annotations

import json
import re
import sys
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from clang import cindex

from rlcf.languages.clang.codes import code_of
from rlcf.languages.serving import Row, serve
from rlcf.records import Severity

_FOLDER = "/tmp"
"""The sandbox's own folder; `program.c` is never written to it."""
_MOST_ROWS = 100
_MOST_KNOWN = 4096
_STORE_BYTES = 192 << 20
_INCLUDED = "in file included from"
_SEVERITIES: dict[int, Severity] = {2: "warning", 3: "error", 4: "error"}
_INCOMPLETE, _FOR_SERIALIZATION = 0x02, 0x10
_BLANK = re.compile(rb"(?:\s+ | //[^\n\\]*\n | /\*(?:[^*]|\*(?!/))*\*/)*", re.VERBOSE)
_INCLUDE = re.compile(rb"""[ \t]*\#[ \t]*include[ \t]*(<[^>\n\\]+>|"[^"\n\\]+")(?=[ \t]*(?://[^\n\\]*)?\r?\n)""")


def main() -> None:
    """The arguments are `c` or `c++`, options of the compiler as JSON, and a list of folders of headers as JSON."""
    language, options, folders = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
    serve(Clang(language, options, folders).diagnose)


class Clang:
    """The compiler's front end, and the headers that it has parsed before."""

    def __init__(self, language: str, options: Sequence[str], folders: Sequence[str]) -> None:
        # A front end that has broken down must not go on: the process ends, and another one gives the second opinion.
        cindex.conf.lib.clang_toggleCrashRecovery(0)
        self._index = cindex.Index.create()
        self._store = Path(_FOLDER) / "headers"
        self._store.mkdir()
        overlay = Path(_FOLDER) / "files.json"
        overlay.write_text(json.dumps(_file_system([*folders, str(self._store)])), encoding="utf-8")
        self._language = language
        self._options = [*options, "-ivfsoverlay", str(overlay)]
        self._program = f"{_FOLDER}/program.{'c' if language == 'c' else 'cpp'}"
        self._headers = _Headers(self._store, self._precompile)

    def diagnose(self, source: str) -> list[Row]:
        """Rows with places in bytes, in the compiler's order."""
        code = source.encode("utf-8", "surrogatepass")
        block, blanked = _without_includes(code)
        header = self._headers.of(block)
        if header is None:
            return list(self._rows(code, []))
        return list(self._rows(blanked, ["-include-pch", str(header), "-Xclang", "-fno-validate-pch"]))

    def _rows(self, code: bytes, more: Sequence[str]) -> Iterator[Row]:
        unit = self._parsed(self._language, self._program, code, more, 0)
        left: dict[Severity, int] = {"error": _MOST_ROWS, "warning": _MOST_ROWS}
        place: int | None = None
        for diagnostic in unit.diagnostics:
            severity = _SEVERITIES.get(diagnostic.severity)
            if severity is not None and left[severity] > 0:
                left[severity] -= 1
                message = diagnostic.spelling
                key = code_of(message, diagnostic.option, diagnostic.category_name, code)
                found = self._offset(diagnostic)
                # Where a template goes wrong for the second time, clang does not repeat where it is used.
                place = place if found is None else found
                yield key, severity, message, place

    def _offset(self, diagnostic: Any) -> int | None:
        """Where a diagnostic stands in the program; for one in a header, where the program makes use of it."""
        for each in (diagnostic, *diagnostic.children):
            location = each.location
            if each.spelling.startswith(_INCLUDED):
                continue
            if location.file is not None and location.file.name == self._program:
                return int(location.offset)
        return None

    def _precompile(self, block: bytes, header: Path) -> bool:
        """Writes the precompiled header of a block; not where there is something to say about it."""
        path = f"{_FOLDER}/block.{'h' if self._language == 'c' else 'hpp'}"
        more = ["-Xclang", "-fpch-instantiate-templates"]
        unit = self._parsed(f"{self._language}-header", path, block, more, _INCOMPLETE | _FOR_SERIALIZATION)
        if any(True for _ in unit.diagnostics):
            return False
        try:
            unit.save(str(header))
        except cindex.TranslationUnitSaveError:
            return False
        return True

    def _parsed(self, kind: str, path: str, code: bytes, more: Sequence[str], options: int) -> Any:
        arguments = ["-x", kind, *self._options, *more]
        return cindex.TranslationUnit.from_source(path, arguments, [(path, code)], options, self._index)


class _Headers:
    """Precompiled headers on disk, those that were used last. A block gets one when it is seen for the second time."""

    def __init__(self, folder: Path, make: Any) -> None:
        self._folder, self._make = folder, make
        self._numbers = count()
        self._known: OrderedDict[bytes, Path | None] = OrderedDict()
        """Blocks that were seen, the last one last; `None` for a header that is not made, or not yet."""
        self._refused: set[bytes] = set()

    def of(self, block: bytes) -> Path | None:
        """The header of a block; `None` where the program is to be parsed as it stands."""
        if not block or block in self._refused:
            return None
        header = self._known.get(block)
        if block in self._known and header is None:
            header = self._made(block)
        self._known[block] = header
        self._known.move_to_end(block)
        if len(self._known) > _MOST_KNOWN:
            self._drop(next(iter(self._known)))
        return header

    def _made(self, block: bytes) -> Path | None:
        header = self._folder / f"{next(self._numbers)}.pch"
        made = [path for path in self._known.values() if path is not None]
        while made and sum(path.stat().st_size for path in made) > _STORE_BYTES:
            self._drop(next(each for each, path in self._known.items() if path == made[0]))
            del made[0]
        if self._make(block, header):
            return header
        header.unlink(missing_ok=True)
        if len(self._refused) == _MOST_KNOWN:
            self._refused.clear()
        self._refused.add(block)
        return None

    def _drop(self, block: bytes) -> None:
        header = self._known.pop(block)
        if header is not None:
            header.unlink(missing_ok=True)


def _without_includes(code: bytes) -> tuple[bytes, bytes]:
    """The include lines that a text begins with, and the text with blanks in their place."""
    lines, blanked, at = list[bytes](), bytearray(code), 0
    while True:
        blank = _BLANK.match(code, at)
        at = blank.end() if blank else at
        include = _INCLUDE.match(code, at)
        if include is None:
            return b"".join(b"#include %b\n" % line for line in lines), bytes(blanked)
        lines.append(include[1])
        blanked[at : include.end()] = b" " * (include.end() - at)
        at = include.end()


def _file_system(folders: Sequence[str]) -> dict[str, Any]:
    """A virtual file system with some folders and nothing else, as `-ivfsoverlay` reads it."""
    outer = [folder for folder in folders if not any(Path(other) in Path(folder).parents for other in folders)]
    roots = [{"type": "directory-remap", "name": path, "external-contents": path} for path in dict.fromkeys(outer)]
    return {"version": 0, "case-sensitive": "true", "redirecting-with": "redirect-only", "roots": roots}


if __name__ == "__main__":
    main()
