"""The function of one program, which is in a process of its own, called on generated inputs."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rlcf.languages.driving.inputs import CannotMake, Inputs, Type
from rlcf.languages.driving.values import Declared, Opaque, Remote, Writer, opaque_parts
from rlcf.languages.python.harness.plain import Channel, Raised
from rlcf.records import Call

_MOST_BEFORE = 4
"""Calls of a method before the one that counts."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A function, and of a method the class that it belongs to."""

    name: str
    parameters: tuple[Type, ...]
    owner: str | None = None
    constructor: tuple[Type, ...] = ()
    static: bool = False


class Missing(Exception):
    """A name that the program does not have."""


class Target:
    """The function of one program, and what is around it."""

    def __init__(
        self, channel: Channel, signature: Signature, shaped: Callable[[Any, Type], Any], declared: Declared
    ) -> None:
        self._channel, self._signature, self._shaped = channel, signature, shaped
        self._written = Writer(channel, declared).written
        self._function = self._named(signature.owner or signature.name)

    def make(self, name: str, inputs: Inputs) -> Any:
        """An object of a class of the program's."""
        if name != self._signature.owner:
            raise CannotMake(name)
        return self._call(self._function, self._arguments(inputs, self._signature.constructor))[0]

    def call(self, inputs: Inputs) -> Call:
        """What the call on one input comes to."""
        given: list[Any] = []
        try:
            receiver, function = self._receiver(inputs, given)
            arguments = self._arguments(inputs, self._signature.parameters)
            before = self._state(receiver, arguments)
        except (Raised, Opaque):
            return Call("unknown")
        text = json.dumps([*given, [before[str(i)] for i in range(len(arguments))]])
        start = time.perf_counter()
        try:
            result, changed, handed = self._call(function, arguments, receiver)
        except Raised as raised:
            thrown = json.dumps({"threw": raised.name})
            return Call("threw" if raised.on_purpose else "failed", text, thrown, time.perf_counter() - start)
        seconds = time.perf_counter() - start
        try:
            outcome = {"value": self._written(result)} | self._changes(before, self._state(receiver, changed), handed)
        except Opaque:
            return Call("unknown", text, "", seconds)
        return Call("returned", text, json.dumps(outcome), seconds)

    def _changes(self, before: dict[str, Any], after: dict[str, Any], handed: list[str]) -> dict[str, Any]:
        """As the driver of Java tells them: see `harness/Drive.java`."""
        differ = {key: each for key, each in after.items() if each != before[key]}
        if any(opaque_parts(each) > opaque_parts(before[key]) for key, each in differ.items()):
            raise Opaque
        returned = [key for key in differ if key in handed]
        return ({"after": differ} if differ else {}) | ({"handed": returned} if returned else {})

    def _receiver(self, inputs: Inputs, given: list[Any]) -> tuple[Any, Any]:
        """The object that a method is called on, after some calls, and the method; what was given for them is added."""
        if self._signature.owner is None:
            return None, self._function
        if self._signature.static:
            return None, self._attribute(self._function)
        made = self._arguments(inputs, self._signature.constructor)
        given.append([self._written(a, state=True) for a in made])
        receiver = self._call(self._function, made)[0]
        function = self._attribute(receiver)
        for _ in range(inputs.random.randrange(_MOST_BEFORE)):
            arguments = self._arguments(inputs, self._signature.parameters)
            given.append([self._written(a, state=True) for a in arguments])
            with contextlib.suppress(Raised):
                self._call(function, arguments, receiver)
        return receiver, function

    def _named(self, name: str) -> Any:
        kind, value = self._channel.ask(name=name)
        if kind != "object" or not isinstance(value, Remote):
            raise Missing(name)
        return value

    def _attribute(self, receiver: Any) -> Any:
        return self._channel.ask(of=receiver._rlcf_number, attribute=self._signature.name)

    def _arguments(self, inputs: Inputs, types: Sequence[Type]) -> list[Any]:
        return [self._shaped(value, of) for value, of in zip(inputs.arguments(types), types, strict=True)]

    def _call(self, function: Any, arguments: list[Any], receiver: Any = None) -> tuple[Any, list[Any], list[str]]:
        """The result, the arguments after the call, and which of them, or `this`, is the result."""
        encode = self._channel.encoded
        receiving = {} if receiver is None else {"self": encode(receiver)}
        result, changed, *_, handed = self._channel.ask(
            of=function._rlcf_number, method="__call__", arguments=encode(arguments), handed=True, **receiving
        )
        fluent = isinstance(result, Remote) and result._rlcf_number == getattr(receiver, "_rlcf_number", None)
        return result, changed, [str(int(i)) for i in handed] + ["this"] * fluent

    def _state(self, receiver: Any, arguments: Sequence[Any]) -> dict[str, Any]:
        state = {} if receiver is None else {"this": self._written(receiver, state=True)}
        return state | {str(i): self._written(argument, state=True) for i, argument in enumerate(arguments)}
