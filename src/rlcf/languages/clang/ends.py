"""The structure of C and C++ text that may be unfinished: where a program ends, what closes it, an empty body.

A block of a class, a structure, a union or an enumeration, and the values of a variable, end with a semicolon after the
brace.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rlcf.languages.syntax import Grammar, block_end, open_marks, parser
from rlcf.records import Task

if TYPE_CHECKING:
    from tree_sitter import Node

_SEMICOLON = re.compile(r"\s*;")
_HEAD = re.compile(r"[^;{}]*\Z")
_TYPE = re.compile(r"(?:^|[\s>])(?:class|struct|union|enum)\b[^()]*\Z")
_VALUES = re.compile(r"(?:=|\]|return)\s*\Z")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_NOT_OF_THE_TYPE = re.compile(r"\b(?:static|inline|extern|constexpr|virtual|explicit|friend|register|_Noreturn)\b")


def program_end(grammar: Grammar, context: str, completion: str, suffix: str = "") -> int | None:
    """See `syntax.block_end`; a semicolon that has to follow belongs to the program."""
    end = block_end(grammar, context, completion, suffix)
    if end is None or completion[end - 1 : end] != "}" or _SEMICOLON.match(suffix):
        return end
    opened = open_marks(grammar, context + completion[: end - 1])
    if not opened or not _needs_semicolon((context + completion)[: opened[-1]]):
        return end
    semicolon = _SEMICOLON.match(completion, end)
    return semicolon.end() if semicolon else None


def closing(grammar: Grammar, source: str) -> str:
    """What would close all blocks that are open, in one line."""
    marks = ["};" if _needs_semicolon(source[:at]) else "}" for at in reversed(open_marks(grammar, source))]
    return " ".join(marks)


def _needs_semicolon(before: str) -> bool:
    """Whether a semicolon has to follow the block that is opened after a text."""
    head = _HEAD.search(_COMMENT.sub(" ", before))
    return head is not None and bool(_TYPE.search(head[0]) or _VALUES.search(head[0]))


def stub(grammar: Grammar, task: Task) -> str | None:
    """A body that returns nothing but a constant; `None` where no block is open."""
    closed = closing(grammar, task.context)
    if not closed:
        return None
    return f"    {_constant(grammar, task.context + closed)}\n{closed}\n"


def _constant(grammar: Grammar, source: str) -> str:
    """A statement that leaves the last function of a text with a constant; empty where it returns nothing."""
    code = source.encode("utf-8", "replace")
    left, last = [parser(grammar).parse(code).root_node], None
    while left:
        node = left.pop()
        if node.type == "function_definition":
            last = node if last is None or node.start_byte > last.start_byte else last
        left += node.children
    if last is None:
        return ""
    returned = _returned(last, code)
    if returned in ("", "void"):
        return ""
    if grammar.throws:
        return "throw 0;" if "&" in returned or "auto" in returned else "return {};"
    return "return 0;" if returned.endswith("*") or _is_number(returned) else f"return ({returned}){{0}};"


def _returned(function: Node, code: bytes) -> str:
    """The type that a function returns, without what does not belong to the type; empty for a constructor."""
    kind, declarator = function.child_by_field_name("type"), function.child_by_field_name("declarator")
    if kind is None or declarator is None:
        return ""
    name = code[declarator.start_byte : declarator.end_byte].decode("utf-8", "replace")
    marks = re.match(r"[\s*&]*", name)
    text = code[kind.start_byte : kind.end_byte].decode("utf-8", "replace") + (
        "".join(marks[0].split()) if marks else ""
    )
    return _NOT_OF_THE_TYPE.sub("", text).strip()


def _is_number(kind: str) -> bool:
    return not re.search(r"\b(?:struct|union)\b", kind) and bool(
        re.search(r"\b(?:int|char|long|short|float|double|unsigned|signed|bool|_Bool|enum|\w+_t)\b", kind)
    )
