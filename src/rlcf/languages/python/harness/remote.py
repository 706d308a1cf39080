"""What stands for an object of the program's in the process of its test. Standard library only, as in `plain.py`."""

# ruff: noqa: SIM905
from __future__ import annotations

import builtins
from typing import Any

from plain import Raised  # type: ignore[import-not-found]

_OF_ANY = ("__call__", "__iter__", "__next__")
"""What an object has that is no data and of no class of the task's."""


class Remote:
    """An object of the program's.

    It is equal to no plain data and not ordered with it, and stands for no number: else an object that has all
    operations would be whatever the test expects. Two of them are equal, or in order, if the program says so.

    Where the task has no classes, what the program gives can only be called and drawn from, such as a function or a
    generator. What the test names, such as a module, has its attributes all the same.
    """

    def __init__(self, channel: Any, number: int) -> None:
        object.__setattr__(self, "_rlcf_channel", channel)
        object.__setattr__(self, "_rlcf_number", number)
        object.__setattr__(self, "_rlcf_is_open", channel.has_objects)

    def _rlcf_open(self) -> None:
        """Lets a test ask the object for anything."""
        object.__setattr__(self, "_rlcf_is_open", True)

    def _rlcf_require(self, what: str) -> None:
        if not self._rlcf_is_open and what not in _OF_ANY:
            raise TypeError(f"{what} of an object of the program, whose task has no classes")

    def _rlcf_ask(self, method: str, *arguments: Any, **keywords: Any) -> Any:
        self._rlcf_require(method)
        channel = self._rlcf_channel
        try:
            result, changed, changed_keywords = channel.ask(
                of=self._rlcf_number,
                method=method,
                arguments=channel.encoded(list(arguments)),
                keywords=channel.encoded(keywords),
            )
        except Raised as raised:
            if raised.name == "AttributeError" and method != "__call__":
                raise TypeError(f"an object of the program has no {method}") from raised
            error = _exception(raised)
            if isinstance(error, StopIteration) and method != "__next__":
                error = RuntimeError(raised.name)  # else it would end a loop of the test's
            raise error from raised
        for mine, theirs in [
            *zip(arguments, changed, strict=False),
            *((keywords[k], changed_keywords.get(k)) for k in keywords),
        ]:
            _update(mine, theirs)
        return result

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        return self._rlcf_ask("__call__", *arguments, **keywords)

    def __getattr__(self, name: str) -> Any:
        self._rlcf_require(name)
        try:
            value = self._rlcf_channel.ask(of=self._rlcf_number, attribute=name)
        except Raised as raised:
            raise _exception(raised) from raised
        if isinstance(value, Remote):
            value._rlcf_open()
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        self._rlcf_require(name)
        channel = self._rlcf_channel
        channel.ask(of=self._rlcf_number, set=name, arguments=channel.encoded([value]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Remote) and (
            self._rlcf_number == other._rlcf_number or self._rlcf_ask("__eq__", other) is True
        )

    def __hash__(self) -> int:
        return hash(self._rlcf_number)

    def __iter__(self) -> Any:
        return self._rlcf_ask("__iter__")

    def __bool__(self) -> bool:
        return True


def _forwarded(method: str) -> Any:
    return lambda self, *arguments: self._rlcf_ask(method, *arguments)


def _ordered(method: str) -> Any:
    def compare(self: Remote, other: Any) -> Any:
        answer = self._rlcf_ask(method, other) if isinstance(other, Remote) else None
        return answer if isinstance(answer, bool) else NotImplemented

    return compare


for _method in """
    __next__ __len__ __getitem__ __setitem__ __delitem__ __contains__ __add__ __sub__ __mul__ __truediv__
    __floordiv__ __mod__ __pow__ __neg__ __abs__ __and__ __or__ __xor__ __invert__
    __str__ __repr__ __enter__ __exit__ __matmul__ __reversed__ __radd__ __rmul__
    """.split():
    setattr(Remote, _method, _forwarded(_method))
for _method in ("__lt__", "__le__", "__gt__", "__ge__"):
    setattr(Remote, _method, _ordered(_method))


def _exception(raised: Raised) -> BaseException:
    """The exception that a test may expect: the first of the base classes that Python itself has."""
    for name in raised.bases:
        kind = getattr(builtins, name, None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            return kind(*raised.arguments)
    return RuntimeError(raised.name)


def _update(mine: Any, theirs: Any) -> None:
    """Gives a container of the test's the content that it has after the call."""
    if type(mine) is list and type(theirs) is list:
        for old, new in zip(mine, theirs, strict=False):
            _update(old, new)
        mine[:] = [mine[i] if i < len(mine) and _is_now(mine[i], new) else new for i, new in enumerate(theirs)]
    elif type(mine) is dict and type(theirs) is dict:
        for key, value in theirs.items():
            if key in mine:
                _update(mine[key], value)
        mine.update({key: value for key, value in theirs.items() if not (key in mine and _is_now(mine[key], value))})
        for key in [key for key in mine if key not in theirs]:
            del mine[key]
    elif (type(mine) is set and type(theirs) is set) or (type(mine) is bytearray and type(theirs) is bytearray):
        mine.clear()
        mine.update(theirs) if isinstance(mine, set) else mine.extend(theirs)


def _is_now(mine: Any, theirs: Any) -> bool:
    """Whether a container of the test's has the content already, so that it need not be another object."""
    return type(mine) is type(theirs) and isinstance(mine, (list, dict, set)) and bool(mine == theirs)
