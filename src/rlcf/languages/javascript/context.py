"""What a test takes from the context of its task, and not from the program: functions and constants.

They run in the test's process, where no completion can change them. What uses a class, a variable or an import of the
context stays the program's: its objects, and what its functions remember, are in the program's process alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rlcf.languages.syntax import Grammar, closed, parser, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

_CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})
_TYPES = frozenset({"interface_declaration", "type_alias_declaration"})
_DECLARATIONS = frozenset({"function_declaration", "enum_declaration", "lexical_declaration"})
_OF_PROCESS = frozenset({"this", "process"})
"""Names that mean something else in the test's process; a function with `this` may be a class."""
_PROTOTYPE = b"prototype"
"""A context with this word adds to classes, or to JavaScript's own."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """Functions or constants at the top level."""

    text: str
    names: frozenset[str]
    uses: frozenset[str]
    """All names that stand in it."""


def own_declarations(grammar: Grammar, context: str, suffix: str) -> list[Declaration]:
    """The complete declarations before and after a completion that use no class, variable or import of the context.

    They may call the function that the context leaves open, and others that it lacks.
    """
    begin, code = len(context.encode("utf-8", "replace")), closed(grammar, context, suffix)
    if _PROTOTYPE in code:
        return []
    found, opened, foreign = list[Declaration](), set[str](), set(_OF_PROCESS)
    for statement in parser(grammar).parse(code).root_node.named_children:
        node = statement.child_by_field_name("declaration") or statement
        names = frozenset(_declared(node, grammar))
        if statement.start_byte < begin < statement.end_byte and node.type not in _CLASSES:
            opened |= names
        elif names and _is_own(node):
            found.append(Declaration(text_of(node), names, frozenset(_names(node, grammar))))
        elif node.type not in _TYPES:
            foreign |= names
    return _independent([each for each in found if not each.names & opened], foreign)


def script(text: str, declarations: Sequence[Declaration]) -> str:
    """An expression with the value of each name that the declarations, of which `text` is the JavaScript, declare."""
    names = sorted(frozenset[str]().union(*(each.names for each in declarations)))
    return f"(function () {{\n{text}\nreturn {{ {', '.join(names)} }};\n}})()"


def _independent(declarations: list[Declaration], foreign: set[str]) -> list[Declaration]:
    """Those that use no foreign name, nor one that does."""
    dependent = [each for each in declarations if each.uses & foreign]
    if not dependent:
        return declarations
    rest = [each for each in declarations if each not in dependent]
    return _independent(rest, foreign.union(*(each.names for each in dependent)))


def _is_own(node: Node) -> bool:
    if node.type not in _DECLARATIONS or node.has_error:
        return False
    if node.type != "lexical_declaration":
        return True
    values = [each.child_by_field_name("value") for each in node.named_children if each.type == "variable_declarator"]
    return node.children[0].type == "const" and all(value is not None and _is_constant(value) for value in values)


def _is_constant(value: Node) -> bool:
    """Whether it is no class, and no empty container, which functions fill."""
    if value.type in ("as_expression", "satisfies_expression", "parenthesized_expression"):
        return _is_constant(value.named_children[0])
    arguments = value.child_by_field_name("arguments") if value.type == "new_expression" else value
    may_be_empty = value.type in ("new_expression", "array", "object")
    return value.type not in _CLASSES and not (may_be_empty and (arguments is None or not arguments.named_children))


def _declared(node: Node, grammar: Grammar) -> Iterator[str]:
    """The names that a statement at the top level declares or assigns to."""
    if node.type == "import_statement":
        yield from _names(node, grammar)
    for each in (node, *node.named_children):
        for field in ("name", "left"):
            written = each.child_by_field_name(field)
            if written is not None:
                yield from _names(written, grammar)


def _names(node: Node, grammar: Grammar) -> Iterator[str]:
    types = grammar.identifiers | {"type_identifier", "this"}
    return (text_of(each) for each in walk(node) if each.type in types)
