"""A language as a TOML table: how its checker is called, how what it writes reads, and where its programs end."""

from __future__ import annotations

import re
import tomllib
import warnings
from pathlib import Path
from typing import Annotated, Literal, Self

import regex
from pydantic import AfterValidator, Field, ValidationError, model_validator

from rlcf.config.reading import first_problem
from rlcf.config.table import Table
from rlcf.errors import ConfigError
from rlcf.records import Severity

GROUPS = frozenset({"message", "code", "severity", "file", "line", "column"})
"""What is told of a diagnostic: the names of groups in a pattern."""


def _regular(pattern: str) -> str:
    try:
        with warnings.catch_warnings():  # of what other libraries read as something else
            warnings.simplefilter("error")
            re.compile(pattern)
        regex.compile(pattern)  # which matches it: it knows time-outs
    except (re.error, regex.error, RecursionError, OverflowError, Warning) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
    return pattern


def _regular_with_groups(pattern: str) -> str:
    groups = set(re.compile(_regular(pattern)).groupindex)
    if "message" not in groups or groups - GROUPS:
        wrong = ", ".join(sorted(groups - GROUPS)) or "no (?P<message>…)"
        raise ValueError(f"{pattern!r} has {wrong}: expected the named groups message and any of {_others()}")
    return pattern


def _others() -> str:
    return ", ".join(sorted(GROUPS - {"message"}))


def _file_name(name: str) -> str:
    if not re.fullmatch(r"[\w.-]+", name) or name in (".", ".."):
        raise ValueError(f"{name!r} is no name of a file without folders, such as main.st")
    return name


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError(f"{text!r} holds the character NUL, which no command can be given")
    return text


def _variables(environment: dict[str, str]) -> dict[str, str]:
    for name in environment:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise ValueError(f"{name!r} is no name of a variable")
    return environment


def _module(grammar: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(:[A-Za-z_]\w*)?", grammar):
        raise ValueError(f"{grammar!r} is no module, such as tree_sitter_php or tree_sitter_php:language_php_only")
    return grammar


Pattern = Annotated[str, AfterValidator(_regular)]
Filled = Annotated[str, Field(min_length=1)]
Given = Annotated[str, AfterValidator(_without_nul)]
Texts = Annotated[tuple[str, ...], Field(strict=False)]
GivenTexts = Annotated[tuple[Given, ...], Field(strict=False)]
Pair = Annotated[tuple[Filled, Filled], Field(strict=False)]
First = Annotated[int, Field(ge=0, le=1_000_000)]
Names = Annotated[frozenset[str], Field(strict=False)]


class CheckerTable(Table):
    """How a program is checked: a process for each, in a sandbox, in a folder that holds nothing but the program."""

    command: Annotated[GivenTexts, Field(min_length=1)]
    """The command line, with the name of the file in it. The program is looked for on the path; with a `/` in its name,
    beside the table."""
    file: Annotated[str, AfterValidator(_file_name)]
    """The name of the file that holds the program."""
    right: str
    """A program that is accepted, and"""
    wrong: str
    """one that is rejected: both are tried before any other program."""
    readable: GivenTexts = ()
    """Files and folders that the command needs; the system's libraries need not be named."""
    environment: Annotated[dict[str, Given], AfterValidator(_variables)] = Field(default_factory=dict)
    accepts: Annotated[tuple[int, ...], Field(strict=False, min_length=1)] = (0,)
    """Exit statuses of a program without errors. One whose errors can be read is rejected all the same."""
    rejects: Annotated[tuple[int, ...], Field(strict=False)] = (1,)
    """Exit statuses of a program with errors. Every other status is a failure of the command."""
    version: GivenTexts = ("--version",)
    """Arguments that make it tell its version; empty: it is not asked."""
    remedy: str
    """How to get it, in one line."""
    memory_mib: int = Field(2048, ge=16, le=1 << 20)

    @model_validator(mode="after")
    def _names_program_and_file(self) -> Self:
        if not self.command[0]:
            raise ValueError("command begins with the name of a program, not with ''")
        if not any(self.file in argument for argument in self.command[1:]):
            raise ValueError(f"no argument of command names the file {self.file!r}")
        return self


class PathsTable(Table):
    """Where the members of a diagnostic are in JSON.

    A path is made of keys and numbers joined by points. `*` stands for each member of a list or an object, and the
    empty path for the whole.
    """

    rows: str
    """Of the diagnostics, from the top, such as `files.*.messages.*`. The others start at a diagnostic."""
    message: str
    code: str | None = None
    severity: str | None = None
    file: str | None = None
    line: str | None = None
    column: str | None = None


class CodeTable(Table):
    """A code of ours for a checker that has none."""

    code: str
    message: Pattern
    """Found anywhere in the messages that have this code."""


class DiagnosticsTable(Table):
    """How what the command writes is read: by a regular expression, or as JSON."""

    pattern: Annotated[str, AfterValidator(_regular_with_groups)] | None = None
    """With named groups; `^` and `$` match at every line. See `rlcf.languages.table.patterns`."""
    paths: PathsTable | None = None
    """For a command that writes JSON: one document, or one in each line."""
    columns: Literal["character", "utf-16", "byte"] = "character"
    """What columns count."""
    first_line: First = 1
    first_column: First = 1
    severities: dict[str, Severity] = Field(default_factory=dict)
    """What the command calls them → `error`, `warning` or `note`. What is not named here is an error."""
    codes: Annotated[tuple[CodeTable, ...], Field(strict=False)] = ()
    """For diagnostics without a code. The first that fits counts; where none does, the code is the severity."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.pattern is None) == (self.paths is None):
            raise ValueError("expected either pattern or paths")
        return self


class SyntaxTable(Table):
    """Where programs end: by a tree-sitter grammar, by marks in the text, or before the first match of a pattern."""

    grammar: Annotated[str, AfterValidator(_module)] | None = None
    """A Python module, such as `tree_sitter_php`; after a colon its function, by default `language`."""
    blocks: Annotated[tuple[Pair, ...], Field(strict=False)] = ()
    """What opens and what closes a block, in pairs."""
    ignore_case: bool = False
    comments: Annotated[tuple[Pair, ...], Field(strict=False)] = ()
    """What begins and what ends a comment; `"\\n"` is the end of the line. A grammar knows that itself, as it does the
    next two."""
    quotes: Annotated[tuple[Filled, ...], Field(strict=False)] = ()
    """What begins and ends a text. It also ends with its line."""
    escape: Annotated[str, Field(max_length=1)] = "\\"
    """What takes the next character of a text its meaning."""
    ends_before: Pattern | None = None
    """A program ends before the first match in a completion."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.blocks and self.ends_before is not None:
            raise ValueError("expected either blocks or ends_before")
        return self


class FactsTable(Table):
    """Types of nodes in the grammar's tree, for facts of functions; see `rlcf.languages.syntax.Grammar`."""

    functions: Names
    statements: Names
    control: Names = frozenset()
    chained: Names = frozenset()
    identifiers: Names
    calls: Names = frozenset()
    assignments: Names = frozenset()
    returns: Names = frozenset()
    literals: Names = frozenset()
    throws: Names = frozenset()
    receivers: Names = frozenset()
    docstrings: bool = False


class LanguageTable(Table):
    """A language."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9+#.-]*$")]
    suffixes: Annotated[Texts, Field(min_length=1)]
    """Of its files, such as `.st`."""
    fence_labels: Texts = ()
    """Labels of code fences in a model's answer, in lower case; by default the name."""
    checker: CheckerTable
    diagnostics: DiagnosticsTable
    syntax: SyntaxTable = SyntaxTable()
    facts: FactsTable | None = None
    """Without it, triviality is not known."""
    stub: str | None = None
    """A completion that compiles and does nothing."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.facts is not None and self.syntax.grammar is None:
            raise ValueError("facts are told by a grammar: name one in syntax.grammar")
        wrong = next((s for s in self.suffixes if s[:1] != "."), None)
        if wrong is not None:
            raise ValueError(f"suffixes begin with a point: .{wrong}, not {wrong}")
        return self


def read_language_table(path: Path) -> LanguageTable:
    """The table in a TOML file.

    Raises:
        ConfigError: the file cannot be read, a key is unknown or a value is wrong; one line names it.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the language {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    try:
        return LanguageTable.model_validate(table)
    except ValidationError as error:
        raise ConfigError(f"{path}: {first_problem(error, LanguageTable)}") from error
