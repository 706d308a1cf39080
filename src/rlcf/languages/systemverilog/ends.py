"""Where a SystemVerilog program ends, what would close it, and one that does nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from rlcf.languages.syntax import end_of_blocks, unopened
from rlcf.languages.systemverilog.tokens import CLOSERS, blocks, tokens
from rlcf.records import Task

_BEGIN_OTHERS = ("end", "join")
"""Closing words that longer ones begin with."""
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def program_end(context: str, completion: str, suffix: str = "") -> int | None:
    """See `syntax.end_of_blocks`."""
    end = end_of_blocks(_marks(context + completion), len(context), _closed_by(suffix))
    return None if end is None else end - len(context)


def closing(source: str, suffix: str = "") -> str:
    """What would close all brackets, the statement and the blocks that are open, less those that the suffix closes."""
    words = []
    for opens, token in blocks(source):
        if opens:
            words.append(CLOSERS[token.text])
        elif words:
            words.pop()
    words = words[: len(words) - _closed_by(suffix)] if _closed_by(suffix) else words
    brackets, last = _open_brackets(source)
    if not words and not brackets:
        return ""
    statement = "" if last in ("", ";", *CLOSERS, *CLOSERS.values()) and not brackets else ";"
    line = "\n" if _ends_in_comment(source) else ""
    return f"{line}{brackets}{statement} {' '.join(reversed(words))}".rstrip()


def stub(task: Task) -> str | None:
    """A completion that closes what is open; `None` where nothing is."""
    closed = closing(task.context, task.suffix)
    return f"{closed}\n" if closed else None


@functools.lru_cache(maxsize=256)
def _closed_by(suffix: str) -> int:
    return unopened(_marks(f"{suffix}\n"))


def _marks(text: str) -> Iterator[tuple[bool, int, int]]:
    for opens, token in blocks(text):
        if token.end < len(text) or token.text not in _BEGIN_OTHERS:
            yield opens, token.start, token.end


def _open_brackets(source: str) -> tuple[str, str]:
    """What closes the brackets that are open, and the last token."""
    opened, last = [], ""
    for token in tokens(source):
        last = token.text
        if token.kind == "mark" and last in _BRACKETS:
            opened.append(_BRACKETS[last])
        elif token.kind == "mark" and opened and last == opened[-1]:
            opened.pop()
    return "".join(reversed(opened)), last


def _ends_in_comment(source: str) -> bool:
    """Whether what follows could belong to a comment of the last line."""
    return "//" in source[max(source.rfind("\n"), source.rfind("\r")) + 1 :]
