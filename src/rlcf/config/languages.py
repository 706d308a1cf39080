"""The options of a language: the `[language]` table, whose key `name` says which of these it is.

A language that has options of its own adds a table here; one that has none uses `LanguageOptions`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, PlainSerializer

from rlcf.config.table import Table, keyed_by_name

_Path = Annotated[Path, PlainSerializer(str), Field(strict=False)]
"""A path that is text in TOML and JSON."""
_Paths = Annotated[tuple[_Path, ...], Field(strict=False)]


def jars_in(folder: Path) -> list[Path]:
    """The jars in a folder, sorted; none where it is no folder."""
    if not os.path.isdir(folder):  # noqa: PTH112 - also of a name that is too long
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() == ".jar" and path.is_file())


def _each_jar(class_path: tuple[Path, ...]) -> tuple[Path, ...]:
    jars = {path: jars_in(path.parent) if path.name == "*" else [path] for path in class_path}
    for path, found in jars.items():
        if not found:
            raise ValueError(f"no jar in {path.parent}: {path} on the class path stands for those there")
    return tuple(jar for path in class_path for jar in jars[path])


_ClassPath = Annotated[_Paths, AfterValidator(_each_jar)]
"""Jars and folders of classes. `FOLDER/*` stands for the jars in a folder, as for `javac`."""


class LanguageOptions(Table):
    """What every language has."""

    name: str
    """A name in the language registry."""


class JavaOptions(LanguageOptions):
    """The project that Java programs are checked as a part of, as it is on disk when the checker starts."""

    name: Literal["java"] = "java"
    class_path: _ClassPath = ()
    """Compiled code: archives (jars) and folders of classes. `lib/*` stands for the jars in `lib`."""
    source_path: _Paths = ()
    """Folders of sources. A program replaces the file of its own name there."""
    release: int | None = Field(None, ge=1, le=1000)
    """The version of Java to check for, such as 11; by default the version of the JDK."""
    limit_modules: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """The JDK's modules that programs see, such as `java.sql`; what these require is added. Empty: all of them."""


class PythonOptions(LanguageOptions):
    """What Python programs are checked for, and what they may import."""

    name: Literal["python"] = "python"
    strictness: Literal["syntax", "names", "types"] = "types"
    """What rejects a program: errors of syntax; unknown names and modules, too; or all that ty calls an error. What
    does not reject is a warning."""
    version: str = Field("3.12", pattern=r"^3\.\d+$")
    """Of the language."""
    environment: Annotated[Path, PlainSerializer(str), Field(strict=False)] | None = None
    """A virtual environment with the packages that programs may import; by default the standard library alone."""
    search_path: _Paths = ()
    """Folders of modules and stubs."""
    suppressions: bool = False
    """Whether comments such as `# type: ignore` silence ty. A policy would learn to write them, so they do not."""
    project: Annotated[Path, PlainSerializer(str), Field(strict=False)] | None = None
    """A source tree that programs are parts of: a folder, or what `rlcf tasks mine` has kept of it. A program with a
    path stands in the place of the file there."""
    roots: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Folders in the project where imports start; empty: the project itself."""


class GoOptions(LanguageOptions):
    """What Go programs may import beside the standard library."""

    name: Literal["go"] = "go"
    module: Annotated[Path, PlainSerializer(str), Field(strict=False)] | None = None
    """The folder of a module (with its `go.mod`): programs are checked as if they stood there, in its version of Go."""


class RustOptions(LanguageOptions):
    """The edition that Rust programs are written in, and what they may use beside the standard library."""

    name: Literal["rust"] = "rust"
    edition: Literal["2015", "2018", "2021", "2024"] = "2021"
    extern: _Paths = ()
    """Compiled libraries (`libNAME.rlib`), each of which programs may use by its name."""


class NodeOptions(LanguageOptions):
    """What TypeScript and JavaScript have in common."""

    tsconfig: Annotated[Path, PlainSerializer(str), Field(strict=False)] | None = None
    """A project's settings, which hold in place of rlcf's; its packages can be imported."""
    search_path: _Paths = ()
    """Folders of packages, such as `node_modules`; the types in their `@types` are known without an import."""
    suppressions: bool = False
    """Whether comments such as `@ts-ignore` silence the compiler. A policy in training would learn to write them."""
    compiler: Annotated[Path, PlainSerializer(str), Field(strict=False)] | None = None
    """The program `tsc` of TypeScript 7 or newer; by default that of this environment, or else the one on the path."""


class TypeScriptOptions(NodeOptions):
    """How strictly TypeScript programs are checked, and what they may import."""

    name: Literal["typescript"] = "typescript"
    strictness: Literal["syntax", "types", "strict"] | None = None
    """What rejects a program: errors of syntax; those of types, too; or with the compiler's `strict`, too. By default
    `strict`, as the compiler's own default is, or what `tsconfig` says."""
    project: Annotated[Path, PlainSerializer(str), Field(strict=False)] | None = None
    """A source tree that programs are parts of: a folder, or what `rlcf tasks mine` has kept of it. A program with a
    path stands in the place of the file there. Its own settings hold, `tsconfig` where there are several."""


class JavaScriptOptions(NodeOptions):
    """How strictly JavaScript programs are checked, and what they may import."""

    name: Literal["javascript"] = "javascript"
    strictness: Literal["syntax", "types"] = "types"
    """What rejects a program: errors of syntax; or names and types that the compiler finds to be wrong, too."""


_Defines = Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(=.*)?$")], ...], Field(strict=False)]
"""Macros of a preprocessor: `NAME` or `NAME=TEXT`."""


class ClangOptions(LanguageOptions):
    """What C and C++ programs are checked with."""

    standard: str
    """Of the language; by default that of gcc and g++."""
    include_path: _Paths = ()
    """Folders of headers; programs see these and the system's."""
    defines: _Defines = ()
    suppressions: bool = False
    """Whether pragmas for diagnostics, and markers of system headers, silence the compiler."""


class COptions(ClangOptions):
    """What C programs are checked with."""

    name: Literal["c"] = "c"
    standard: Literal["c99", "c11", "c17", "c23", "gnu99", "gnu11", "gnu17", "gnu23"] = "gnu17"


class CppOptions(ClangOptions):
    """What C++ programs are checked with."""

    name: Literal["cpp"] = "cpp"
    standard: Literal[
        "c++11", "c++14", "c++17", "c++20", "c++23", "gnu++11", "gnu++14", "gnu++17", "gnu++20", "gnu++23"
    ] = "gnu++17"


class KotlinOptions(LanguageOptions):
    """What Kotlin programs may use beside the standard library, and whether they may silence the compiler."""

    name: Literal["kotlin"] = "kotlin"
    class_path: _ClassPath = ()
    """Compiled code: archives (jars) and folders of classes. `lib/*` stands for the jars in `lib`."""
    suppressions: bool = False
    """Whether `@Suppress` silences errors. A policy in training would learn to write it."""


class SystemVerilogOptions(LanguageOptions):
    """What SystemVerilog programs are checked with."""

    name: Literal["systemverilog"] = "systemverilog"
    include_path: _Paths = ()
    """Folders of headers for `` `include``. Programs see no other files."""
    defines: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(=.*)?$")], ...], Field(strict=False)] = ()
    """Macros: `NAME` or `NAME=TEXT`."""
    top: str | None = Field(None, pattern=r"^[A-Za-z_][\w$]*$")
    """The module at the top of the design, which must be there; by default each that no other one uses."""
    implicit_nets: bool = False
    """Whether a name that is not declared may stand for a wire of one bit, as the standard has it. By default it
    rejects: a misspelt name would be such a wire."""


class SqlOptions(LanguageOptions):
    """The database that SQL programs are written for."""

    name: Literal["sql"] = "sql"
    schema_path: Annotated[Path, PlainSerializer(str), Field(strict=False)] | None = None
    """A file of statements that make the tables; by default there are those that a program makes itself."""


LANGUAGE_TABLES: dict[str, type[LanguageOptions]] = {
    "c": COptions,
    "cpp": CppOptions,
    "java": JavaOptions,
    "python": PythonOptions,
    "go": GoOptions,
    "rust": RustOptions,
    "typescript": TypeScriptOptions,
    "javascript": JavaScriptOptions,
    "kotlin": KotlinOptions,
    "sql": SqlOptions,
    "systemverilog": SystemVerilogOptions,
    "": LanguageOptions,
}
"""The table of each language that has options of its own; the last one is that of all others."""

if TYPE_CHECKING:
    LanguageConfig = LanguageOptions
else:
    LanguageConfig = keyed_by_name(LANGUAGE_TABLES, default="java", other="")
