"""Types as TypeScript writes them, and JSDoc with it, as types of generated inputs."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING

from rlcf.languages.driving.inputs import BOOL, FLOAT, INT, NONE, TEXT, UNKNOWN, Type
from rlcf.languages.syntax import parser, text_of, walk

if TYPE_CHECKING:
    from tree_sitter import Node

NAMES = {
    **{"number": INT, "string": TEXT, "boolean": BOOL, "any": UNKNOWN, "unknown": UNKNOWN, "object": UNKNOWN},
    **{"null": NONE, "undefined": NONE, "void": NONE, "float": FLOAT, "int": INT, "integer": INT, "bool": BOOL},
    **{"Number": INT, "String": TEXT, "Boolean": BOOL, "Object": UNKNOWN, "*": UNKNOWN, "PropertyKey": TEXT},
}
_LISTS = frozenset({"Array", "ReadonlyArray", "Iterable", "ArrayLike"})
_SETS = frozenset({"Set", "ReadonlySet"})
_MAPS = frozenset({"Map", "ReadonlyMap"})
_SAME = frozenset({"Readonly", "Partial", "Required", "NonNullable"})
_DEEPEST = 3
"""Types that are named within one another; a type may name itself."""


class Declared:
    """The types that a program declares by name."""

    def __init__(self, root: Node) -> None:
        self._named: dict[str, Node] = {}
        self._depth = 0
        kinds = ("interface_declaration", "type_alias_declaration", "enum_declaration", "type_parameter")
        for node in walk(root):
            name = node.child_by_field_name("name") if node.type in kinds else None
            if name is not None:
                self._named[text_of(name)] = node

    def type_of(self, node: Node) -> Type:
        """The type that an annotation means; one whose values cannot be made is an object."""
        parts = [n for n in node.named_children if n.type != "comment"]
        match node.type:
            case "type_annotation" | "parenthesized_type" | "readonly_type" if parts:
                return self.type_of(parts[0])
            case "predefined_type" | "type_identifier" | "identifier":
                return self._of_name(node)
            case "array_type":
                return Type("list", (self.type_of(parts[0]),))
            case "tuple_type":
                return Type("tuple", tuple(self.type_of(part) for part in parts))
            case "union_type":
                return _union([self.type_of(part) for part in parts])
            case "literal_type":
                return _literal(node)
            case "generic_type":
                return self._generic(node)
            case "object_type" | "interface_body":
                return self._record(parts)
        return Type("object", name=text_of(node))

    def _of_name(self, node: Node) -> Type:
        name = text_of(node)
        if name in NAMES:
            return NAMES[name]
        declaration = self._named.get(name)
        if declaration is None:
            return Type("list", (UNKNOWN,)) if name in _LISTS else Type("object", name=name)
        if declaration.type == "type_parameter":
            return INT
        if declaration.type == "enum_declaration":
            return _enum(declaration)
        body = declaration.child_by_field_name("body") or declaration.child_by_field_name("value")
        extends = any(child.type == "extends_type_clause" for child in declaration.children)
        if body is None or extends or self._depth == _DEEPEST:
            return Type("object", name=name)
        self._depth += 1
        of = self.type_of(body)
        self._depth -= 1
        return of

    def _generic(self, node: Node) -> Type:
        named = node.child_by_field_name("name")
        name = text_of(named) if named else ""
        group = next((n for n in node.named_children if n.type == "type_arguments"), None)
        of = tuple(self.type_of(n) for n in group.named_children) if group else ()
        if name in _LISTS:
            return Type("list", of[:1] or (UNKNOWN,))
        if name in _SETS:
            return Type("set", of[:1] or (UNKNOWN,))
        if name in _MAPS or name == "Record":
            return Type("map", (*of, *((TEXT, INT)[len(of) :]))[:2], "Map" if name in _MAPS else "")
        if name in _SAME and of:
            return of[0]
        return self._of_name(named) if named is not None and name in self._named else Type("object", name=text_of(node))

    def _record(self, members: list[Node]) -> Type:
        """An object with named members, or one whose members are values by any name."""
        names, types = [], []
        for member in members:
            annotation = member.child_by_field_name("type") or next(
                (n for n in member.named_children if n.type == "type_annotation"), None
            )
            if member.type == "index_signature" and annotation is not None:
                return Type("map", (TEXT, self.type_of(annotation)))
            name = member.child_by_field_name("name")
            if member.type != "property_signature" or name is None or annotation is None:
                return Type("object", name="an object with methods")
            optional = any(child.type == "?" for child in member.children)
            if not optional:
                names.append(text_of(name).strip("'\""))
                types.append(self.type_of(annotation))
        return Type("record", tuple(types), json.dumps(names))


def type_of_text(text: str, declared: Declared) -> Type:
    """The type that JSDoc writes between braces."""
    text = text.strip().rstrip("=").lstrip("?!").removeprefix("...").replace(".<", "<") or "*"
    if text == "*":
        return UNKNOWN
    node = _parsed(text)
    return UNKNOWN if node is None else declared.type_of(node)


@functools.lru_cache(maxsize=256)
def _parsed(text: str) -> Node | None:
    from rlcf.languages.typescript.facts import GRAMMAR

    tree = parser(GRAMMAR).parse(f"let x: {text};".encode("utf-8", "replace"))
    return next((n for n in walk(tree.root_node) if n.type == "type_annotation" and not n.has_error), None)


def _enum(declaration: Node) -> Type:
    """One of the values of an enumeration's members: those that are given, or whole numbers that go on."""
    body, values, following = declaration.child_by_field_name("body"), [], 0
    for member in body.named_children if body else []:
        given = member.child_by_field_name("value")
        value = following if given is None else _literal(given)
        if isinstance(value, int):
            following = value + 1
            value = Type("constant", name=json.dumps(value))
        elif value.kind == "constant" and isinstance(json.loads(value.name), int):
            following = json.loads(value.name) + 1
        if member.type != "comment":
            values.append(value)
    return _union(values) if values else NONE


def _union(types: list[Type]) -> Type:
    flat = [part for t in types for part in (t.of if t.kind == "union" else (t,))]
    makeable = [t for t in flat if t.kind != "object"] or flat
    distinct = tuple(dict.fromkeys(makeable))
    return distinct[0] if len(distinct) == 1 else Type("union", distinct)


def _literal(node: Node) -> Type:
    text = text_of(node)
    if text in NAMES:
        return NAMES[text]
    if text[:1] in "'\"":
        return Type("constant", name=json.dumps(text[1:-1]))
    try:
        return Type("constant", name=json.dumps(json.loads(text)))
    except ValueError:
        return Type("object", name=text)
