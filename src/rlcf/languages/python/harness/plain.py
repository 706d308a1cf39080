"""Values and calls as they cross between the process of a program and that of its test.

Only plain data crosses: numbers, texts and containers of them are rebuilt on the other side, so that no code of the
program is there. Any other object stays where it is, and the other side gets a number that stands for it. A message is
a line of JSON: a request, or the answer to the last request that has none yet. Standard library only: this runs in the
sandbox, without rlcf.
"""

from __future__ import annotations

import collections
import datetime
import decimal
import dis
import fractions
import json
from collections.abc import Callable
from typing import IO, Any

_LONGEST_LINE = 1 << 26
_EXACT = (type(None), bool, str, int)
LONG = 1 << 13
"""Bits of an integer that Python may refuse to write or read as decimal digits."""
_SEQUENCES: dict[str, type] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
_SEQUENCES["deque"] = collections.deque
_TEXTS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    "float": (float, float.__repr__, float),
    "complex": (complex, complex.__repr__, complex),
    "bytes": (bytes, lambda b: bytes.decode(b, "latin-1"), lambda t: t.encode("latin-1")),
    "bytearray": (bytearray, lambda b: bytes(b).decode("latin-1"), lambda t: bytearray(t.encode("latin-1"))),
    "decimal": (decimal.Decimal, decimal.Decimal.__str__, decimal.Decimal),
    "fraction": (fractions.Fraction, fractions.Fraction.__str__, fractions.Fraction),
    "datetime": (datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    "date": (datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    "time": (datetime.time, datetime.time.isoformat, datetime.time.fromisoformat),
}
"""Tag → type, how its values are written, how they are read."""
_PLAIN_TYPES = (bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, type(None))
_TYPES = {plain.__name__: plain for plain in _PLAIN_TYPES}
"""Types that both sides have."""


class ChannelBroken(Exception):
    """The other side sent something that is no message, or has ended."""


class Raised(Exception):
    """What was called on the other side raised an exception: its class, its base classes, its arguments.

    `on_purpose`: a `raise` of the program's raised it.
    """

    def __init__(self, name: str, bases: list[str], arguments: list[Any], on_purpose: bool = False) -> None:
        super().__init__(name, *arguments)
        self.name, self.bases, self.arguments, self.on_purpose = name, bases, arguments, on_purpose


class Channel:
    """One end of the channel.

    Args:
        answer: does what a request asks for.
        stand_in: what stands for an object of the other side, given its number.
    """

    def __init__(
        self,
        incoming: IO[bytes],
        outgoing: IO[bytes],
        answer: Callable[[Channel, dict[str, Any]], Any],
        stand_in: Callable[[Channel, int], Any],
    ) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._answer, self._stand_in = answer, stand_in
        self._kept: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}

    def ask(self, /, **request: Any) -> Any:
        """What a request comes to; requests of the other side are answered meanwhile. Raises `Raised`."""
        self._send({"request": request})
        while True:
            message = self._receive()
            if message is None:
                raise ChannelBroken("it has ended")
            if "request" in message:
                self._serve(message["request"])
            elif "raised" in message:
                name, bases, arguments, on_purpose = message["raised"]
                values = [self.decoded(a) for a in arguments]
                raise Raised(str(name), [str(b) for b in bases], values, on_purpose is True)
            else:
                return self.decoded(message.get("result"))

    def serve(self) -> None:
        """Answers requests until the other side has ended."""
        while (message := self._receive()) is not None:
            self._serve(message.get("request", {}))

    def kept(self, number: Any) -> Any:
        """The object of this side that a number stands for."""
        return self._kept[number]

    def encoded(self, value: Any) -> Any:
        """A value as JSON."""
        kind = type(value)
        if kind is int and value.bit_length() > LONG:
            return {"long": hex(value)}
        if kind in _EXACT:
            return value
        for tag, (plain, write, _) in _TEXTS.items():
            if isinstance(value, plain):
                return {tag: write(value)}
        for tag, plain in _SEQUENCES.items():
            if isinstance(value, plain):
                return {tag: [self.encoded(v) for v in _items(plain, value)]}
        if isinstance(value, dict):
            return {"dict": [[self.encoded(k), self.encoded(v)] for k, v in dict.items(value)]}
        if kind is type and value in _PLAIN_TYPES:
            return {"type": value.__name__}
        if isinstance(value, range):
            return {"range": [value.start, value.stop, value.step]}
        if isinstance(value, int):
            return self.encoded(int.__add__(value, 0))
        if isinstance(value, str):
            return str.__getitem__(value, slice(None))
        number = getattr(value, "_rlcf_number", None) if kind.__name__ == "Remote" else None
        return {"yours": number} if isinstance(number, int) else {"mine": self._keep(value)}

    def decoded(self, data: Any) -> Any:
        """The value of such JSON. Raises `ChannelBroken`, or `Raised` for a value that stands for an exception."""
        try:
            return self._decoded(data)
        except (ChannelBroken, Raised):
            raise
        except Exception as error:
            raise ChannelBroken(f"no value: {type(error).__name__}") from error

    def _decoded(self, data: Any) -> Any:
        if not isinstance(data, dict):
            if isinstance(data, list):
                raise ChannelBroken("a value without its type")
            return data
        ((tag, content),) = data.items()
        if tag in _TEXTS:
            return _TEXTS[tag][2](content)
        if tag in _SEQUENCES:
            return _SEQUENCES[tag]([self._decoded(v) for v in content])
        if tag == "dict":
            return {self._decoded(k): self._decoded(v) for k, v in content}
        if tag == "long":
            return int(content, 16)
        if tag == "type":
            return _TYPES[content]
        if tag == "range":
            return range(*map(int, content))
        if tag == "yours":
            return self._kept[content]
        if tag == "mine":
            return self._stand_in(self, int(content))
        raise ChannelBroken(f"a value of an unknown type: {str(tag)[:40]}")

    def _keep(self, value: Any) -> int:
        number = self._numbers.setdefault(id(value), len(self._numbers) + 1)
        self._kept[number] = value
        return number

    def _serve(self, request: dict[str, Any]) -> None:
        try:
            message = {"result": self.encoded(self._answer(self, request))}
        except ChannelBroken:
            raise
        except BaseException as error:
            bases = [each.__name__ for each in type(error).__mro__]
            arguments = [a for a in getattr(error, "args", ()) if isinstance(a, (str, int, float))]
            encoded = [self.encoded(a) for a in arguments[:4]]
            message = {"raised": [type(error).__name__, bases, encoded, _on_purpose(error)]}
        self._send(message)

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._outgoing.write(json.dumps(message).encode() + b"\n")
            self._outgoing.flush()
        except OSError as error:
            raise ChannelBroken(str(error)) from error

    def _receive(self) -> dict[str, Any] | None:
        line = self._incoming.readline(_LONGEST_LINE)
        if not line:
            return None
        try:
            message = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ChannelBroken(f"no message: {line[:40]!r}") from error
        if not isinstance(message, dict):
            raise ChannelBroken(f"no message: {line[:40]!r}")
        return message


def _on_purpose(error: BaseException) -> bool:
    """Whether a `raise` statement of the program's own raised it, and not something that went wrong."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or trace.tb_frame.f_code.co_filename != "program.py":
        return False
    code = trace.tb_frame.f_code.co_code
    return dis.opname[code[trace.tb_lasti]] == "RAISE_VARARGS"


def _items(plain: Any, value: Any) -> Any:
    """What a container holds, whatever its own class says of it."""
    return plain.__iter__(value)
