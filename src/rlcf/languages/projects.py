"""Source trees as a language sees them: where the sources are, what they need to compile, and what is in them.

Mining tasks from a project is a capability of a language (`Language.find_project`, `Language.surveyor`).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rlcf.config.languages import LanguageOptions
from rlcf.languages.base import Resource


@dataclass(frozen=True, slots=True)
class SourceProject:
    """A source tree, and what its files need to compile."""

    root: Path
    """Absolute."""
    sources: tuple[Path, ...]
    """Folders of sources, absolute."""
    options: LanguageOptions
    """For a checker: what is needed besides the project's own code."""
    built: tuple[Path, ...] = ()
    """Folders of the project's own code as its build tool has compiled it, if it has."""
    generated: tuple[Path, ...] = ()
    """Folders of sources that the build tool has generated: they are compiled, and no task is made of them."""
    notes: tuple[str, ...] = ()
    """What a user should know, a line each: what was found, and what was not."""


@dataclass(frozen=True, slots=True)
class SourceError:
    """An error of the compiler in a file."""

    code: str
    message: str
    line: int
    """From 1; 0 where the compiler names no place."""
    offset: int | None
    """In characters, from 0."""


@dataclass(frozen=True, slots=True)
class SourceClass:
    """A type that a file declares."""

    name: str
    owner: str
    """The names of the classes around it, joined by dots."""
    start: int
    """Where its modifiers start, in characters."""
    opening: int
    """Where its body's opening bracket stands."""


@dataclass(frozen=True, slots=True)
class SourceMethod:
    """A method with a body. Places are characters of its file, from 0."""

    name: str
    owner: str
    """The names of the classes around it, joined by dots."""
    signature: str
    """Its name, its type parameters and the types of its parameters: unique within its owner."""
    start: int
    """Where its modifiers start."""
    opening: int
    """Where its body's opening bracket stands."""
    closing: int
    """Where its body's closing bracket stands."""
    statements: int
    shape: str
    """`empty`, `throw`, `literal`, `getter`, `setter` or `delegate`: a body not worth asking for; else no text."""
    marks: frozenset[str]
    """Of `constructor`, `static`, `deprecated`, `generated`, `local`."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What the compiler says of a file."""

    errors: tuple[SourceError, ...]
    interface: str
    """A digest of what other files can see of it: while that is the same, they need not be compiled again."""
    classes: tuple[SourceClass, ...]
    methods: tuple[SourceMethod, ...]

    def classes_around(self, method: SourceMethod) -> list[SourceClass]:
        """The classes that a method stands in, the outermost first."""
        around, names = [], method.owner.split(".")
        for depth, name in enumerate(names):
            owner = ".".join(names[:depth])
            found = [c for c in self.classes if (c.name, c.owner) == (name, owner) and c.start < method.start]
            around += found[-1:]
        return around


class Surveyor(Resource):
    """Compiles source trees as a whole."""

    @abstractmethod
    def survey(
        self,
        files: Sequence[Path],
        classes: Path | None = None,
        class_path: Sequence[Path] = (),
        emptied: Collection[Path] = (),
    ) -> Mapping[Path, SourceFile]:
        """What the compiler says of `files`, compiled together.

        Args:
            emptied: those of the files whose methods' bodies are not compiled: what they declare is there for others.
            classes: the folder that gets the compiled code; it is written only where a file has no error.
            class_path: compiled code that the files need beside what the project's options name.

        Raises:
            CheckerUnavailable: the compiler is missing, or broke.
        """
