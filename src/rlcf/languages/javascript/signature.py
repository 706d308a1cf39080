"""The function that a task asks for, and the types of its parameters, from the task's own text.

Types come from TypeScript's annotations or from JSDoc, then from the calls that the prompt shows, then from names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rlcf.languages.driving.inputs import INT, UNKNOWN, Type
from rlcf.languages.driving.target import Signature
from rlcf.languages.javascript.literals import type_of_name, types_of_examples
from rlcf.languages.javascript.types import Declared, type_of_text
from rlcf.languages.syntax import Grammar, closed, parser, text_of, walk
from rlcf.records import Task

if TYPE_CHECKING:
    from tree_sitter import Node

_PARAM = re.compile(r"@param\s+\{(?P<type>(?:[^{}]|\{[^{}]*\})*)\}\s+(?P<name>[\w$]+)")
_CLASSES = ("class_declaration", "abstract_class_declaration", "class")


@dataclass(frozen=True, slots=True)
class _Found:
    """A function of a program, and of a method the class that it belongs to."""

    node: Node
    name: str
    owner: Node | None


def signature_of(task: Task, grammar: Grammar) -> Signature | str:
    """The signature of the function that the task's context opens, or why there is none."""
    root = parser(grammar).parse(closed(grammar, task.context, task.suffix)).root_node
    functions = list(_functions(root, grammar))
    found = [f for f in functions if f.name == task.entry_point] or functions[-1:]
    if not found:
        return "the task opens no function"
    function, declared = found[-1], Declared(root)
    hints = {m["name"]: m["type"] for m in _PARAM.finditer(task.context)}
    parameters = _parameters(function.node, declared, hints, types_of_examples(task.prompt, function.name))
    if function.owner is None:
        return Signature(function.name, parameters)
    owner = function.owner.child_by_field_name("name")
    if owner is None:
        return "the class of the method has no name"
    makers = [f for f in functions if f.owner == function.owner and f.name == "constructor"]
    constructor = _parameters(makers[0].node, declared, hints, None) if makers else ()
    static = any(child.type == "static" for child in function.node.children)
    return Signature(function.name, parameters, text_of(owner), constructor, static)


def _functions(root: Node, grammar: Grammar) -> Iterator[_Found]:
    """The functions of a program and of its classes; none that stand in functions."""
    for node in walk(root):
        if node.type not in grammar.functions:
            continue
        around = _around(node, grammar)
        if around is not None and around.type in grammar.functions:
            continue
        name = node.child_by_field_name("name")
        if name is None and node.parent is not None and node.parent.type == "variable_declarator":
            name = node.parent.child_by_field_name("name")
        if name is not None and node.child_by_field_name("body") is not None:
            yield _Found(node, text_of(name), around)


def _around(node: Node, grammar: Grammar) -> Node | None:
    """The innermost function or class around a node."""
    parent = node.parent
    while parent is not None and parent.type not in grammar.functions and parent.type not in _CLASSES:
        parent = parent.parent
    return parent


def _parameters(
    function: Node, declared: Declared, hints: Mapping[str, str], shown: tuple[Type, ...] | None
) -> tuple[Type, ...]:
    """Those that must be given; optional ones and those with a default are left out."""
    types = []
    for node in _declarations(function):
        pattern = node.child_by_field_name("pattern") or node
        name = text_of(pattern) if pattern.type == "identifier" else ""
        annotation = node.child_by_field_name("type")
        if annotation is not None:
            types.append(declared.type_of(annotation))
        elif name in hints:
            types.append(type_of_text(hints[name], declared))
        else:
            types.append(UNKNOWN)
        example = shown[len(types) - 1] if shown is not None and len(types) <= len(shown) else UNKNOWN
        types[-1] = _refined(types[-1], example, name)
    return tuple(types)


def _declarations(function: Node) -> Iterator[Node]:
    group = function.child_by_field_name("parameters")
    alone = function.child_by_field_name("parameter")
    for node in group.named_children if group else [alone] if alone else []:
        pattern = node.child_by_field_name("pattern")
        optional = node.type in ("optional_parameter", "assignment_pattern", "rest_pattern", "comment")
        is_rest = pattern is not None and pattern.type in ("rest_pattern", "this")
        if not (optional or is_rest or node.child_by_field_name("value") is not None):
            yield node


def _refined(declared: Type, example: Type, name: str) -> Type:
    """What is declared, where examples and names say nothing more: whether numbers are whole, for one."""
    if declared == UNKNOWN:
        return example if example != UNKNOWN else type_of_name(name)
    if declared == INT:
        guessed = type_of_name(name)
        return next((t for t in (example, guessed) if t.kind == "float"), declared)
    if declared.kind == "list" and example.kind == "list" and declared.of and example.of:
        return Type("list", (_refined(declared.of[0], example.of[0], ""),))
    return declared
