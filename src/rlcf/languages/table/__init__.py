"""A language from a TOML table; `docs/language-tables.md` describes it."""

from __future__ import annotations

import importlib
import os
from functools import cache
from pathlib import Path

from rlcf.config.language_table import LanguageTable, read_language_table
from rlcf.config.languages import LanguageOptions
from rlcf.errors import ConfigError
from rlcf.languages.base import CHECKING, Checker, Language, Requirement, sandbox_requirement
from rlcf.languages.syntax import Grammar
from rlcf.languages.table.blocks import Blocks, ends_before, grammar_of
from rlcf.languages.table.checker import TableChecker, find_command, not_executable
from rlcf.records import Task
from rlcf.workers.command import run_command

_VERSION_TIMEOUT_S = 20.0
_VERSION_BYTES = 1 << 12
_VERSION_SHOWN = 200


class TableLanguage(Language):
    """What a table says of a language."""

    ends_with_text = True

    def __init__(self, path: Path) -> None:
        """Raises `ConfigError` where the table is wrong."""
        self._path = path
        self._table = table = read_language_table(path)
        self.name, self.suffixes, self.fence_labels = table.name, table.suffixes, table.fence_labels
        self._grammar = grammar_of(table)
        self._has_grammar = self._grammar is None or _is_installed(self._grammar, path)
        self._blocks = Blocks(table.syntax, self._grammar)
        if table.syntax.ends_before is not None:
            self.end_marks = ""
        elif table.syntax.blocks and self._has_grammar:
            self.end_marks = self._blocks.end_marks

    def checker(
        self,
        workers: int = 2,
        timeout_s: float = 10.0,
        options: LanguageOptions | None = None,  # noqa: ARG002 (a table has none)
    ) -> Checker:
        grammar = self._grammar if self._table.facts is not None and self._has_grammar else None
        return TableChecker(self._table, self._path, grammar, workers, timeout_s)

    def requirements(self) -> list[Requirement]:
        name, remedy = self._table.checker.command[0], self._table.checker.remedy
        found, file = find_command(self._table, self._path), not_executable(self._table, self._path)
        if file is not None:
            remedy = f"chmod +x {file}"
        told = None if found is None else f"{_version(found, self._table)}{found}"
        needs = [Requirement(name, told, remedy, CHECKING), sandbox_requirement(CHECKING)]
        if self._grammar is not None:
            module = self._grammar.module
            remedy = f"pip install tree-sitter {module.replace('_', '-')}"
            needs.append(Requirement(module, module if self._has_grammar else None, remedy, "ends of programs"))
        return needs

    def program_end(self, context: str, completion: str, suffix: str = "") -> int | None:
        if self._table.syntax.ends_before is not None:
            return ends_before(self._table.syntax.ends_before, completion, f"{self._path}: syntax.ends_before")
        return None if self.end_marks is None else self._blocks.program_end(context, completion, suffix)

    def closing(self, source: str) -> str:
        return "" if self.end_marks is None else self._blocks.closing(source)

    def stub(self, task: Task) -> str | None:  # noqa: ARG002
        return self._table.stub


def load_table(name: str) -> TableLanguage:
    """The language of a table's file. The file is read again when it has changed.

    Raises:
        ConfigError: see `read_language_table`.
    """
    path = Path(name)
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise ConfigError(f"cannot read the language {path}: {os.strerror(error.errno or 0)}") from error
    return _loaded(path, str(path.absolute()), changed)


@cache
def _loaded(path: Path, whole: str, changed: int) -> TableLanguage:  # noqa: ARG001 (what tells one table from another)
    return TableLanguage(path)


def _is_installed(grammar: Grammar, path: Path) -> bool:
    """Whether a grammar is there. Raises `ConfigError` where its module has no function that gives one."""
    try:
        module = importlib.import_module(grammar.module)
        from tree_sitter import Language as SyntaxLanguage
    except ImportError:
        return False
    function = getattr(module, grammar.function, None)
    if not callable(function):
        known = ", ".join(name for name in dir(module) if name.startswith("language"))
        raise ConfigError(f"{path}: {grammar.module} has no function {grammar.function!r}: it has {known or 'none'}")
    try:
        given = function()
        if type(given).__name__ != "PyCapsule":  # of a number, tree-sitter would make an address
            raise TypeError(f"it gives {given!r}")
        SyntaxLanguage(given)
    except Exception as error:
        named = f"{grammar.module}:{grammar.function}"
        raise ConfigError(f"{path}: syntax.grammar names {named}, which is no grammar: {error}") from error
    return True


def _version(command: Path, table: LanguageTable) -> str:
    """The first line that it tells, followed by `in `; nothing where it tells none."""
    if not table.checker.version:
        return ""
    try:
        told = run_command(
            [str(command), *table.checker.version],
            b"",
            timeout_s=_VERSION_TIMEOUT_S,
            ready_mark=b"",
            start_timeout_s=_VERSION_TIMEOUT_S,
            environment=os.environ,
            kept_bytes=_VERSION_BYTES,
            keeps_head=True,
        )
    except OSError:
        return ""
    lines = told.output.decode("utf-8", "replace").strip().splitlines()
    return f"{lines[0][:_VERSION_SHOWN]} in " if told.returncode == 0 and lines else ""
