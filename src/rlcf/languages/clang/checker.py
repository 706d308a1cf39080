"""Verdicts on C and C++ programs from libclang."""

from __future__ import annotations

import importlib.util
import json
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rlcf.config.languages import ClangOptions
from rlcf.errors import CheckerUnavailable, UserError
from rlcf.languages.clang import suppressions
from rlcf.languages.clang.facts import GRAMMARS
from rlcf.languages.clang.headers import COMPILERS, find_compiler, header_folders
from rlcf.languages.functions import facts_of
from rlcf.languages.pooled import PooledChecker
from rlcf.languages.serving import read_rows
from rlcf.records import Diagnostic, MethodFacts
from rlcf.workers.child import Child
from rlcf.workers.sandbox import find_sandbox

REMEDY = "pip install 'rlcf[languages]'"
_SERVER = "rlcf.languages.clang.server"
_MEMORY_MIB = 2048
_SCRATCH_MIB = 320
_OPTIONS = ["-nostdinc", "-fno-spell-checking", "-ferror-limit=20", "-fno-caret-diagnostics"]
_OF_C = [
    f"-Werror={name}"
    for name in ("implicit-function-declaration", "implicit-int", "int-conversion", "incompatible-pointer-types")
]
"""What gcc refuses since version 14, and older ones only warn of."""


class ClangChecker(PooledChecker):
    """Each worker is a process with libclang in it, in a sandbox."""

    tool = "libclang"
    right = "int main(void) { return 0; }\n"

    def __init__(self, language: str, workers: int, timeout_s: float, options: ClangOptions) -> None:
        """See `Language.checker`; `language` is clang's name: `c` or `c++`."""
        self._grammar, self._suppressions = GRAMMARS[language], options.suppressions
        command = server_command(language, options)
        super().__init__(lambda: Child(command), workers, timeout_s)

    def encoded(self, source: str) -> bytes:
        return super().encoded(source if self._suppressions else suppressions.without_suppressions(source))

    def diagnostics(self, source: str, answer: bytes) -> tuple[Diagnostic, ...]:
        return read_rows(source, answer, "byte")

    def facts(self, source: str) -> tuple[MethodFacts, ...] | None:
        return facts_of(source, self._grammar)


def is_installed() -> bool:
    """Whether libclang's package is there."""
    return importlib.util.find_spec("clang.cindex") is not None if importlib.util.find_spec("clang") else False


def server_command(language: str, options: ClangOptions) -> list[str]:
    """The command that starts a worker. It sees Python with its packages, and folders of headers.

    Raises:
        CheckerUnavailable: libclang or the headers are missing.
        SandboxUnavailable: it cannot be confined.
        UserError: a folder of the include path is not there.
    """
    if not is_installed():
        raise CheckerUnavailable(f"libclang, which checks C and C++, is not installed. To get it: {REMEDY}")
    own = _folders_of(options.include_path)
    headers = _folders_of_system(language)
    arguments = [
        *_OPTIONS,
        *(_OF_C if language == "c" else ["-nostdinc++"]),
        f"-std={options.standard}",
        *(f"-D{each}" for each in options.defines),
        *(() if options.suppressions else suppressions.OPTIONS),
        *(f"-I{folder}" for folder in own),
        *(part for folder in headers for part in ("-isystem", str(folder))),
    ]
    folders = [str(folder) for folder in (*own, *headers)]
    python = [str(Path(sys.executable).resolve()), "-P", "-s", "-B", "-m", _SERVER]
    packages = list(dict.fromkeys([Path(__file__).parents[3], *(Path(sysconfig.get_path(p)) for p in _PACKAGES)]))
    environment = {"PYTHONPATH": ":".join(map(str, packages)), "LANG": "C.UTF-8"}
    readable = [Path(sys.base_prefix), Path(__file__).parents[2], *packages[1:], *own, *headers]
    sandbox = replace(find_sandbox(), scratch_mib=_SCRATCH_MIB)
    command = [*python, language, json.dumps(arguments), json.dumps(folders)]
    return sandbox.command(command, list(dict.fromkeys(readable)), _MEMORY_MIB, environment=environment)


_PACKAGES = ("purelib", "platlib")


def _folders_of(include_path: Sequence[Path]) -> list[Path]:
    for folder in include_path:
        if not folder.is_dir():
            raise UserError(f"no such folder on the include path: {folder}")
    return [folder.resolve() for folder in include_path]


def _folders_of_system(language: str) -> tuple[Path, ...]:
    name, remedy = COMPILERS[language]
    compiler = find_compiler(name)
    folders = header_folders(compiler, language) if compiler else ()
    if not folders:
        raise CheckerUnavailable(f"there are no headers of {name}. To get them: {remedy}")
    return folders
