"""Verdicts from the command that a table names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from rlcf.config.language_table import LanguageTable
from rlcf.errors import CheckerUnavailable, ConfigError
from rlcf.languages.command import OUTPUT_BYTES, UNREAD, Command, CommandChecker, Ended
from rlcf.languages.functions import facts_of
from rlcf.languages.places import Places
from rlcf.languages.syntax import Grammar
from rlcf.languages.table.reading import read_diagnostics
from rlcf.records import Diagnostic, MethodFacts, Verdict

_SHOWN = 200
"""Characters of an output that a message shows."""
_READ_BYTES = 1 << 18
"""Bytes of an output that a pattern reads. JSON is read faster, and as a whole."""


class TableChecker(CommandChecker):
    """A process for each program."""

    def __init__(
        self, table: LanguageTable, path: Path, grammar: Grammar | None, workers: int, timeout_s: float
    ) -> None:
        """See `Language.checker`.

        Args:
            path: of the table, for messages, and for what it names beside itself.
            grammar: `None` where functions are not known.
        """
        self._table, self._path, self._grammar = table, path, grammar
        self.tool, self.right = table.checker.command[0], table.checker.right
        super().__init__(_command(table, path), workers, timeout_s)

    def diagnostics(self, source: str, output: str) -> tuple[Diagnostic, ...] | None:
        found = read_diagnostics(source, output, self._table, self._path)
        return None if found is None else tuple(found)

    def facts(self, source: str) -> tuple[MethodFacts, ...] | None:
        return None if self._grammar is None else facts_of(source, self._grammar)

    def verdict(self, source: str, ended: Ended) -> Verdict | None:
        read = self.diagnostics(source, ended.written)
        found = read or ()
        if any(d.severity == "error" for d in found):
            return Verdict("rejected", found, self.facts(source))
        accepts, rejects = self._table.checker.accepts, self._table.checker.rejects
        if ended.status in accepts and read is None and not ended.cut:
            return None  # an error may stand in what cannot be read
        if ended.status in accepts or (ended.cut and ended.status in rejects):
            return self.without_errors(source, ended, found)
        if ended.status in rejects:
            unread = Places(source).diagnostic(
                UNREAD, "error", f"{self._way} reads no error in {_shown(ended.written)}", None
            )
            return Verdict("rejected", (unread, *found), self.facts(source))
        return None

    @property
    def _way(self) -> str:
        return "diagnostics.paths" if self._table.diagnostics.pattern is None else "diagnostics.pattern"

    def _try_out(self) -> None:
        """Tries the table's two programs: what is wrong with the table shows here.

        Raises:
            ConfigError: the command does not say what the table expects.
            CheckerUnavailable: it does not come to an end, or does not start.
        """
        checker = self._table.checker
        for key, source in (("right", checker.right), ("wrong", checker.wrong)):
            ended = self._started(source)
            if ended.status is None:
                raise CheckerUnavailable(f"{self.tool} does not come to an end with checker.{key} of {self._path}")
            verdict = self.verdict(source, ended)
            told = f"{self.tool} ended with status {ended.status} and wrote {_shown(ended.written)}"
            if verdict is None and ended.status in checker.accepts:
                raise ConfigError(
                    f"{self._path}: diagnostics.paths finds no JSON in what {self.tool} wrote for checker.{key}: "
                    f"{_shown(ended.written)}"
                )
            if verdict is None:
                raise ConfigError(
                    f"{self._path}: {told} for checker.{key}: name the status in checker.accepts or checker.rejects"
                )
            if verdict.accepted != (key == "right"):
                wanted = "accepted" if key == "right" else "rejected"
                raise ConfigError(
                    f"{self._path}: checker.{key} is not {wanted}: {told}: correct the program, {self._way} or "
                    "diagnostics.severities"
                )
            if any(d.code == UNREAD for d in verdict.diagnostics):
                pattern = self._table.diagnostics.pattern
                way = self._way if pattern is None else f"{self._way} = {pattern!r}"
                raise ConfigError(
                    f"{self._path}: {way} reads no error in what {self.tool} wrote: {_shown(ended.written)}"
                )


def find_command(table: LanguageTable, path: Path) -> Path | None:
    """The table's program: on the path, or beside the table where its name has a `/`."""
    name = table.checker.command[0]
    found = shutil.which(str(path.parent.absolute() / name) if "/" in name else name)
    return None if found is None else Path(found)


def not_executable(table: LanguageTable, path: Path) -> Path | None:
    """The table's program where it is a file beside the table that cannot be executed."""
    name = table.checker.command[0]
    file = path.parent.absolute() / name
    return file if "/" in name and file.is_file() and find_command(table, path) is None else None


def _command(table: LanguageTable, path: Path) -> Command:
    """Raises `CheckerUnavailable` where the program is missing, `ConfigError` where the table names it wrong."""
    checker = table.checker
    found, file = find_command(table, path), not_executable(table, path)
    if file is not None:
        raise ConfigError(f"{path}: checker.command names {file}, which is not executable: chmod +x {file}")
    if found is None:
        raise CheckerUnavailable(f"{checker.command[0]} is not installed. To get it: {checker.remedy}")
    named = [_readable(each, path) for each in checker.readable]
    return Command(
        arguments=(str(found), *checker.command[1:]),
        file=checker.file,
        readable=tuple(dict.fromkeys((found, found.resolve(), *named))),
        environment=checker.environment,
        memory_mib=checker.memory_mib,
        output_bytes=OUTPUT_BYTES if table.diagnostics.pattern is None else _READ_BYTES,
    )


def _readable(name: str, path: Path) -> Path:
    """A file or folder that a table names. Raises `ConfigError` where it is not there, or takes the place of /tmp."""
    try:
        named = path.parent.absolute() / Path(name).expanduser()
    except RuntimeError as error:
        raise ConfigError(f"{path}: checker.readable names {name!r}: {error}") from error
    if not os.path.exists(named):  # noqa: PTH110 - also of a name that is too long
        raise ConfigError(f"{path}: checker.readable names {named}, which is not there")
    if Path("/tmp").is_relative_to(os.path.normpath(named)):
        raise ConfigError(f"{path}: checker.readable names {named}, which is or holds /tmp, where programs are put")
    return named


def _shown(written: str) -> str:
    text = written.strip()
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…") if text else "nothing"
