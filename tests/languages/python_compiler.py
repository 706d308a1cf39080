"""The child process of `python_language.py`: a program in, what `compile` reports of it out, as JSON.

Frames are those of `rlcf.workers.child`: a length of 4 bytes, big-endian, and that many bytes.
"""

from __future__ import annotations

import ast
import json
import re
import struct
import sys
import warnings

_LENGTH = struct.Struct(">I")
_REFUSALS = (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError)
"""All that `compile` raises because of the program it was given."""


def diagnose(source: str) -> list[tuple[str, str, str, int, int]]:
    """Code, severity, message, line and column of each diagnostic; line and column from 1, 0 where there is no place.

    Nothing of the program is run.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            compile(source, "<program>", "exec", dont_inherit=True)
            errors = []
        except _REFUSALS as error:
            errors = [(type(error).__name__, "error", getattr(error, "msg", str(error)), *_place(error, source))]
    return errors + [(w.category.__name__, "warning", str(w.message), w.lineno, 1) for w in caught]


def _place(error: BaseException, source: str) -> tuple[int, int]:
    if not isinstance(error, SyntaxError) or not error.lineno:
        return 0, 0
    column = max(error.offset or 1, 1)
    if _parses(source):  # the parser counts characters, what follows it counts bytes of UTF-8
        line = re.split(r"\r\n|\r|\n", source)[error.lineno - 1]
        column = len(line.encode()[: column - 1].decode("utf-8", "ignore")) + 1
    return error.lineno, column


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except _REFUSALS:
        return False
    return True


def main() -> None:
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    while header := requests.read(_LENGTH.size):
        source = requests.read(_LENGTH.unpack(header)[0]).decode("utf-8", "surrogatepass")
        reply = json.dumps(diagnose(source)).encode()
        replies.write(_LENGTH.pack(len(reply)) + reply)
        replies.flush()


if __name__ == "__main__":
    main()
