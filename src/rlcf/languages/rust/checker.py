"""Verdicts on Rust programs from rustc: types and borrowing, without code for a machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from rlcf.config.languages import RustOptions
from rlcf.errors import UserError
from rlcf.languages.command import Command, CommandChecker
from rlcf.languages.functions import facts_of
from rlcf.languages.places import Places
from rlcf.languages.rust.syntax import GRAMMAR
from rlcf.languages.rust.toolchain import find_rust
from rlcf.records import Diagnostic, MethodFacts, Severity

_FILE = "main.rs"
_SEVERITIES: dict[str, Severity] = {"error": "error", "warning": "warning"}
_CRASH = "error: internal compiler error"
_QUOTED = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"")
_HEAD_ENDS = re.compile(r"[,:;(]| found ")
_LIBRARY = re.compile(r"lib(\w+?)(?:-[0-9a-f]+)?\.(?:rlib|rmeta|so)\Z")
_WORDS = 8


class RustChecker(CommandChecker):
    """One compiler for each program; lints are off, so that none rejects."""

    tool = "rustc"
    target: ClassVar[tuple[str, ...]] = ("--crate-type=lib",)
    """What a program is taken for: a library needs no `main`."""
    right = "use std::collections::HashMap;\n\npub fn f(x: i32) -> HashMap<i32, i32> {\n    [(x, x)].into()\n}\n"

    def __init__(self, workers: int, timeout_s: float, options: RustOptions) -> None:
        """See `Language.checker`."""
        rust = find_rust()
        arguments = [*rust.arguments(), *checking(options), *self.target, "--emit=metadata", _FILE]
        readable = (*rust.readable(), *(path.resolve().parent for path in options.extern))
        super().__init__(Command(tuple(arguments), _FILE, readable, rust.environment()), workers, timeout_s)

    def diagnostics(self, source: str, output: str) -> tuple[Diagnostic, ...] | None:
        try:
            found = list(_messages(output))
        except ValueError:  # rustc was ended while it wrote
            return None
        if any(each["level"] == _CRASH for each in found):
            return None
        places = Places(source)
        return tuple(_diagnostic(each, places) for each in found if each["level"] in _SEVERITIES and not _sums_up(each))

    def facts(self, source: str) -> tuple[MethodFacts, ...] | None:
        return facts_of(source, GRAMMAR)


def checking(options: RustOptions) -> list[str]:
    """The compiler's options, those that name libraries among them."""
    told = [f"--edition={options.edition}", "--error-format=json", "--cap-lints=allow"]
    for path in options.extern:
        name = _LIBRARY.fullmatch(path.name)
        if not path.is_file() or name is None:
            raise UserError(f"no library of Rust: {path} is not there, or its name is not like libNAME.rlib")
        told += ["--extern", f"{name[1]}={path.resolve()}", "-L", f"dependency={path.resolve().parent}"]
    return told


def code_of(message: str) -> str:
    """A stable key of a message that has no code: its words, without what it quotes."""
    head = _HEAD_ENDS.split(_QUOTED.sub(" ", message), maxsplit=1)[0]
    return "-".join(re.findall(r"[a-z]+", head.lower())[:_WORDS]) or "error"


def _messages(output: str) -> Iterator[dict[str, Any]]:
    for line in output.split("\n"):  # a message shows the program, which may have other line ends
        if line.startswith(('{"$message_type":"diagnostic"', '{"message":')):
            yield _message(line)


def _message(line: str) -> dict[str, Any]:
    try:
        message: dict[str, Any] = json.loads(line)
    except RecursionError:  # of macros that use each other; the message itself stands before the places
        message = json.loads(line.partition('"spans":[')[0] + '"spans":[]}')
    return message


def _sums_up(message: dict[str, Any]) -> bool:
    """Whether it only counts the errors before it."""
    return not message["spans"] and message["code"] is None and message["message"].startswith("aborting due to")


def _diagnostic(message: dict[str, Any], places: Places) -> Diagnostic:
    code = message["code"]["code"] if message["code"] else code_of(message["message"])
    start = next((_start(span) for span in message["spans"] if span["is_primary"]), None)
    offset = None if start is None else places.of(start, "byte")
    return places.diagnostic(code, _SEVERITIES[message["level"]], message["message"], offset)


def _start(span: dict[str, Any] | None) -> int | None:
    """Where a place starts in the program, in bytes: within a macro of another file, where it was used."""
    while span is not None and span["file_name"] != _FILE:
        expansion = span["expansion"]
        span = expansion["span"] if expansion else None
    return None if span is None else int(span["byte_start"])
