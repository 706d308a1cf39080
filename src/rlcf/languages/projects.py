"""Source trees as a language sees them: where the sources are, what they need to compile, and what is in them.

Mining tasks from a project is a capability of a language (`Language.find_project`, `Language.surveyor`).
"""

from __future__ import annotations

import re
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
    licence: str | None = None
    """What its build file says, as an SPDX expression."""
    files: tuple[Path, ...] = ()
    """The sources, where the build file says which; else they are all those in `sources`."""
    data: tuple[Path, ...] = ()
    """Files that are no sources, and that the compiler reads."""
    settings: str = ""
    """What else the compiler is told, as it is written for it."""


@dataclass(frozen=True, slots=True)
class Notation:
    """How sources in a language look, for prompts that are made of parts of them."""

    imports: re.Pattern[str]
    """A line, or several, that names what the file needs."""
    comment: re.Pattern[str]
    """At the end of a text: a comment that documents what follows."""
    bodiless: str
    """What follows a function's header in the place of its body."""


BRACES = Notation(
    imports=re.compile(r"^(?:package|import)\b[^;]*;[^\S\n]*\n?", re.MULTILINE),
    comment=re.compile(r"/\*\*(?:(?!\*/).)*\*/\s*\Z", re.DOTALL),
    bodiless=";",
)
"""That of Java and of languages like it."""


@dataclass(frozen=True, slots=True)
class SourceError:
    """An error of the compiler in a file."""

    code: str
    message: str
    line: int
    """From 1; 0 where the compiler names no place."""
    offset: int | None
    """In characters, from 0."""
    fatal: bool = True
    """Whether the file cannot be used. Else it can, and code with such an error in it is left out."""


@dataclass(frozen=True, slots=True)
class SourceClass:
    """A type that a file declares."""

    name: str
    owner: str
    """The names of the classes around it, joined by dots."""
    start: int
    """Where its modifiers start, in characters."""
    opening: int
    """Where its body's opening mark stands."""


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
    """Where its body's opening mark stands: a brace, a colon."""
    closing: int
    """Where its body's last character stands: its closing bracket, if there are any."""
    statements: int
    shape: str
    """`empty`, `throw`, `literal`, `getter`, `setter` or `delegate`: a body not worth asking for; else no text."""
    marks: frozenset[str]
    """Of `constructor`, `static`, `deprecated`, `generated`, `local`, `silenced` (a comment hides its errors), and
    `unseen` (the compiler does not look into it)."""
    described: int | None = None
    """Where the text in its body that only describes it ends: the last character. `None`: there is none."""

    @property
    def head_end(self) -> int:
        """Where the last character before the body's own code stands."""
        return self.opening if self.described is None else self.described


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


@dataclass(frozen=True, slots=True)
class Replacement:
    """Other text in a source file. Places are characters, from 0."""

    path: Path
    start: int
    end: int
    text: str


def with_bodies(text: str, bodies: Mapping[int, Replacement]) -> tuple[str, dict[int, tuple[int, int]]]:
    """A file with other bodies, and where each of them starts and ends in it, by its number."""
    parts: list[str] = []
    spans: dict[int, tuple[int, int]] = {}
    at = length = 0
    for i, body in sorted(bodies.items(), key=lambda item: item[1].start):
        before = text[at : body.start]
        spans[i] = (length + len(before), length + len(before) + len(body.text))
        parts += [before, body.text]
        length = spans[i][1]
        at = body.end
    return "".join([*parts, text[at:]]), spans


def first_of(names: Sequence[str], most: int = 5) -> str:
    """Names in one line, and how many there are beside the first ones."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


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

    @abstractmethod
    def is_hidden(self, text: str, body: Replacement) -> bool:
        """Whether no code outside of a body can see what it does, be it the file's or the other one.

        Args:
            text: the file that the body stands in.
        """

    @abstractmethod
    def survey_replaced(
        self, texts: Mapping[Path, str], bodies: Sequence[Replacement], class_path: Sequence[Path] = ()
    ) -> list[bool]:
        """Whether the project compiles with each of these other bodies of methods, each by itself.

        Args:
            texts: the files that the bodies stand in.
            class_path: as for `survey`, with the project's own code.

        Raises:
            CheckerUnavailable: the compiler is missing, or broke.
        """
