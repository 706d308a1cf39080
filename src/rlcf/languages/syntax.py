"""Programs as syntax trees, by tree-sitter: one small table for each language, and where the blocks of a text end.

The trees are those of https://tree-sitter.github.io; a text with errors has one too.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rlcf.errors import ConfigError

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_IN_BRACES = re.compile(r"\{(\w+)")

Mark = tuple[bool, int, int]
"""Whether a mark opens a block, and where it starts and ends."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What the nodes of a language's syntax tree mean. Each set holds types of nodes."""

    module: str
    """The package that has the grammar, such as `tree_sitter_python`."""
    functions: frozenset[str]
    statements: frozenset[str]
    """What counts as a statement; blocks, and statements that do nothing, are not among them."""
    control: frozenset[str]
    """Branches, loops and the like, which enclose statements."""
    chained: frozenset[str]
    """Parts of a branch that hold another one at the same depth, such as `else if`."""
    identifiers: frozenset[str]
    calls: frozenset[str]
    assignments: frozenset[str]
    """Nodes whose field `left` is written and not read."""
    returns: frozenset[str]
    literals: frozenset[str]
    throws: frozenset[str]
    """Statements that end a function with an error."""
    receivers: frozenset[str] = frozenset()
    """Parameters that stand for the object: their names, or types of their nodes."""
    members: frozenset[str] = frozenset()
    """Names of fields and methods behind a dot, where they are no `identifiers`."""
    patterns: frozenset[str] = frozenset()
    """Parameters that declare all names that stand in them."""
    blocks: frozenset[str] = frozenset()
    """Bodies of statements, where there are others: an expression that is returned."""
    value_blocks: frozenset[str] = frozenset()
    """Blocks of which each part is a statement, whatever its type is, for the last part is the block's value."""
    throwing: frozenset[str] = frozenset()
    """Names of functions and macros that end a function with an error."""
    lists: frozenset[str] = frozenset()
    """What groups the names that one assignment writes."""
    texts: frozenset[str] = frozenset()
    """Parts of texts that may name variables."""
    in_texts: re.Pattern[str] = _IN_BRACES
    """How they are named there; its group is the name."""
    bodies: frozenset[str] = frozenset()
    """What holds a function's body as its last part, where no field does."""
    parameter_lists: frozenset[str] = frozenset()
    """The parts of a function that hold its parameters, where no field does."""
    constants: frozenset[str] = frozenset()
    """Identifiers that are literals."""
    docstrings: bool = False
    """Whether a text that begins a body only describes it."""
    opening: frozenset[str] = frozenset({"{", "${"})
    closing: frozenset[str] = frozenset({"}"})
    """Leaves that open and close a block."""
    unclosed: frozenset[str] = frozenset()
    """Leaves that begin a text which is not finished where they stand in an error, or where the parser has made up its
    end: no mark counts from there on."""
    unclosed_in_line: frozenset[str] = frozenset()
    """The same, to the end of the line."""
    hidden: re.Pattern[bytes] | None = None
    """Comments and texts, also unfinished ones: with this, each opening and closing character outside of them is a mark
    of a block, and no tree is needed."""
    function: str = "language"
    """The function of the package that gives the grammar."""


Span = tuple[int, int]
"""Where a part of a source starts and ends, in characters."""


def block_end(grammar: Grammar, context: str, completion: str, suffix: str = "") -> int | None:
    """How many characters of `completion` belong to the program; `None` while it is not finished.

    The program ends with the mark that brings the depth of blocks back to what the suffix closes. Where the completion
    begins at that depth, it ends before the mark that would go below it, for that is the suffix's.
    """
    begin = len(context.encode("utf-8", "replace"))
    code = (context + completion).encode("utf-8", "replace")
    end = end_of_blocks(_marks(grammar, code), begin, _closed_by(grammar, suffix))
    return None if end is None else len(code[begin:end].decode("utf-8", "replace"))


def end_of_blocks(marks: Iterable[Mark], begin: int, closed: int) -> int | None:
    """Where a completion that starts at `begin` ends, by the marks of the whole text; `None` while it is not finished.

    Args:
        closed: how many blocks the suffix closes that it has not opened.
    """
    depth, depth_at_begin = 0, None
    for opens, start, end in marks:
        if end > begin and depth_at_begin is None:
            depth_at_begin = depth
        depth = depth + 1 if opens else max(depth - 1, 0)
        if depth_at_begin is None or opens:
            continue
        if (closed == 0 or depth_at_begin > closed) and depth == closed:
            return end
        if depth_at_begin == closed and depth < closed:
            return start
    return None


def open_marks(grammar: Grammar, text: str) -> list[int]:
    """Where the blocks begin that are open at the end of a text, in characters, in source order."""
    code, opened = text.encode("utf-8", "replace"), list[int]()
    for opens, start, _ in _marks(grammar, code):
        if opens:
            opened.append(start)
        elif opened:
            opened.pop()
    return [len(code[:start].decode("utf-8", "replace")) for start in opened]


def open_blocks(grammar: Grammar, text: str, suffix: str = "") -> int:
    """How many blocks of a text are open at its end, less those that the suffix closes."""
    depth = 0
    for opens, _, _ in _marks(grammar, text.encode("utf-8", "replace")):
        depth = depth + 1 if opens else max(depth - 1, 0)
    return max(depth - _closed_by(grammar, suffix), 0)


def closed(grammar: Grammar, context: str, suffix: str) -> bytes:
    """A program without a completion: the blocks that are open where it stands are closed there."""
    closing = "}" * open_blocks(grammar, context, suffix)
    return f"{context}\n{closing}\n{suffix}".encode("utf-8", "replace")


@functools.lru_cache(maxsize=256)
def _closed_by(grammar: Grammar, suffix: str) -> int:
    """How many blocks a text closes that it has not opened."""
    return unopened(_marks(grammar, suffix.encode("utf-8", "replace")))


def unopened(marks: Iterable[Mark]) -> int:
    """How many blocks a text closes that it has not opened."""
    depth = lowest = 0
    for opens, _, _ in marks:
        depth += 1 if opens else -1
        lowest = min(lowest, depth)
    return -lowest


def _marks(grammar: Grammar, code: bytes) -> Iterator[Mark]:
    """The marks of blocks in source order, their places in bytes."""
    if grammar.hidden is not None:
        yield from _visible_marks(grammar, grammar.hidden, code)
        return
    counts_from = 0
    for node in walk(parser(grammar).parse(code).root_node):
        if node.type in grammar.unclosed | grammar.unclosed_in_line and _is_unfinished(node.parent):
            line_end = code.find(b"\n", node.start_byte)
            counts_from = len(code) if node.type in grammar.unclosed or line_end < 0 else max(counts_from, line_end)
        if not node.children and node.end_byte > max(node.start_byte, counts_from):  # one that is made up has no length
            if node.type in grammar.opening:
                yield True, node.start_byte, node.end_byte
            elif node.type in grammar.closing:
                yield False, node.start_byte, node.end_byte


def _is_unfinished(text: Node | None) -> bool:
    return text is not None and (text.type == "ERROR" or text.children[-1].is_missing)


def _visible_marks(grammar: Grammar, hidden: re.Pattern[bytes], code: bytes) -> Iterator[Mark]:
    visible = hidden.sub(lambda text: b" " * len(text[0]), code)
    for place, character in enumerate(visible.decode("latin-1")):
        if character in grammar.opening:
            yield True, place, place + 1
        elif character in grammar.closing:
            yield False, place, place + 1


def leaves(grammar: Grammar, code: bytes) -> Iterator[Node]:
    """The leaves of a text's tree in source order, without those that the parser has made up: they have no length."""
    for node in walk(parser(grammar).parse(code).root_node):
        if not node.children and node.end_byte > node.start_byte:
            yield node


def text_of(node: Node) -> str:
    """What stands there in the source."""
    return (node.text or b"").decode("utf-8", "replace")


class MissingGrammar(ConfigError, ImportError):
    """The package with a language's grammar is not installed."""


@functools.lru_cache(maxsize=32)
def parser(grammar: Grammar) -> Parser:
    """The parser of a language. Raises `MissingGrammar`."""
    try:
        from tree_sitter import Language, Parser

        package = importlib.import_module(grammar.module)
    except ImportError as error:
        missing = f"{grammar.module.replace('_', '-')} is not installed: pip install 'rlcf[languages]'"
        raise MissingGrammar(missing) from error
    return Parser(Language(getattr(package, grammar.function)()))


def walk(node: Node, within: Span | None = None, *, named: bool = False) -> Iterator[Node]:
    """A node and all nodes in it, in source order.

    Args:
        within: those that have no part in this span, in bytes, are left out.
        named: keywords and marks are left out: about half of the nodes.
    """
    left = [node]
    while left:
        node = left.pop()
        if within is None or (node.start_byte <= within[1] and node.end_byte >= within[0]):
            yield node
            left += reversed(node.named_children if named else node.children)
