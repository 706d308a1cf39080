"""Calls functions of JavaScript programs on generated inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from rlcf.languages.driving.inputs import Type
from rlcf.languages.driving.plain import PlainDriver
from rlcf.languages.driving.target import Signature
from rlcf.languages.driving.values import Container
from rlcf.languages.javascript.facts import GRAMMAR
from rlcf.languages.javascript.node import find_node, node_command
from rlcf.languages.javascript.signature import signature_of
from rlcf.languages.python.harness.plain import Channel, Raised
from rlcf.languages.syntax import Grammar
from rlcf.records import Task


class NodeChannel(Channel):
    """The channel to a program in Node, whose numbers are all floating-point ones."""

    def encoded(self, value: Any) -> Any:
        if isinstance(value, Container):
            return {value.kind: [[self.encoded(part) for part in pair] for pair in value.items]}
        return super().encoded(value)

    def _decoded(self, data: Any) -> Any:
        if isinstance(data, int) and not isinstance(data, bool):
            return float(data)
        if not isinstance(data, dict):
            return super()._decoded(data)
        ((tag, content),) = data.items()
        match tag:
            case "float":
                return float(content.replace("Infinity", "inf"))
            case "bigint":
                return int(content, 16)
            case "object":
                return {str(key): self._decoded(value) for key, value in content}
            case "undefined":
                return Container("undefined")
            case "date":
                return Container("date", (content,))
            case "resolved":
                return Container("resolved", (self._decoded(content),))
            case "set":
                return Container("set", tuple(self._decoded(item) for item in content))
            case "map":
                return Container("map", tuple([self._decoded(part) for part in pair] for pair in content))
            case "rejected":
                name, bases, values, on_purpose = content
                raise Raised(str(name), [*map(str, bases)], [self._decoded(v) for v in values], on_purpose is True)
        return super()._decoded(data)


class JavaScriptDriver(PlainDriver):
    """See `PlainDriver`."""

    tool = "Node"
    suffix = ".js"
    channel = NodeChannel
    class_of = ("constructor", "name")
    grammar: ClassVar[Grammar] = GRAMMAR

    def __init__(self, workers: int, timeout_s: float, memory_mib: int, sandbox: bool) -> None:
        super().__init__(workers, timeout_s, memory_mib, sandbox)
        self._node = find_node()

    def signature(self, task: Task) -> Signature | str:
        return signature_of(task, self.grammar)

    def command(self, file: Path) -> list[str]:
        return node_command(self._node, "program.cjs", file, self._memory_mib, self._sandbox)

    def shaped(self, value: Any, of: Type) -> Any:
        """Arrays for tuples, and maps that are no objects, where a type says so."""
        if of.kind == "union":
            of = next((each for each in of.of if each.name == "Map" and isinstance(value, dict)), of.of[0])
        if isinstance(value, dict):
            if of.kind == "record":
                return {name: self.shaped(part, kind) for (name, part), kind in zip(value.items(), of.of, strict=True)}
            inner = of.of[1] if of.kind == "map" else of
            pairs = [[self.shaped(key, of), self.shaped(part, inner)] for key, part in value.items()]
            return Container("map", tuple(pairs)) if of.name == "Map" else {str(key): part for key, part in pairs}
        if isinstance(value, (list, tuple)):
            parts = of.of if of.kind == "tuple" else (of.of[:1] if of.kind == "list" else ()) * len(value)
            return [self.shaped(part, kind) for part, kind in zip(value, parts or (of,) * len(value), strict=True)]
        return value
