"""What compiled programs need of their project to be run: the classes that they name, and those that these name."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_SUFFIX = ".class"
_MOST_BYTES = 1 << 23
"""Of classes that one program is given."""
_TEXT, _WIDE = 1, (5, 6)
"""Tags of constants: a text, and those that take two places."""
_SIZES = {3: 5, 4: 5, 5: 9, 6: 9, 7: 3, 8: 3, 9: 5, 10: 5, 11: 5, 12: 5, 15: 4, 16: 3, 17: 5, 18: 5, 19: 3, 20: 3}
"""Bytes of a constant by its tag (The Java Virtual Machine Specification, 4.4)."""


class ProjectClasses:
    """The classes on a class path, each read when it is first needed. A program's own take their place."""

    def __init__(self, class_path: Sequence[Path] = ()) -> None:
        self._files: dict[str, tuple[zipfile.ZipFile | None, str]] = {}
        for entry in class_path:
            for name, place in _listed(entry):
                self._files.setdefault(name, place)
        self._read: dict[str, tuple[bytes, frozenset[str]]] = {}

    def needed(self, own: Mapping[str, bytes]) -> dict[str, bytes] | None:
        """Class files by binary name, those of `own` left out; `None` where they are too many to be run each time.

        What a program asks for by a name that it makes up is not among them.
        """
        found: dict[str, bytes] = {}
        size = 0
        left = sorted({name for code in own.values() for name in self._named(code)}, reverse=True)
        seen = {name.replace(".", "/") for name in own} | set(left)
        while left:
            name = left.pop()
            if name.replace("/", ".") in own:
                continue
            code, names = self._class(name)
            found[name.replace("/", ".")] = code
            size += len(code)
            if size > _MOST_BYTES:
                return None
            left += sorted(names - seen, reverse=True)
            seen |= names
        return found

    def _class(self, name: str) -> tuple[bytes, frozenset[str]]:
        """A class file, and the names in it."""
        if name not in self._read:
            jar, path = self._files[name]
            code = Path(path).read_bytes() if jar is None else jar.read(path)
            self._read[name] = (code, frozenset(self._named(code)))
        return self._read[name]

    def _named(self, code: bytes) -> set[str]:
        """The classes of the class path that a class file names, also in the types of what it uses."""
        names: set[str] = set()
        for text in _texts(code) if self._files else ():
            if text in self._files:
                names.add(text)
            elif ";" in text:
                parts = (part.partition("L")[2] for part in text.replace("<", ";").split(";"))
                names.update(part for part in parts if part in self._files)
        return names


def _listed(entry: Path) -> Iterator[tuple[str, tuple[zipfile.ZipFile | None, str]]]:
    """The internal names of the classes in a folder or a jar, and where each stands."""
    if entry.is_dir():
        for file in sorted(entry.rglob(f"*{_SUFFIX}")):
            yield file.relative_to(entry).as_posix().removesuffix(_SUFFIX), (None, str(file))
    else:
        jar = zipfile.ZipFile(entry)
        for path in jar.namelist():
            if path.endswith(_SUFFIX):
                yield path.removesuffix(_SUFFIX), (jar, path)


def _texts(code: bytes) -> Iterator[str]:
    """The texts in the constant pool of a class file."""
    at, left = 10, int.from_bytes(code[8:10], "big") - 1
    while left > 0:
        tag = code[at]
        if tag == _TEXT:
            end = at + 3 + int.from_bytes(code[at + 1 : at + 3], "big")
            yield code[at + 3 : end].decode("utf-8", "replace")
            at = end
        else:
            at += _SIZES[tag]
        left -= 2 if tag in _WIDE else 1
