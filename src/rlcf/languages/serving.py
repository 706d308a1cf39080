"""The loop of a child that is a Python program: it answers each source with rows of diagnostics, as JSON."""

from __future__ import annotations

import json
import resource
import struct
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from rlcf.languages.places import Places, Unit
from rlcf.records import Diagnostic, Severity
from rlcf.workers.child import Child
from rlcf.workers.sandbox import find_sandbox

_LENGTH = struct.Struct(">I")

Row = tuple[str, Severity, str, int | None]
"""Code, severity, message, and the offset of the place from 0; `None`: no place."""


def serve(diagnose: Callable[[str], Iterable[Row]]) -> None:
    """Answers requests with rows; see `serve_answers`."""
    serve_answers(lambda source: json.dumps(list(diagnose(source))))


def serve_answers(answer: Callable[[str], str]) -> None:
    """Answers requests until standard input ends. What `answer` prints goes to standard error."""
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    while header := requests.read(_LENGTH.size):
        source = requests.read(_LENGTH.unpack(header)[0]).decode("utf-8", "surrogatepass")
        reply = answer(source).encode()
        replies.write(_LENGTH.pack(len(reply)) + reply)
        replies.flush()


def read_rows(source: str, reply: bytes, unit: Unit) -> tuple[Diagnostic, ...]:
    """The diagnostics of a reply, whose offsets are in `unit`."""
    places = Places(source)
    return tuple(
        places.diagnostic(code, severity, message, None if offset is None else places.of(offset, unit))
        for code, severity, message, offset in json.loads(reply)
    )


def start_server(module: str, *arguments: str, sandbox: bool = False) -> Child:
    """A child that runs a module of this very rlcf, whose `main` calls `serve`.

    It sees nothing of the environment but the path of its own package.

    Raises:
        OSError: it cannot be started.
        SandboxUnavailable: there is no sandbox, and it is to run in one.
    """
    root = Path(__file__).resolve().parents[2]
    environment = {"PYTHONPATH": str(root), "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-s", "-B", "-m", module, *arguments]
    if sandbox:
        readable = list(dict.fromkeys([Path(sys.base_prefix), Path(sys.prefix), root]))
        command = find_sandbox().command(command, readable, environment=environment)
    return Child(command, environment)


def renounce(memory_mib: int) -> None:
    """Gives up what checking a text does not need: to open files, and more than `memory_mib` MiB of memory.

    Standard input and output stay open.
    """
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (memory_mib << 20, memory_mib << 20))
