"""What a program's values are written down as: JSON, the same text for the same value."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rlcf.languages.python.harness.plain import LONG, Channel, Raised
from rlcf.records import DrivenRun

_DEPTH = 8
_CLASS = re.compile(r"\b(?:class|function)\s+(\w+)|(\w+)\s*=\s*class\b")


@dataclass(frozen=True, slots=True)
class Container:
    """A container or another value that Python has no type of its own for."""

    kind: str
    items: tuple[Any, ...] = ()
    """In any order: it does not count."""


class Remote:
    """Stands for an object of the program's."""

    def __init__(self, number: int) -> None:
        self._rlcf_number = number


class Opaque(Exception):
    """A value that cannot be written down; its class."""


class Added(Opaque):
    """An object of a class that the completion declares: another program need not have the like."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What of a program its context declares, and what the completion."""

    class_of: tuple[str, str]
    classes: frozenset[str]
    added: frozenset[str]
    words: frozenset[str]
    """Of the context: a field that is none of them is the completion's own."""

    @classmethod
    def by(cls, run: DrivenRun, class_of: tuple[str, str]) -> Declared:
        context = run.task.context + run.task.suffix
        classes, added = (
            frozenset(one or other for one, other in _CLASS.findall(text)) for text in (context, run.completion)
        )
        return cls(class_of, classes, added, frozenset(re.findall(r"\w+", context)))

    def require(self, name: str) -> None:
        """Raises `Opaque` for a class that the context does not declare."""
        parts = name.split(".")
        if not self.classes.issuperset(parts):
            raise Added(name) if parts[-1] in self.added else Opaque(name)

    def knows(self, field: str) -> bool:
        return field in self.words or "__" + field.partition("__")[2] in self.words  # Python: _Class__field


class Writer:
    """Writes the values of one program down.

    Args:
        channel: to the program, for objects of its own.
    """

    def __init__(self, channel: Channel, declared: Declared) -> None:
        self._channel, self._declared = channel, declared

    def written(self, value: Any, depth: int = 0, state: bool = False) -> Any:
        """A value as JSON in one form: the same text for the same value.

        Of a state, parts that cannot be written down are `{"opaque": class}`, and the rest is as usual.
        """
        try:
            return self._text(value, depth, lambda part: self.written(part, depth + 1, state))
        except Added:
            raise
        except Opaque as opaque:
            if not state:
                raise
            return {"opaque": str(opaque)}

    def _text(self, value: Any, depth: int, inner: Callable[[Any], Any]) -> Any:
        if depth > _DEPTH:
            raise Opaque
        if isinstance(value, int) and value.bit_length() > LONG:
            return {"long": hex(value)}
        if value is None or isinstance(value, (bool, int, str)):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, list):
            return [inner(v) for v in value]
        if isinstance(value, tuple):
            return {"tuple": [inner(v) for v in value]}
        if isinstance(value, Container):
            return {value.kind: sorted(map(inner, value.items), key=json.dumps)}
        if isinstance(value, (set, frozenset)):
            return {"set": sorted(map(inner, value), key=json.dumps)}
        if isinstance(value, dict):
            pairs = [[inner(k), inner(v)] for k, v in value.items()]
            return {"dict": sorted(pairs, key=json.dumps)}
        if isinstance(value, Remote):
            name, fields = self._fields(value)
            return {"object": name, "fields": {name: inner(v) for name, v in sorted(fields.items())}}
        return {type(value).__name__: repr(value)}

    def _fields(self, value: Remote) -> tuple[str, dict[str, Any]]:
        """Class and fields of an object, as far as the context knows them."""
        attribute, named = self._declared.class_of
        try:
            kind = self._channel.ask(of=value._rlcf_number, attribute=attribute)
            name = str(self._channel.ask(of=kind._rlcf_number, attribute=named)) if isinstance(kind, Remote) else ""
            self._declared.require(name)
            fields = self._channel.ask(of=value._rlcf_number, attribute="__dict__")
        except Raised:
            raise Opaque from None
        if not isinstance(fields, dict):
            raise Opaque(name)
        known = {str(field): part for field, part in fields.items() if self._declared.knows(str(field))}
        if fields and not known:
            raise Opaque(name)
        return name, known


def opaque_parts(state: Any) -> int:
    """How many parts of a state cannot be written down."""
    return json.dumps(state).count('{"opaque": ')
