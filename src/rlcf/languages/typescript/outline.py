"""The classes and functions of a TypeScript file, and what a miner wants to know of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rlcf.languages.functions import Function
from rlcf.languages.outline import Outline, around, name_of, text_of
from rlcf.languages.projects import BRACES, Notation, SourceClass, SourceMethod
from rlcf.languages.typescript.facts import GRAMMAR
from rlcf.languages.typescript.shapes import shape_of

if TYPE_CHECKING:
    from tree_sitter import Node

NOTATION = Notation(
    imports=re.compile(r"^import\b[^'\"`;(]*(?:\(\s*)?(?:'[^'\n]*'|\"[^\"\n]*\")[^\n;]*;?[^\S\n]*\n?", re.MULTILINE),
    comment=BRACES.comment,
    bodiless=";",
)
_CLASSES = {"class_declaration", "abstract_class_declaration", "class", "internal_module", "module"}
_FUNCTIONS = GRAMMAR.functions
_HOLDERS = {"variable_declarator", "public_field_definition"}
"""What gives a function expression its name."""
_AROUND = _CLASSES | _FUNCTIONS | {"variable_declarator", "public_field_definition"}
_STATEMENTS = {"export_statement", "lexical_declaration", "variable_declaration", "ambient_declaration"}
"""What a declaration stands in that begins with it."""
_TRANSPARENT = {"program", "class_body", "statement_block", "expression_statement", *_STATEMENTS}
_SILENCES = re.compile(r"@ts-(?:ignore|expect-error)\b")
_SILENCES_ALL = re.compile(r"(?m)^[^\S\n]*(?://+|/\*+)[^\n]*@ts-nocheck\b")
_DEPRECATED = re.compile(r"@deprecated\b")
_REACHES_OUT = re.compile(r"\b(?:import|require)\b|\\u")
"""Words of a body that bring other files with them."""


def reaches_out(body: str) -> bool:
    """Whether a body of a function whose type is declared may change what other files are told."""
    return _REACHES_OUT.search(body) is not None


class TypeScriptOutline(Outline):
    """Of one file."""

    grammar = GRAMMAR

    def __init__(self, text: str) -> None:
        self._is_silent = _SILENCES_ALL.search(text) is not None
        self.declared: set[int] = set()
        """Where the bodies open of functions that say what they return."""
        super().__init__(text)

    def has_end(self, function: Function) -> bool:
        return function.body.type == "statement_block"

    def is_hidden(self, method: SourceMethod) -> bool:
        body = self.text[method.head_end + 1 : method.closing + 1]
        return method.opening in self.declared and not reaches_out(body)

    def found_classes(self) -> Iterator[SourceClass]:
        for node in self.around_functions(lambda node: node.type in _CLASSES):
            body = node.child_by_field_name("body")
            if body is not None:
                start = self.char(_whole(node).start_byte)
                yield SourceClass(_named(node), ".".join(_owners(node)), start, self.char(body.start_byte))

    def method(self, function: Function) -> SourceMethod:
        facts, node = function.facts(), function.node
        opening, closing = self.char(function.body.start_byte), self.char(function.body.end_byte) - 1
        name = facts.name or _named(node)
        marks = frozenset(self._marks(function, name, opening, closing))
        kind = next((c.type for c in node.children if c.type in ("get", "set")), "")
        if node.child_by_field_name("return_type") is not None or kind == "set":
            self.declared.add(opening)
        before = f"{kind} " if kind else "static " if "static" in marks else ""
        return SourceMethod(
            name=name,
            owner=".".join(_owners(node)),
            signature=f"{before}{name}({','.join(facts.parameters)})",
            start=self.char(_whole(node).start_byte),
            opening=opening,
            closing=closing,
            statements=facts.statements,
            shape=shape_of(function),
            marks=marks,
        )

    def _marks(self, function: Function, name: str, opening: int, closing: int) -> Iterator[str]:
        node = function.node
        if node.type == "method_definition" and name == "constructor":
            yield "constructor"
        if _is_local(node):
            yield "local"
        if self.is_generated:
            yield "generated"
        line = self.text.rfind("\n", 0, opening) + 1
        line_before = self.text.rfind("\n", 0, max(line - 1, 0)) + 1
        if self._is_silent or _SILENCES.search(self.text, line_before, closing):
            yield "silenced"
        holder = node.parent if node.parent is not None and node.parent.type in _HOLDERS else node
        if any(child.type == "static" for child in holder.children):
            yield "static"
        whole = _whole(node)
        comment = whole.prev_sibling
        if comment is not None and comment.type == "comment" and _DEPRECATED.search(text_of(comment)):
            yield "deprecated"


def _is_local(node: Node) -> bool:
    """Whether a function is in another one, or in an expression that is more than its name's value."""
    if any(outer.type in _FUNCTIONS or outer.type == "class_static_block" for outer in around(node)):
        return True
    inner = node
    for outer in around(node):
        is_value = outer.type in _HOLDERS and outer.child_by_field_name("value") == inner
        if not is_value and outer.type not in _CLASSES and outer.type not in _TRANSPARENT:
            return True
        inner = outer
    return not _named(node)


def _named(node: Node) -> str:
    """The name of a declaration, or of what holds a function or a class as its value."""
    if name := name_of(node):
        return name
    holder = node.parent
    if holder is not None and holder.type == "export_statement":
        return "default"
    return name_of(holder) if holder is not None and holder.type in _HOLDERS else ""


def _owners(node: Node) -> list[str]:
    """The names of the classes, namespaces and functions around a node, the outermost first."""
    names = [_named(outer) for outer in around(node) if outer.type in _CLASSES | _FUNCTIONS]
    return [name for name in names[::-1] if name]


def _whole(node: Node) -> Node:
    """The node with what holds it as its value, and with `export`; the first of its decorators, if it has some."""
    while node.parent is not None:
        holder = node.parent
        is_value = holder.type in _HOLDERS and holder.child_by_field_name("value") == node
        is_statement = holder.type in _STATEMENTS or (holder.type == "expression_statement" and node.type != "object")
        if not is_value and not (is_statement and _is_first(node, holder)):
            break
        node = holder
    before = node.prev_sibling
    while before is not None and before.type == "decorator":
        node, before = before, before.prev_sibling
    return node


def _is_first(node: Node, holder: Node) -> bool:
    """Whether a node is the first declaration that its holder has."""
    kinds = ("comment", "decorator")
    return next((n for n in holder.named_children if n.type not in kinds), None) == node
