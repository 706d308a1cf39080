"""The structure of Python text that may be unfinished: where a function ends, and a body that does nothing.

Called at every token of a sample, so it is one regular expression over the text and a count.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from rlcf.records import Task

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\r\n]*)
    | (?P<text>\"\"\"(?:[^\\"]|\\.|"(?!""))*(?:\"\"\"|\Z) | '''(?:[^\\']|\\.|'(?!''))*(?:'''|\Z)
        | "(?:[^"\\\r\n]|\\(?:\r\n|.))*"? | '(?:[^'\\\r\n]|\\(?:\r\n|.))*'?)
    | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<joined>\\(?:\r\n|[\r\n])) | (?P<newline>\r\n|[\r\n])
    | (?P<blank>[ \t\f]+) | (?P<code>[^\s\#"'()\[\]{}\\]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_DEF = re.compile(r"(?:async[ \t]+)?def\b")
_INDENT = re.compile(r"[ \t]*\Z")
_BREAK = re.compile(r"(?:\r\n|\r|\n)\Z")
_TAB = 8


def program_end(context: str, completion: str, suffix: str = "") -> int | None:
    """How many characters of `completion` belong to the program; `None` while it is not finished.

    The innermost function that the context has left open ends before the first line that is indented no deeper than its
    `def`; blank lines and comments before that line do not belong to it, nor does its last line break where the suffix
    begins with one. A context that leaves no function open has no end.
    """
    depth, _, known = _open_at_end(context)
    if depth is None:
        return None
    begin = end = len(context) - known
    for start, stop, indent in logical_lines(context[known:] + completion):
        if start >= begin and indent <= depth:
            return _without_break(completion[: end - begin], suffix) if end > begin else None
        end = max(stop, begin)
    return None


def _without_break(written: str, suffix: str) -> int:
    return len(_BREAK.sub("", written) if suffix.startswith(("\n", "\r")) else written)


def stub(task: Task) -> str | None:
    """A completion that raises `NotImplementedError`; `None` where no function is open."""
    lines = list(logical_lines(task.context))
    depth = open_function(task.context)
    if depth is None:
        return None
    start = lines[-1][0]
    indent = _INDENT.search(task.context, 0, start)
    deeper = (indent[0] if indent else "") + ("    " if _DEF.match(task.context, start) else "")
    line = "" if task.context.endswith(("\n", "\r")) else "\n"
    return f"{line}{deeper}raise NotImplementedError\n"


def open_function(context: str) -> int | None:
    """The indentation of the innermost `def` that is open at the end of a text; `None` where none is."""
    return _open_at_end(context)[0]


def open_function_start(context: str) -> int | None:
    """Where the line of that `def` starts."""
    return _open_at_end(context)[1]


@functools.lru_cache(maxsize=64)
def _open_at_end(context: str) -> tuple[int | None, int | None, int]:
    """Indentation and line of that `def`, and where the last line of code starts: what is before need not be read."""
    opened: list[tuple[int, int]] = []
    known = 0
    for start, _, indent in logical_lines(context):
        known = max(context.rfind("\n", 0, start), context.rfind("\r", 0, start)) + 1
        while opened and indent <= opened[-1][0]:
            opened.pop()
        if _DEF.match(context, start):
            opened.append((indent, known))
    return (*(opened[-1] if opened else (None, None)), known)


def logical_lines(text: str) -> Iterator[tuple[int, int, int]]:
    """Where each line of code starts, behind its indentation, where it ends, after its line break, and its indentation.

    Lines that brackets, backslashes or texts join are one.
    """
    brackets = indent = 0
    start: int | None = None
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "newline" and brackets == 0:
            if start is not None:
                yield start, token.end(), indent
            start, indent = None, 0
        elif kind == "blank" and start is None:
            indent = _width(token[0], indent)
        elif kind in ("text", "open", "close", "code") and start is None:
            start = token.start()
        if kind == "open":
            brackets += 1
        elif kind == "close":
            brackets = max(brackets - 1, 0)
    if start is not None:
        yield start, len(text), indent


def _width(blank: str, before: int) -> int:
    for sign in blank:
        before = 0 if sign == "\f" else before + (_TAB - before % _TAB if sign == "\t" else 1)
    return before
