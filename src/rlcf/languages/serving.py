"""The loop of a child that is a Python program: it answers each source with rows of diagnostics, as JSON."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable, Iterable

from rlcf.languages.places import Places, Unit
from rlcf.records import Diagnostic, Severity

_LENGTH = struct.Struct(">I")

Row = tuple[str, Severity, str, int | None]
"""Code, severity, message, and the offset of the place from 0; `None`: no place."""


def serve(diagnose: Callable[[str], Iterable[Row]]) -> None:
    """Answers requests until standard input ends. What `diagnose` prints goes to standard error."""
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    while header := requests.read(_LENGTH.size):
        source = requests.read(_LENGTH.unpack(header)[0]).decode("utf-8", "surrogatepass")
        reply = json.dumps(list(diagnose(source))).encode()
        replies.write(_LENGTH.pack(len(reply)) + reply)
        replies.flush()


def read_rows(source: str, reply: bytes, unit: Unit) -> tuple[Diagnostic, ...]:
    """The diagnostics of a reply, whose offsets are in `unit`."""
    places = Places(source)
    return tuple(
        places.diagnostic(code, severity, message, None if offset is None else places.of(offset, unit))
        for code, severity, message, offset in json.loads(reply)
    )
