"""Facts of a program's functions from its syntax tree.

What is known here is told by names alone: no types, no data flow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rlcf.languages.syntax import Grammar, MissingGrammar, Span, parser, walk
from rlcf.records import MethodFacts

if TYPE_CHECKING:
    from tree_sitter import Node

_LARGEST = 1 << 20
"""Bytes of a source that facts are taken of."""


def facts_of(source: str, grammar: Grammar, within: Span | None = None) -> tuple[MethodFacts, ...] | None:
    """Facts of each function; `None` where the grammar is not installed, or the source too large.

    Args:
        within: only of functions that have a part in it; a file may have many others.
    """
    try:
        return function_facts(source, grammar, within)
    except MissingGrammar:
        return None


def function_facts(source: str, grammar: Grammar, within: Span | None = None) -> tuple[MethodFacts, ...] | None:
    """Facts of each function with a body, in source order; `None` for a source too large to be parsed each time."""
    code = source.encode("utf-8", "replace")
    if len(code) > _LARGEST:
        return None
    return tuple(function.facts() for function in functions_in(code, grammar, within and _bytes(source, within)))


def functions_in(code: bytes, grammar: Grammar, within: Span | None = None) -> Iterator[Function]:
    """Each function with a body, in source order.

    Args:
        within: in bytes.
    """
    for node in walk(parser(grammar).parse(code).root_node, within, named=True):
        if node.type in grammar.functions and _body(node, grammar) is not None:
            yield Function(node, code, grammar)


def _bytes(source: str, span: Span) -> Span:
    """A span in characters, in bytes."""
    start, end = span
    before = len(source[:start].encode("utf-8", "replace"))
    return before, before + len(source[start:end].encode("utf-8", "replace"))


def _body(node: Node, grammar: Grammar) -> Node | None:
    holder = next((child for child in node.children if child.type in grammar.bodies), None)
    return holder.named_children[-1] if holder and holder.named_children else node.child_by_field_name("body")


class Function:
    """One function: its node, and what is asked of it."""

    def __init__(self, node: Node, code: bytes, grammar: Grammar) -> None:
        body = _body(node, grammar)
        assert body is not None
        self.node, self.body, self._code, self._grammar = node, body, code, grammar
        self._is_expression = bool(grammar.blocks) and body.type not in grammar.blocks
        self._nodes = [(node, node.type) for node in walk(body, named=True)]  # asked for once: each asks the tree
        described = self.docstring()
        self._statements = [n for n, kind in self._nodes if self._counts(n, kind) and n != described]
        if self._is_expression:
            self._statements.insert(0, body)

    def facts(self) -> MethodFacts:
        grammar = self._grammar
        nodes = self._nodes
        read = {self.text(n) for n, kind in nodes if kind in grammar.identifiers and not self._is_written(n)}
        read |= {name for n, kind in nodes if kind in grammar.texts for name in grammar.in_texts.findall(self.text(n))}
        parameters = self._parameters()
        called = [self._callee(n) for n, kind in nodes if kind in grammar.calls]
        return MethodFacts(
            name=self._name(),
            offset=len(self._code[: self.head_end()].decode("utf-8", "replace")) - 1,
            statements=len(self._statements),
            parameters=parameters,
            parameters_read=tuple(name for name in parameters if name in read),
            returns_literal=len(self._statements) == 1 and self._is_literal(self._statements[0]),
            calls=tuple(dict.fromkeys(name for name in called if name)),
            nesting=max((self._depth(n) for n in self._statements), default=0),
        )

    def text(self, node: Node) -> str:
        return self._code[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _counts(self, node: Node, kind: str) -> bool:
        """Whether a node is a statement of its own, and more than a semicolon."""
        grammar = self._grammar
        if grammar.value_blocks and node.parent is not None and node.parent.type in grammar.value_blocks:
            return node.is_named and kind not in grammar.value_blocks and not node.is_extra
        if kind not in grammar.statements:
            return False
        in_head = kind == "declaration" and node.parent is not None and node.parent.type == "for_statement"
        is_empty = kind == "expression_statement" and [n.type for n in node.children] == [";"]
        return not in_head and not is_empty

    def docstring(self) -> Node | None:
        """The statement that only describes the function."""
        first = next(iter(self.body.named_children), None) if self._grammar.docstrings else None
        is_text = first is not None and [n.type for n in first.named_children] == ["string"]
        return first if is_text and first is not None and first.type == "expression_statement" else None

    def head_end(self) -> int:
        """In bytes, where what stands before the body's own code ends: its opening, or its docstring.

        Where a text can describe a function from inside, a comment in the same line belongs to it.
        """
        docstring = self.docstring()
        if docstring is None:
            return self._after_comment(self.opening_end(), self.node)
        return self._after_comment(docstring.end_byte, self.body)

    def opening_end(self) -> int:
        """In bytes, where the mark that opens the body ends."""
        if self._code[self.body.start_byte : self.body.start_byte + 1] == b"{":
            return self.body.start_byte + 1
        before = self.body.prev_sibling
        while before is not None and before.type == "comment":
            before = before.prev_sibling
        return self.body.start_byte if before is None else before.end_byte

    def _after_comment(self, end: int, parent: Node) -> int:
        if not self._grammar.docstrings:
            return end
        comments = (n for n in parent.children if n.type == "comment" and n.start_byte >= end)
        return next((n.end_byte for n in comments if b"\n" not in self._code[end : n.start_byte]), end)

    def _name(self) -> str:
        node = self.node.child_by_field_name("name") or self._declarator("declarator")
        if node is None and self.node.parent is not None:
            node = self.node.parent.child_by_field_name("name")  # a variable that holds the function
        return "" if node is None else self.text(node)

    def _parameters(self) -> tuple[str, ...]:
        lists = (n for n in self.node.children if n.type in self._grammar.parameter_lists)
        group = self.node.child_by_field_name("parameters") or self._declarator("parameters") or next(lists, None)
        alone = self.node.child_by_field_name("parameter")
        written = group.named_children if group else [alone] if alone else []
        receivers = self._grammar.receivers
        names = [self.text(n) for each in written if each.type not in receivers for n in self._declared(each)]
        return tuple(name for name in names if name not in receivers)

    def _declarator(self, field: str) -> Node | None:
        """A part of the function's declarator, which C may wrap in others: `int *name(int a)`."""
        node = self.node.child_by_field_name("declarator")
        while node is not None and node.type != "function_declarator":
            wrapped = (n for n in node.named_children if n.type.endswith("declarator"))
            node = node.child_by_field_name("declarator") or next(wrapped, None)
        return None if node is None else node.child_by_field_name(field)

    def _declared(self, parameter: Node) -> Sequence[Node]:
        """The names that a parameter declares."""
        if parameter.type in self._grammar.identifiers:
            return [parameter]
        if parameter.type in self._grammar.patterns:
            return [n for n in walk(parameter) if n.type in self._grammar.identifiers]
        for field in ("name", "pattern", "declarator"):
            named = parameter.children_by_field_name(field)
            if named:
                return [n for part in named for n in walk(part) if n.type in self._grammar.identifiers]
        first = next((n for n in walk(parameter) if n.type in self._grammar.identifiers), None)
        return [] if first is None else [first]

    def _is_written(self, node: Node) -> bool:
        parent = node.parent
        while parent is not None and parent.type in self._grammar.lists:
            node, parent = parent, parent.parent
        return (
            parent is not None
            and parent.type in self._grammar.assignments
            and parent.child_by_field_name("left") == node
        )

    def _callee(self, call: Node) -> str:
        function = call.child_by_field_name("function") or call.child_by_field_name("macro") or call.named_child(0)
        named = self._grammar.identifiers | self._grammar.members
        names = [n for n in walk(function) if n.type in named] if function else []
        return self.text(names[-1]) if names else ""

    def _is_literal(self, statement: Node) -> bool:
        grammar = self._grammar
        while statement.type == "expression_statement" and len(statement.named_children) == 1:
            statement = statement.named_children[0]
        if statement.type in grammar.throws or self._is_thrown(statement):
            return True
        if (
            statement.parent is not None
            and statement.parent.type in grammar.value_blocks
            and self._is_constant(statement)
        ):
            return True
        if self._is_expression and statement == self.body:
            return self._is_constant(statement)
        values = [n for n in statement.named_children if n.type != "comment"]
        return statement.type in grammar.returns and all(self._is_constant(value) for value in values)

    def _is_thrown(self, call: Node) -> bool:
        return call.type in self._grammar.calls and self._callee(call) in self._grammar.throwing

    def _is_constant(self, value: Node) -> bool:
        """Whether an expression is a literal, also one with a sign or in parentheses."""
        while value.type in ("unary_operator", "unary_expression", "parenthesized_expression") and value.named_children:
            value = value.named_children[-1]
        if value.type in self._grammar.identifiers and self.text(value) in self._grammar.constants:
            return True
        grammar = self._grammar
        return value.type in grammar.literals and not any(
            n.type in grammar.identifiers or (n.type in grammar.texts and grammar.in_texts.search(self.text(n)))
            for n in walk(value)
        )

    def _depth(self, statement: Node) -> int:
        depth, node = 0, statement.parent
        while node is not None and node != self.body:
            is_control = node.type in self._grammar.control
            depth += is_control and (node.parent is None or node.parent.type not in self._grammar.chained)
            node = node.parent
        return depth
