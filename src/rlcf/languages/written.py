"""What a judge sees of a completion, from the syntax tree: the function that was written, and none of its prose.

Comments go and texts are emptied, so that a task's own words earn nothing there. What stands behind the function is not
shown. It works for each language that has a `Grammar`; Java has rules of its own (`java/judged.py`). For a language
without one, `without_prose` does the same with a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rlcf.languages.syntax import Grammar, parser, walk
from rlcf.records import Task

if TYPE_CHECKING:
    from tree_sitter import Node

_PROSE = frozenset(
    {
        *("comment", "line_comment", "block_comment"),
        *("string_content", "string_fragment", "raw_string_content", "escape_sequence"),
        *("interpreted_string_literal_content", "raw_string_literal_content"),
    }
)
"""Types of nodes, as the grammars that are used name them. Values within a text are nodes of other types, and stay."""

Edit = tuple[int, int, bytes]
"""The bytes from one place to another, and what stands there instead."""


def written_code(grammar: Grammar, task: Task, completion: str, end: int | None) -> str:
    """The written function as it stands, without comments, texts and empty lines.

    Args:
        end: how many characters of the completion belong to the program, if that is known.

    Raises:
        MissingGrammar: the language's grammar is not installed.
    """
    code, begin, stop, inside = _parsed(grammar, task, completion, end)
    return _shown(code, begin, stop, [_left_out(code, node) for node in inside if node.type in _PROSE])


def judged_code(grammar: Grammar, task: Task, completion: str, end: int | None) -> str:
    """The same; names that the completion makes up are `v0`, `v1`, … in the order in which they come.

    Names that stand in the context stay, and so do those behind a dot and those that are called: they are a library's.
    """
    code, begin, stop, inside = _parsed(grammar, task, completion, end)
    given = _words(grammar, code[:begin])
    numbers: dict[bytes, int] = {}
    edits: list[Edit] = []
    for node in inside:
        name = code[node.start_byte : node.end_byte]
        if node.type in _PROSE:
            edits.append(_left_out(code, node))
        elif node.type in grammar.identifiers and name not in given and not _is_foreign(grammar, code, node):
            edits.append((node.start_byte, node.end_byte, b"v%d" % numbers.setdefault(name, len(numbers))))
    return _shown(code, begin, stop, edits)


def without_prose(text: str, prose: re.Pattern[str]) -> str:
    """A text without comments, without what stands in quotes, and without empty lines.

    Args:
        prose: finds comments; in its group `quote` the mark that a text begins with; in its group `kept` what stays.
    """

    def shown(found: re.Match[str]) -> str:
        return found[0] if found.lastgroup == "kept" else 2 * (found["quote"] or "")

    return _lines(prose.sub(shown, text))


def _parsed(grammar: Grammar, task: Task, completion: str, end: int | None) -> tuple[bytes, int, int, Iterator[Node]]:
    """The text up to the program's end, where the written function's part begins and ends, and the nodes in it."""
    code = (task.context + completion[:end]).encode("utf-8", "replace")
    begin = len(task.context.encode("utf-8", "replace"))
    root = parser(grammar).parse(code).root_node
    around = [n for n in walk(root) if n.type in grammar.functions and n.start_byte < begin < n.end_byte]
    stop = around[-1].end_byte if around else len(code)
    return code, begin, stop, (n for n in walk(root) if begin <= n.start_byte < n.end_byte <= stop)


def _left_out(code: bytes, node: Node) -> Edit:
    """A comment may hold the end of its line, which stays."""
    return node.start_byte, node.end_byte, b"\n" if code[node.start_byte : node.end_byte].endswith(b"\n") else b""


def _words(grammar: Grammar, code: bytes) -> set[bytes]:
    nodes = walk(parser(grammar).parse(code).root_node)
    return {code[n.start_byte : n.end_byte] for n in nodes if n.type in grammar.identifiers}


def _is_foreign(grammar: Grammar, code: bytes, node: Node) -> bool:
    """Whether a name is a member of something, or called."""
    before = code[: node.start_byte].rstrip()
    parent = node.parent
    return before.endswith((b".", b"::", b"->")) or (parent is not None and parent.type in grammar.calls)


def _shown(code: bytes, begin: int, stop: int, edits: list[Edit]) -> str:
    parts, at = [], begin
    for start, end, instead in edits:
        if start >= at:  # a part of a text that is left out goes with it
            parts += [code[at:start], instead]
            at = end
    shown = b"".join([*parts, code[at:stop]]).decode("utf-8", "replace")
    return _lines(shown)


def _lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())
