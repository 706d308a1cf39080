"""Bodies of TypeScript functions that are not worth asking for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rlcf.languages.functions import Function

if TYPE_CHECKING:
    from tree_sitter import Node

_PLAIN = {"identifier", "string", "number", "true", "false", "null", "undefined", "this", "regex"}
_WRAPPED = {
    *("return_statement", "expression_statement", "parenthesized_expression", "await_expression", "as_expression"),
    *("non_null_expression", "satisfies_expression"),
}


def shape_of(function: Function) -> str:
    """See `SourceMethod.shape`."""
    body = [n for n in function.body.named_children if n.type not in ("comment", "empty_statement")]
    if not body:
        return "empty"
    if len(body) != 1:
        return ""
    (statement,) = body
    if statement.type == "throw_statement":
        return "throw"
    if statement.type == "return_statement":
        return _shape_of_value(_only(statement)) or ("literal" if function.facts().returns_literal else "")
    if statement.type != "expression_statement":
        return ""
    value = _only(statement)
    if value.type == "assignment_expression":
        left, right = value.child_by_field_name("left"), value.child_by_field_name("right")
        is_setter = left is not None and right is not None and left.type == "member_expression"
        return "setter" if is_setter and right is not None and _only(right).type in _PLAIN else ""
    return "delegate" if _shape_of_value(value) == "delegate" else ""


def _only(node: Node) -> Node:
    """The one expression of a statement; the node, where it has several or none."""
    while node.type in _WRAPPED:
        parts = [n for n in node.named_children if n.type != "comment"]
        if not parts or (len(parts) > 1 and node.type not in ("as_expression", "satisfies_expression")):
            return node
        node = parts[0]
    return node


def _shape_of_value(value: Node) -> str:
    if value.type == "return_statement":  # it has no value
        return "empty"
    if _is_field(value):
        return "getter"
    if value.type not in ("call_expression", "new_expression"):
        return ""
    called = value.child_by_field_name("function") or value.child_by_field_name("constructor")
    arguments = value.child_by_field_name("arguments")
    handed_on = arguments is None or all(map(_is_handed_on, arguments.named_children))
    return "delegate" if called is not None and _is_field(called) and handed_on else ""


def _is_field(node: Node) -> bool:
    """Whether it is a name, or names joined by dots."""
    if node.type == "member_expression":
        inner = node.child_by_field_name("object")
        return inner is not None and _is_field(_only(inner))
    return node.type in ("identifier", "this", "super")


def _is_handed_on(argument: Node) -> bool:
    if argument.type == "spread_element":
        return all(map(_is_handed_on, argument.named_children))
    inner = _only(argument)
    return inner.type in _PLAIN or inner.type == "comment" or _is_field(inner)
