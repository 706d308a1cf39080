"""The classes and functions of a module, and what a miner wants to know of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rlcf.languages.functions import Function
from rlcf.languages.outline import Outline, around, name_of, text_of
from rlcf.languages.projects import Notation, SourceClass, SourceMethod
from rlcf.languages.python.effects import reaches_out
from rlcf.languages.python.facts import GRAMMAR
from rlcf.languages.python.suppressions import without_suppressions

if TYPE_CHECKING:
    from tree_sitter import Node

NOTATION = Notation(
    imports=re.compile(
        r"^(?:from[ \t]+\S+[ \t]+)?import\b(?:[^\n(]*\([^)]*\)|(?:\\\r?\n|[^\n])*)[^\n]*\n?", re.MULTILINE
    ),
    comment=re.compile(r"(?:^[ \t]*#[^\n]*\n)+[ \t]*\Z", re.MULTILINE),
    bodiless=": ...",
)
_CONSTRUCTORS = {"__init__", "__new__", "__post_init__", "__init_subclass__"}
_BREAK = re.compile(r"\r\n|\r|\n")
_PLAIN = {"identifier", "string", "integer", "float", "true", "false", "none"}


class PythonOutline(Outline):
    """Of one module."""

    grammar = GRAMMAR

    def is_hidden(self, method: SourceMethod) -> bool:
        return not reaches_out(self.text[method.head_end + 1 : method.closing + 1])

    def found_classes(self) -> Iterator[SourceClass]:
        for node in self.around_functions(lambda node: node.type == "class_definition"):
            body = node.child_by_field_name("body")
            colon = body.prev_sibling if body else None
            while colon is not None and colon.type == "comment":
                colon = colon.prev_sibling
            if colon is not None:
                start, opening = self.char(_decorated(node).start_byte), self.char(colon.end_byte) - 1
                yield SourceClass(name_of(node), ".".join(_owners(node)), start, opening)

    def method(self, function: Function) -> SourceMethod:
        facts = function.facts()
        opening, head_end = self.char(function.opening_end()) - 1, self.char(function.head_end()) - 1
        end = self.char(_last_leaf(function.body).end_byte)
        line_end = _BREAK.search(self.text, end)
        closing = (line_end.start() if line_end else len(self.text)) - 1
        body = self.text[head_end + 1 : closing + 1]
        return SourceMethod(
            name=facts.name,
            owner=".".join(_owners(function.node)),
            signature=f"{facts.name}({','.join(facts.parameters)})",
            start=self.char(_decorated(function.node).start_byte),
            opening=opening,
            closing=closing,
            statements=facts.statements,
            shape=_shape(function),
            marks=frozenset(self._marks(function, facts.name, body)),
            described=head_end if head_end > opening else None,
        )

    def _marks(self, function: Function, name: str, body: str) -> Iterator[str]:
        if name in _CONSTRUCTORS:
            yield "constructor"
        if any(node.type == "function_definition" for node in around(function.node)):
            yield "local"
        if self.is_generated:
            yield "generated"
        if without_suppressions(body) != body:
            yield "silenced"
        decorated = function.node.parent
        if decorated is not None and decorated.type == "decorated_definition":
            names = {
                part for n in decorated.children if n.type == "decorator" for part in re.findall(r"\w+", text_of(n))
            }
            yield from names & {"deprecated"}
            if names & {"staticmethod", "classmethod"}:
                yield "static"


def _owners(node: Node) -> list[str]:
    """The names of the classes and functions around a node, the outermost first."""
    kinds = ("class_definition", "function_definition")
    return [name_of(outer) for outer in around(node) if outer.type in kinds][::-1]


def _decorated(node: Node) -> Node:
    """The node with its decorators."""
    return node.parent if node.parent is not None and node.parent.type == "decorated_definition" else node


def _last_leaf(node: Node) -> Node:
    """The last word or mark of a body that is no comment."""
    children = [c for c in node.children if c.type != "comment" and c.end_byte > c.start_byte]
    return _last_leaf(children[-1]) if children else node


def _shape(function: Function) -> str:
    """See `SourceMethod.shape`."""
    body = [n for n in function.body.named_children if n.type != "comment" and n != function.docstring()]
    nothing = [n for n in body if n.type == "pass_statement" or _only(n).type == "ellipsis"]
    if len(nothing) == len(body):
        return "empty"
    if len(body) != 1:
        return ""
    (statement,) = body
    if statement.type == "raise_statement":
        return "throw"
    if statement.type == "return_statement":
        return _shape_of_value(_only(statement)) or ("literal" if function.facts().returns_literal else "")
    if statement.type == "expression_statement":
        value = _only(statement)
        if value.type == "assignment":
            left, right = value.child_by_field_name("left"), value.child_by_field_name("right")
            is_setter = left is not None and right is not None and left.type == "attribute" and right.type in _PLAIN
            return "setter" if is_setter else ""
        return "delegate" if _shape_of_value(value) == "delegate" else ""
    return ""


def _only(node: Node) -> Node:
    """The one part of a statement; the statement, where it has several or none."""
    while node.type in ("return_statement", "expression_statement", "parenthesized_expression", "await"):
        parts = [n for n in node.named_children if n.type != "comment"]
        if len(parts) != 1:
            return node
        node = parts[0]
    return node


def _shape_of_value(value: Node) -> str:
    if value.type == "return_statement":  # it has no value
        return "empty"
    if _is_field(value):
        return "getter"
    if value.type != "call":
        return ""
    called, arguments = value.child_by_field_name("function"), value.child_by_field_name("arguments")
    plain = called is not None and _is_field(called) and arguments is not None
    return "delegate" if plain and arguments is not None and all(map(_is_handed_on, arguments.named_children)) else ""


def _is_field(node: Node) -> bool:
    """Whether it is a name, or names joined by dots."""
    if node.type == "attribute":
        inner = node.child_by_field_name("object")
        return inner is not None and (_is_field(inner) or _is_super(inner))
    return node.type == "identifier"


def _is_super(node: Node) -> bool:
    called = node.child_by_field_name("function") if node.type == "call" else None
    return called is not None and text_of(called) == "super"


def _is_handed_on(argument: Node) -> bool:
    if argument.type == "keyword_argument":
        value = argument.child_by_field_name("value")
        return value is not None and _is_handed_on(value)
    if argument.type in ("list_splat", "dictionary_splat"):
        return all(map(_is_handed_on, argument.named_children))
    return argument.type in _PLAIN or argument.type == "comment" or _is_field(argument)
