"""The Kotlin server as Python sees it: a child that compiles many programs at once; see `server/KotlinServer.java`."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from rlcf.config.languages import KotlinOptions
from rlcf.languages.java.build import clean_environment, compiled
from rlcf.languages.java.compile_server import JVM_OPTIONS
from rlcf.languages.java.jdk import find_jdk
from rlcf.languages.kotlin.compiler import find_compiler
from rlcf.workers.child import Child, ChildDied, ChildTimeout
from rlcf.workers.pool import Batching

_HERE = Path(__file__).parent
_LENGTH = struct.Struct(">I")
BATCHING = Batching(largest=64, each=1)
"""A compilation costs as much as some ten programs in it do, whatever is in it."""
_EACH_S = 1.0
"""How much longer a batch may take for each program in it."""


class KotlinChild(Child):
    """A server that is sent the programs of a request together.

    Args:
        suspects: programs that were in a batch that a server did not survive. They are sent alone. All servers of a
            checker share the set.
    """

    def __init__(self, command: Sequence[str], suspects: set[bytes]) -> None:
        super().__init__(command, clean_environment())
        self._suspects = suspects

    def request_all(self, payloads: Sequence[bytes], timeout_s: float) -> Iterator[bytes]:
        """See `Child.request_all`."""
        for batch in self._batches(payloads):
            frame = b"".join(_LENGTH.pack(len(payload)) + payload for payload in batch)
            try:
                (reply,) = super().request_all([frame], timeout_s + (len(batch) - 1) * _EACH_S)
            except (ChildDied, ChildTimeout):
                self._suspects.update(batch if len(batch) > 1 else ())
                raise
            yield from _blocks(reply)

    def _batches(self, payloads: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
        batch: list[bytes] = []
        for payload in payloads:
            if payload in self._suspects:
                if batch:
                    yield batch
                yield [payload]
                batch = []
            else:
                batch.append(payload)
        if batch:
            yield batch


def server_command(options: KotlinOptions) -> list[str]:
    """The command that starts a server. Compiles the server's sources the first time.

    Raises:
        CheckerUnavailable: no usable JDK or compiler.
    """
    jdk, kotlin = find_jdk(), find_compiler()
    json = _HERE.parent / "java" / "server" / "Json.java"
    sources = [*sorted((_HERE / "server").glob("*.java")), json]
    classes = compiled(jdk, f"kotlin-{kotlin.version}", sources, ("-cp", str(kotlin.jar)))
    class_path = os.pathsep.join(str(path.absolute()) for path in options.class_path)
    levels = [] if options.suppressions else ["ERROR_SUPPRESSION:error"]
    path = os.pathsep.join([str(classes), str(kotlin.jar)])
    return [str(jdk.java), *JVM_OPTIONS, "-cp", path, "KotlinServer", str(kotlin.home), class_path, *levels]


def _blocks(reply: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(reply):
        start = at + _LENGTH.size
        at = start + _LENGTH.unpack_from(reply, at)[0]
        yield reply[start:at]
