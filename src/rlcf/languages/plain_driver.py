"""Calls functions of programs on generated inputs, for languages whose values are plain data.

The program is in a sandboxed process of its own; the inputs are made, and what it does is written down, in this one.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import select
import subprocess
import tempfile
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar

from rlcf.languages.base import Driver, driven_alone
from rlcf.languages.inputs import CannotMake, Inputs, Type
from rlcf.languages.paired import end
from rlcf.languages.python.harness.plain import Channel, ChannelBroken, Raised
from rlcf.records import Call, Driven, DrivenRun, Program, Task
from rlcf.workers.limits import require_limits
from rlcf.workers.processor import used_s, wants_to_run
from rlcf.workers.sandbox import find_sandbox

_MIN_MEMORY_MIB = 16
_PATIENCE = 5
"""How many times the time-out may pass. A program that had no time-out of the processor's time by then was starved."""
_START_S = 30.0
_MOST_BEFORE = 4
_DEPTH = 8
_CLASS = re.compile(r"\b(?:class|function)\s+(\w+)|(\w+)\s*=\s*class\b")


@dataclass(frozen=True, slots=True)
class Signature:
    """A function, and of a method the class that it belongs to."""

    name: str
    parameters: tuple[Type, ...]
    owner: str | None = None
    constructor: tuple[Type, ...] = ()
    static: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    """A container or another value that Python has no type of its own for."""

    kind: str
    items: tuple[Any, ...] = ()
    """In any order: it does not count."""


class Opaque(Exception):
    """A value that cannot be written down; its class."""


class Added(Opaque):
    """An object of a class that the completion declares: another program need not have the like."""


class PlainDriver(Driver):
    """At most `workers` programs are driven at a time."""

    tool: ClassVar[str]
    suffix: ClassVar[str]
    """Of the file that the program is written to."""
    channel: ClassVar[type[Channel]] = Channel
    class_of: ClassVar[tuple[str, str]] = ("__class__", "__qualname__")
    """An object's attribute that is its class, and the class's that is its name."""

    def __init__(self, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        """See `Language.driver`."""
        require_limits(workers, timeout_s, memory_mib, _MIN_MEMORY_MIB)
        if sandbox:
            find_sandbox()
        self._timeout_s, self._memory_mib, self._sandbox = timeout_s, memory_mib, sandbox
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix=f"drive-{self.tool}")

    @abstractmethod
    def signature(self, task: Task) -> Signature | str:
        """The function that a task asks for, from the task's own text; or why there is none."""

    @abstractmethod
    def command(self, file: Path) -> list[str]:
        """The command that serves the program in a file, over the channel of `python/harness/plain.py`."""

    def translated(self, source: str) -> str | None:
        """What is run of a program; `None` where it cannot be translated."""
        return source

    def shaped(self, value: Any, of: Type) -> Any:  # noqa: ARG002
        """A generated value as the language has it."""
        return value

    def drive(self, runs: Sequence[DrivenRun]) -> list[Driven]:
        driven = list(self._threads.map(self._drive, runs))
        return driven_alone(driven, lambda i: self._drive(runs[i]))

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def _drive(self, run: DrivenRun) -> Driven:
        signature = self.signature(run.task)
        if isinstance(signature, str):
            return _not_driven(run, signature)
        source = self.translated(Program.of(run.task, run.completion).source)
        if source is None:
            return _not_driven(run, "the program cannot be translated")
        with tempfile.TemporaryDirectory(prefix="rlcf-drive-") as folder:
            file = Path(folder) / f"program{self.suffix}"
            file.write_bytes(source.encode("utf-8", "surrogatepass"))
            command, pipe, nothing = self.command(file), subprocess.PIPE, subprocess.DEVNULL
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nothing, env={}, start_new_session=True)
            watch = threading.Timer(_START_S + self._timeout_s * _PATIENCE, end, [process])
            watch.start()
            try:
                return self._calls(run, signature, process)
            finally:
                watch.cancel()
                end(process)

    def _calls(self, run: DrivenRun, signature: Signature, process: subprocess.Popen[bytes]) -> Driven:
        assert process.stdin is not None
        assert process.stdout is not None
        incoming = _Awaited(process.stdout)
        channel = self.channel(incoming, process.stdin, _refuse, lambda _, number: Remote(number))  # type: ignore[arg-type]
        calls: list[Call] = []
        short, starved = threading.Event(), False

        def stop() -> None:
            if used_s(process.pid) < self._timeout_s and (wants_to_run(process.pid) or not incoming.is_awaited()):
                short.set()
            end(process)

        deadline = threading.Timer(self._timeout_s * _PATIENCE, stop)
        started = time.monotonic()
        try:
            deadline.start()
            channel.ask(load=True)
            target = _Target(channel, signature, self.shaped, _Declared.by(run, self.class_of))
            for number in run.inputs:
                calls.append(target.call(Inputs(number, run.seed, run.constants, target.make)))
        except Missing as missing:
            return _not_driven(run, f"the program has no {missing}")
        except CannotMake as cannot:
            return _not_driven(run, f"no value of type {cannot}")
        except Raised:
            return _not_driven(run, "the program ends with an exception before its function is called")
        except (ChannelBroken, ValueError, TypeError, KeyError):
            late = time.monotonic() - started >= self._timeout_s * _PATIENCE
            starved = late and short.is_set()
            calls.append(Call("timeout" if late and not starved else "unreached"))
        finally:
            deadline.cancel()
        return Driven((*calls, *[Call("unreached")] * (len(run.inputs) - len(calls))), starved=starved)


class _Awaited:
    """What comes from a program, and whether it is the program that has to go on."""

    def __init__(self, incoming: IO[bytes]) -> None:
        self._incoming, self._reads = incoming, False

    def readline(self, most: int) -> bytes:
        self._reads = True
        try:
            return self._incoming.readline(most)
        finally:
            self._reads = False

    def is_awaited(self) -> bool:
        """Whether the other side waits, and nothing is there for it."""
        with contextlib.suppress(OSError, ValueError):  # it has been closed
            return self._reads and not select.select([self._incoming], [], [], 0)[0]
        return False


class Missing(Exception):
    """A name that the program does not have."""


class Remote:
    """Stands for an object of the program's."""

    def __init__(self, number: int) -> None:
        self._rlcf_number = number


class _Target:
    """The function of one program, and what is around it."""

    def __init__(
        self, channel: Channel, signature: Signature, shaped: Callable[[Any, Type], Any], declared: _Declared
    ) -> None:
        self._channel, self._signature, self._shaped, self._declared = channel, signature, shaped, declared
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
        if any(_opaque(each) > _opaque(before[key]) for key, each in differ.items()):
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

    def _written(self, value: Any, depth: int = 0, state: bool = False) -> Any:
        """A value as JSON in one form: the same text for the same value.

        Of a state, parts that cannot be written down are `{"opaque": class}`, and the rest is as usual.
        """
        try:
            return self._text(value, depth, lambda part: self._written(part, depth + 1, state))
        except Added:
            raise
        except Opaque as opaque:
            if not state:
                raise
            return {"opaque": str(opaque)}

    def _text(self, value: Any, depth: int, inner: Callable[[Any], Any]) -> Any:
        if depth > _DEPTH:
            raise Opaque
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


@dataclass(frozen=True, slots=True)
class _Declared:
    """What of a program its context declares, and what the completion."""

    class_of: tuple[str, str]
    classes: frozenset[str]
    added: frozenset[str]
    words: frozenset[str]
    """Of the context: a field that is none of them is the completion's own."""

    @classmethod
    def by(cls, run: DrivenRun, class_of: tuple[str, str]) -> _Declared:
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


def _opaque(state: Any) -> int:
    """How many parts of a state cannot be written down."""
    return json.dumps(state).count('{"opaque": ')


def _refuse(channel: Channel, request: dict[str, Any]) -> Any:  # noqa: ARG001
    raise ChannelBroken("the program asks for something")


def _not_driven(run: DrivenRun, reason: str) -> Driven:
    return Driven((Call("unreached"),) * len(run.inputs), reason)
