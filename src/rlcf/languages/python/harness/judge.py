"""The process of a test: it runs the test, and asks the program's process for what the test calls.

What comes back is plain data, or a `Remote` that stands for an object of the program's. So nothing of the program runs
here: it cannot change how the test compares, nor learn what the test expects.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from plain import Channel, ChannelBroken, Raised  # type: ignore[import-not-found]
from remote import Remote  # type: ignore[import-not-found]

_LONGEST_DETAIL = 500


def main() -> None:
    """Runs the test in a file, behind its preamble in another one, and writes one line of JSON: status and detail.

    Then comes what the test may have of the program: "data" or "objects" (see `Remote`). Further arguments are the
    names of Python's own that the program's task has given another meaning.
    """
    sys.set_int_max_str_digits(0)
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    told = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    test, preamble = (Path(name).read_bytes().decode("utf-8", "surrogatepass") for name in sys.argv[1:3])
    channel = _TestChannel(incoming, outgoing, _answer, Remote)
    channel.has_objects = sys.argv[3] == "objects"
    told.write("ready\n")
    told.flush()
    status, detail = _outcome(channel, preamble, test, frozenset(sys.argv[4:]))
    told.write(json.dumps([status, " ".join(detail.split())[:_LONGEST_DETAIL]]) + "\n")
    told.flush()
    os._exit(0)


def _outcome(channel: _TestChannel, preamble: str, test: str, shadowing: frozenset[str]) -> tuple[str, str]:
    try:
        channel.ask(load=True)
        names = _Names(channel, shadowing)
        names["__name__"] = "__main__"
        exec(compile(preamble, "preamble.py", "exec", dont_inherit=True), names)
        channel.share(names)
        exec(compile(test, "test.py", "exec", dont_inherit=True), names)
    except ChannelBroken as error:
        return "error", f"the program ended before its test did: {error}"
    except AssertionError as error:
        if not isinstance(error.__cause__, Raised):  # else the program's own
            return "failed", f"AssertionError: {_text(error.args)}" if error.args else "an assertion does not hold"
        return "error", f"AssertionError: {_text(error.args)}"
    except BaseException as error:
        name = error.name if isinstance(error, Raised) else type(error).__name__
        return ("memory" if name == "MemoryError" else "error"), f"{name}: {_text(error.args)}"
    return "passed", ""


def _text(arguments: Any) -> str:
    return ", ".join(a if isinstance(a, str) else repr(a) for a in arguments if isinstance(a, (str, int, float)))


def _answer(channel: Channel, request: dict[str, Any]) -> Any:
    """The program may call functions that it was given, and draw from iterators; nothing else of the test."""
    if "call" in request:
        return channel.kept(request["call"])(*channel.decoded(request["arguments"]))
    iterator = _iterators.setdefault(request["next"], iter(channel.kept(request["next"])))
    nothing = object()
    value = next(iterator, nothing)
    return [True, None] if value is nothing else [False, value]


_iterators: dict[int, Any] = {}


class _TestChannel(Channel):  # type: ignore[misc]
    """The test's end. Of a function or a class that both sides have by a name, the program is given its own."""

    has_objects = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._shared: dict[int, tuple[str, Any]] = {}

    def share(self, names: dict[str, Any]) -> None:
        """Says what both sides have."""
        self._shared = {id(value): (name, value) for name, value in names.items() if callable(value)}

    def encoded(self, value: Any) -> Any:
        name, _ = self._shared.get(id(value), (None, None))
        kind, theirs = ("nothing", None) if name is None else self.ask(name=name)
        return super().encoded(value if kind == "nothing" else theirs)


class _Names(dict[str, Any]):
    """The names of a test: its preamble's and its own, Python's, and then those of the program."""

    def __init__(self, channel: Channel, shadowing: frozenset[str]) -> None:
        super().__init__()
        self._channel, self._shadowing = channel, shadowing

    def __missing__(self, name: str) -> Any:
        if hasattr(builtins, name) and name not in self._shadowing:
            raise KeyError(name)
        kind, value = self._channel.ask(name=name)
        if kind == "nothing":
            raise KeyError(name)
        if isinstance(value, Remote):
            value._rlcf_open()
        self[name] = value
        return value


if __name__ == "__main__":
    main()
